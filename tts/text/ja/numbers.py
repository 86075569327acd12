"""Numbers in Japanese, in kana: espeak-ng reads every kanji as "Chinese letter"."""

from functools import lru_cache

from num2words import num2words

from tts.text.rules import is_spelled

DIGITS = ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")

# fmt: off
_DAYS = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
    9: "ここのか", 10: "とおか", 14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか",
}
# fmt: on
_THINGS = (
    "",
    "ひとつ",
    "ふたつ",
    "みっつ",
    "よっつ",
    "いつつ",
    "むっつ",
    "ななつ",
    "やっつ",
    "ここのつ",
    "とお",
)
_PEOPLE = {1: "ひとり", 2: "ふたり"}

# How the end of a number changes before a counter that starts with the consonant.
_DOUBLED = (("いち", "いっ"), ("ろく", "ろっ"), ("はち", "はっ"), ("じゅう", "じゅっ"), ("ひゃく", "ひゃっ"))
_DOUBLING = {
    "k": frozenset({"いち", "ろく", "はち", "じゅう", "ひゃく"}),
    "h": frozenset({"いち", "ろく", "はち", "じゅう", "ひゃく"}),
    "s": frozenset({"いち", "はち", "じゅう"}),
    "t": frozenset({"いち", "はち", "じゅう"}),
}
_TO_P = {"は": "ぱ", "ひ": "ぴ", "ふ": "ぷ", "へ": "ぺ", "ほ": "ぽ"}
_TO_B = {"は": "ば", "ひ": "び", "ふ": "ぶ", "へ": "べ", "ほ": "ぼ"}

COUNTERS = {
    "円": ("えん", ""),
    "えん": ("えん", ""),
    "年": ("ねん", ""),
    "ねん": ("ねん", ""),
    "月": ("がつ", ""),
    "時間": ("じかん", ""),
    "時": ("じ", ""),
    "分間": ("ふんかん", "h"),
    "分": ("ふん", "h"),
    "秒": ("びょう", ""),
    "人": ("にん", ""),
    "にん": ("にん", ""),
    "個": ("こ", "k"),
    "こ": ("こ", "k"),
    "回": ("かい", "k"),
    "かい": ("かい", "k"),
    "階": ("かい", "k"),
    "か月": ("かげつ", "k"),
    "ヶ月": ("かげつ", "k"),
    "カ月": ("かげつ", "k"),
    "週間": ("しゅうかん", "s"),
    "歳": ("さい", "s"),
    "さい": ("さい", "s"),
    "冊": ("さつ", "s"),
    "点": ("てん", "t"),
    "本": ("ほん", "h"),
    "匹": ("ひき", "h"),
    "杯": ("はい", "h"),
    "枚": ("まい", ""),
    "台": ("だい", ""),
    "番": ("ばん", ""),
    "号": ("ごう", ""),
    "度": ("ど", ""),
    "倍": ("ばい", ""),
    "名": ("めい", ""),
    "位": ("い", ""),
    "割": ("わり", ""),
    "錠": ("じょう", ""),
    "件": ("けん", "k"),
    "軒": ("けん", "k"),
    "通": ("つう", "t"),
    "丁目": ("ちょうめ", "t"),
    "ページ": ("ページ", ""),
    "問": ("もん", ""),
    "章": ("しょう", "s"),
    "泊": ("はく", "h"),
}
"""What is counted: how it is read, and the consonant before which numbers change."""

_IRREGULAR_ENDS = {
    "がつ": (("よん", "し"), ("なな", "しち"), ("きゅう", "く")),
    "じ": (("よん", "よ"), ("なな", "しち"), ("きゅう", "く")),
    "じかん": (("よん", "よ"), ("なな", "しち"), ("きゅう", "く")),
    "ねん": (("よん", "よ"),),
    "にん": (("よん", "よ"),),
}


@lru_cache(maxsize=4096)
def cardinal(value: int) -> str:
    """A whole number: 121 → ひゃくにじゅういち."""
    return str(num2words(value, lang="ja", reading=True))


def number(text: str) -> str:
    """A number as `tts.text.rules.NUMBER` matches it: `3.14` → さんてんいちよん.

    With a leading zero, or with more than 12 digits and no separators, it is spelled digit by digit.
    """
    whole, _, fraction = text.partition(".")
    spoken = spell_digits(whole) if is_spelled(whole, fraction) else cardinal(int(whole.replace(",", "")))
    return f"{spoken}てん{spell_digits(fraction)}" if fraction else spoken


def spell_digits(digits: str) -> str:
    """Digit by digit: `03` → ゼロさん."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def day(value: int) -> str:
    """A day of the month: 6 → むいか."""
    return _DAYS.get(value) or f"{cardinal(value)}にち"


def days(value: int) -> str:
    """How many days: 20 → はつかかん, 1 → いちにちかん."""
    return f"{'いちにち' if value == 1 else day(value)}かん"


def things(value: int) -> str:
    """`3つ` → みっつ, from 1 to 10."""
    return _THINGS[value]


def counted(text: str, counter: str) -> str:
    """A number with its counter, a key of `COUNTERS`: `3`, `本` → さんぼん."""
    reading, consonant = COUNTERS[counter]
    whole = text.replace(",", "")
    if reading == "にん" and whole in ("1", "2"):
        return _PEOPLE[int(whole)]
    spoken = number(text)
    for end, other in _IRREGULAR_ENDS.get(reading, ()):
        if spoken.endswith(end):
            return spoken.removesuffix(end) + other + reading
    return _joined(spoken, reading, consonant) if whole.isdigit() else spoken + reading


def _joined(spoken: str, reading: str, consonant: str) -> str:
    if consonant == "h" and spoken.endswith(("さん", "よん") if reading.startswith("ふ") else ("さん",)):
        change = _TO_P if reading.startswith("ふ") else _TO_B
        return spoken + change[reading[0]] + reading[1:]
    for end, doubled in _DOUBLED:
        if consonant and spoken.endswith(end) and end in _DOUBLING[consonant]:
            if consonant == "h":
                reading = _TO_P[reading[0]] + reading[1:]
            return spoken.removesuffix(end) + doubled + reading
    return spoken + reading
