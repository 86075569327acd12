"""Dates, times, money, units and counters in Japanese."""

import re

from tts.text.ja.numbers import COUNTERS, cardinal, counted, day, days, number, spell_digits, things
from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives

_MONTH = "1[0-2]|0?[1-9]"
_DAY = "3[01]|[12][0-9]|0?[1-9]"
_ISO = re.compile(
    rf"{START}(?<![/.-])(?P<year>[12][0-9]{{3}})(?P<mark>[-/.])(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})(?![0-9]|[-/.][0-9])"
)
_DAYS = re.compile(rf"{START}([0-9]{{1,4}}) ?日間")
_POSTCODE = re.compile(
    r"(?P<mark>〒|郵便番号:?) ?(?P<first>[0-9]{3})(?:-(?P<second>[0-9]{4}))?(?![0-9]|[.,-][0-9])"
)
_ORDINAL = re.compile("第 ?(?=[0-9])")
_DAY_OF_MONTH = re.compile(rf"{START}({_DAY}) ?日(?!間)")
_PER_DAY = re.compile(rf"{START}(?<![月/-])1 ?日(?= ?[0-9約に数])")
_SCORE = re.compile(rf"{START}([0-9]{{1,3}})(?:対([0-9]{{1,3}})|[-–]([0-9]{{1,3}})(?=で|の(?:勝|敗|引)))")
_CODE = re.compile(
    r"(?P<name>(?:番号|コード|暗証|パスワード)(?:[:：はが、] ?)?)(?P<digits>[0-9]{3,12})(?![0-9]|[.,][0-9]|[円人個])"
)
_CLOCK = re.compile(rf"{START}(?<!:)(2[0-4]|[01]?[0-9]):([0-5][0-9])(?![0-9:])")
_TELEPHONE = re.compile(rf"{START}(?<![-A-Za-z])(0[0-9]{{1,4}})-([0-9]{{1,4}})-([0-9]{{3,4}})(?![0-9-])")
_CURRENCIES = {
    "¥": "えん",
    "$": "ドル",
    "US$": "ドル",
    "€": "ユーロ",
    "£": "ポンド",
    "₩": "ウォン",
    "USD": "ドル",
    "JPY": "えん",
    "EUR": "ユーロ",
}
_MONEY = re.compile(
    rf"(?<![A-Za-z])(?P<mark>{alternatives(_CURRENCIES)}) ?(?P<number>{NUMBER})(?P<scale>[万億兆]?)"
    # Some write the currency on both sides of the number.
    r"(?: ?(?:円|えん|ドル|ユーロ|ポンド|ウォン))?"
)
_UNITS = {
    "km/h": "キロメートルまいじ",
    "km": "キロメートル",
    "m": "メートル",
    "cm": "センチメートル",
    "mm": "ミリメートル",
    "kg": "キログラム",
    "g": "グラム",
    "mg": "ミリグラム",
    "L": "リットル",
    "ml": "ミリリットル",
    "mL": "ミリリットル",
    "m²": "へいほうメートル",
    "GB": "ギガバイト",
    "MB": "メガバイト",
    "TB": "テラバイト",
    "Hz": "ヘルツ",
    "GHz": "ギガヘルツ",
    "W": "ワット",
    "V": "ボルト",
    "%": "パーセント",
    "°C": "ど",
    "℃": "ど",
    "℉": "かし",
}
_UNIT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<number>{NUMBER}) ?(?P<unit>{alternatives(_UNITS)})(?![A-Za-z0-9])"
)
_RANGE = re.compile(rf"(?<=[0-9])(?P<unit> ?(?:{alternatives((*_UNITS, *COUNTERS))})?) ?[~–—] ?(?=[0-9])")
_LARGE = re.compile(rf"{START}({NUMBER}) ?([万億兆])")
_LARGE_NAMES = {"万": "まん", "億": "おく", "兆": "ちょう"}
_COUNTED = re.compile(
    rf"{START}(?<![A-Za-z])(?P<sign>{SIGN})?(?P<number>{NUMBER}) ?(?P<counter>{alternatives(COUNTERS)})"
)
_LARGE_COUNTED = re.compile(rf"(?:(?<=まん)|(?<=おく))({alternatives(COUNTERS)})")
_THINGS = re.compile(rf"{START}(10|[1-9])つ")
_FRACTION = re.compile(rf"{START}(?<!/)([0-9]{{1,4}})/([0-9]{{1,4}})(?![0-9/])")
# Whatever stands before: in `1,2,3` nothing else reads the second number.
_NUMBER = re.compile(rf"(?<![0-9])(?P<sign>{SIGN})?(?P<number>{NUMBER})")


def _signed(sign: str | None, spoken: str) -> str:
    return {"-": "マイナス", "+": "プラス", "±": "プラスマイナス"}.get(sign or "", "") + spoken


def _date(match: re.Match[str]) -> str:
    month = str(int(match["month"]))
    return counted(match["year"], "年") + counted(month, "月") + day(int(match["day"]))


def _clock(match: re.Match[str]) -> str:
    minutes = str(int(match[2]))
    return counted(str(int(match[1])), "時") + (counted(minutes, "分") if minutes != "0" else "")


def _money(match: re.Match[str]) -> str:
    return number(match["number"]) + _LARGE_NAMES.get(match["scale"], "") + _CURRENCIES[match["mark"]]


def _postcode(match: re.Match[str]) -> str:
    """`〒150-0001`, whose hyphen is の."""
    spoken = f"ゆうびんばんごう{spell_digits(match['first'])}"
    return f"{spoken}の{spell_digits(match['second'])}" if match["second"] else spoken


def _unit(match: re.Match[str]) -> str:
    return _signed(match["sign"], number(match["number"]) + _UNITS[match["unit"]])


RULES = (
    Rule("ja-postcode", "digits", _POSTCODE, _postcode),
    Rule("ja-ordinal", "ordinals", _ORDINAL, lambda m: "だい"),
    Rule("ja-telephone-number", "telephone", _TELEPHONE, lambda m: "、".join(map(spell_digits, m.groups()))),
    Rule("ja-date", "dates", _ISO, _date),
    Rule("ja-digit-string", "digits", _CODE, lambda m: m["name"] + spell_digits(m["digits"])),
    Rule("ja-score", "scores", _SCORE, lambda m: f"{number(m[1])}たい{number(m[2] or m[3])}"),
    Rule("ja-date", "dates", _PER_DAY, lambda m: "いちにち"),
    Rule("ja-counter", "numbers", _DAYS, lambda m: days(int(m[1]))),
    Rule("ja-date", "dates", _DAY_OF_MONTH, lambda m: day(int(m[1]))),
    Rule("ja-time", "times", _CLOCK, _clock),
    Rule("ja-range", "ranges", _RANGE, lambda m: f"{m['unit']}から"),
    Rule("ja-money", "currency", _MONEY, _money),
    Rule("ja-unit", "units", _UNIT, _unit),
    Rule("ja-number", "numbers", _LARGE, lambda m: number(m[1]) + _LARGE_NAMES[m[2]]),
    Rule("ja-counter", "numbers", _LARGE_COUNTED, lambda m: COUNTERS[m[1]][0], digits=False),
    Rule("ja-counter", "numbers", _THINGS, lambda m: things(int(m[1]))),
    Rule("ja-counter", "numbers", _COUNTED, lambda m: _signed(m["sign"], counted(m["number"], m["counter"]))),
    Rule(
        "ja-fraction", "fractions", _FRACTION, lambda m: f"{cardinal(int(m[2]))}ぶんの{cardinal(int(m[1]))}"
    ),
    Rule("ja-number", "numbers", _NUMBER, lambda m: _signed(m["sign"], number(m["number"]))),
)
