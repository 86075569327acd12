"""Which language a stretch of text is in, judged by its script."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tts.text.han import han_language

CHINESE = "zh-CN"
ENGLISH = "en-US"
JAPANESE = "ja-JP"
KOREAN = "ko-KR"
UNDETERMINED = "und"

_OTHER = "Zyyy"

# One script stands for one language here: the one most of its text on the web is in.
_SCRIPTS = {
    "Hani": (
        CHINESE,
        "\u3005\u3007\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    ),
    "Latn": (ENGLISH, "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"),
    "Kana": (JAPANESE, "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"),
    "Hang": (KOREAN, "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"),
    "Cyrl": ("ru", "\u0400-\u0481\u048a-\u052f\u1c80-\u1c88\ua640-\ua69b"),
    "Arab": ("ar", "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"),
    "Hebr": ("he", "\u05d0-\u05f2"),
    "Grek": ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    "Thai": ("th", "\u0e01-\u0e30\u0e32\u0e40-\u0e46"),
    "Deva": ("hi", "\u0904-\u0939\u0958-\u0961"),
    "Beng": ("bn", "\u0985-\u09b9\u09dc-\u09e1"),
    "Taml": ("ta", "\u0b83-\u0bb9"),
    "Telu": ("te", "\u0c05-\u0c39"),
    "Geor": ("ka", "\u10a0-\u10ff"),
    "Armn": ("hy", "\u0531-\u0587"),
    "Ethi": ("am", "\u1200-\u135a"),
}
_LETTERS = re.compile(
    "|".join(f"(?P<{name}>[{ranges}]+)" for name, (_, ranges) in _SCRIPTS.items())
    + rf"|(?P<{_OTHER}>[^\W\d_])"
)

# The letters of `°C`, `HK$` and `2026-02-02T08:00Z` say nothing about the language.
_SIGNS = re.compile(
    r"(?<=[0-9])T(?=[0-9])|(?<=[0-9])Z(?![A-Za-z0-9])|(?<=°)[CF](?![A-Za-z])|(?<![A-Za-z])(?:US|HK|NT|[ACS])(?=\$)"
)

_ENGLISH_WORDS = re.compile("[A-Za-z]+")
_ENGLISH_GRAMMAR = re.compile(
    r"(?<![A-Za-z0-9'’./_-])(?:the|an?|of|to|is|are|was|were|and|or|for|in|on|at|has|have|had|with|from|by|he|she|it"
    r"|they|we|you|this|that|means|called|said)(?![A-Za-z0-9/_-]|\.[A-Za-z0-9])",
    re.IGNORECASE,
)
_CHINESE_GRAMMAR = re.compile("[的了是在和说要把被也都就吗呢吧们这那给跟让请用我他她它很想没不会能]")
_CHINESE_AMOUNT = re.compile(r"[0-9] ?[\u4e00-\u9fff]|[\u4e00-\u9fff] ?[0-9]")
_MIN_ENGLISH_GRAMMAR = 2
_KANA_OR_HANGUL = re.compile("[\u3041-\u30ff\u3131-\u318e\uac00-\ud7a3]+")
# の stands in Chinese names of shops, and ー in drawn out sounds.
_HIRAGANA = re.compile("[\u3041-\u306d\u306f-\u3096]")
_FULL_WIDTH_MARK = re.compile("[，。、；：！？（）]")
_POSTAL_MARK = "〒"

# Units are written alike everywhere, so what they measure tells the language, and failing that the text around.
_UNITS = re.compile(
    r"(?<=[0-9]) ?(?:[kcdmμn]?m[²³23]?|[kmμ]?g|[mμ]?[lL]|[kMG]?W|[kM]?Wh|[mk]?V|mA|mAh|A|[kMG]?Hz"
    r"|[kKMGT]B|[kMh]?Pa|[km]?mol"
    r"|k?cal|k?J|dB|ha|t|h|min|s|ms|fps|rpm|px|w)(?:/(?:k?m[²³]?|kg|L|m?l|h|min|s|d))?(?![A-Za-z0-9²³])"
)

_WRITTEN_IN = {
    "Cyrl": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt"},
    "Arab": {"ar", "fa", "ur", "ps", "ug", "ku", "sd"},
    "Hebr": {"he", "yi"},
    "Grek": {"el"},
    "Thai": {"th"},
    "Deva": {"hi", "mr", "ne", "sa"},
    "Beng": {"bn", "as"},
    "Taml": {"ta"},
    "Telu": {"te"},
    "Geor": {"ka"},
    "Armn": {"hy"},
    "Ethi": {"am", "ti"},
    "Kana": {"ja"},
    "Hang": {"ko"},
}
_EAST_ASIAN = {
    "zh": {"Hani"},
    "yue": {"Hani"},
    "ja": {"Hani", "Kana"},
    "ko": {"Hani", "Hang"},
}
_REGIONS = {"zh": CHINESE, "cmn": CHINESE, "en": ENGLISH, "ja": JAPANESE, "ko": KOREAN}
_CHINESE_SCRIPTS = {"Hans": "CN", "Hant": "TW"}
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
"""What a client may send as a language: the common forms of BCP 47."""

_MAX_TAG = 35
_SUBTAG = re.compile("[A-Za-z0-9]+")


def canonical_language(tag: str) -> str:
    """A BCP 47 tag in its usual case, with a region for the languages Voxgate speaks best: `zh` → `zh-CN`.

    A tag that makes no sense comes back as it can; nothing is raised, and no voice will match it.
    """
    parts: list[str] = _SUBTAG.findall(tag[:_MAX_TAG])
    if not parts:
        return UNDETERMINED
    primary, rest = parts[0].lower(), parts[1:]
    if primary == "cmn":
        primary = "zh"
    regions = [part.upper() for part in rest if len(part) == 2]
    scripts = [part.title() for part in rest if len(part) == 4]
    if primary == "zh" and not regions:
        regions = [_CHINESE_SCRIPTS[script] for script in scripts if script in _CHINESE_SCRIPTS]
    if regions:
        return f"{primary}-{regions[0]}"
    return _REGIONS.get(primary, primary)


def primary_subtag(language: str) -> str:
    return language.partition("-")[0]


def is_written_in(language: str, text: str) -> bool:
    """Whether `text` may be in `language`: East Asian letters are in no other region's languages, and Japanese and
    Korean have letters of their own.
    """
    letters = _count_letters(text)
    east_asian = {script for script in ("Hani", "Kana", "Hang") if letters[script]}
    return east_asian <= _EAST_ASIAN.get(primary_subtag(language), set())


_WITHOUT_LETTERS = frozenset({"zh", "yue", "ja", "ko"})
"""Primary subtags of languages whose voices do not read Latin letters."""


class Doubt(Enum):
    """Why a guess may be wrong: no reason; Chinese characters that may be Japanese; only the letters of units."""

    NONE = auto()
    CHARACTERS = auto()
    UNITS = auto()


@dataclass(frozen=True, slots=True)
class Guess:
    """The language of a sentence (BCP 47) by itself; the sentences around settle what is in doubt."""

    language: str
    doubt: Doubt = Doubt.NONE


class LanguageDetector:
    """Names the language of sentences and of the runs inside them.

    With `forced`, Latin, Chinese characters, digits and the scripts `forced` is written in are in that
    language, and only letters of other scripts keep their own. Without, a sentence with a Chinese character
    is Chinese, unless its words outnumber those characters and its grammar is English, or it is Japanese: by
    characters that only Japanese has, by hiragana, or by its share of kana. One with
    kana or Hangul and no Chinese character is Japanese or Korean unless its grammar is English.
    """

    def __init__(self, forced: str | None = None) -> None:
        self.forced = forced

    def sentence(self, text: str) -> Guess | None:
        """The language of a sentence, None when it has no letters (digits only) to tell by."""
        letters = _count_letters(_SIGNS.sub("", text))
        if self.forced and (not letters or any(map(self._takes, letters))):
            return Guess(self.forced)
        if not letters:
            return Guess(JAPANESE) if _POSTAL_MARK in text else None
        if letters["Hani"]:
            return _with_han(text, letters)
        for script in ("Kana", "Hang"):
            if letters[script]:
                return Guess(ENGLISH if _quotes_syllables(text) else _language_of(script))
        if set(letters) == {"Latn"} and not _count_letters(_UNITS.sub("", _SIGNS.sub("", text))):
            return Guess(CHINESE if _FULL_WIDTH_MARK.search(text) else ENGLISH, Doubt.UNITS)
        return Guess(_language_of(letters.most_common(1)[0][0]))

    def runs(self, text: str, language: str) -> Iterator[tuple[str, str]]:
        """(language, text) of the runs of a sentence in `language`; other marks join the run before them."""
        start, current = 0, None
        for script, match in _letters(text):
            tag = self._run_language(script, language)
            if current is not None and tag != current:
                yield current, text[start : match.start()]
                start = match.start()
            current = tag
        yield current or language, text[start:]

    def _run_language(self, script: str, sentence_language: str) -> str:
        if self.forced and self._is_written_in(script):
            return self.forced
        if script == "Hani" and sentence_language == JAPANESE:
            return JAPANESE
        return _language_of(script)

    def _is_written_in(self, script: str) -> bool:
        """Whether a voice of the forced language can be asked to read a script: a Mandarin one knows no letters, an
        English one no ideographs, whatever rules the sentence was read by."""
        east_asian = primary_subtag(self.forced or "") in _WITHOUT_LETTERS
        if script == "Latn" and east_asian:
            return False
        if script == "Hani" and not east_asian:
            return False
        return self._takes(script)

    def _takes(self, script: str) -> bool:
        """Whether the forced language covers a script."""
        if script in ("Latn", "Hani", _OTHER):
            return True
        return primary_subtag(self.forced or "") in _WRITTEN_IN.get(script, ())


def settle(guesses: Sequence[Guess | None]) -> list[str]:
    """The languages (BCP 47) of the sentences of one text, each guess seen beside the others.

    What has no letters or only those of units is in the language before it, else in the first one after it, else as
    guessed, else in Chinese. Chinese characters that might as well be Japanese are so in a text with Japanese sentences
    and no Chinese one.
    """
    certain = {guess.language for guess in guesses if guess and guess.doubt is Doubt.NONE}
    characters = JAPANESE if JAPANESE in certain and CHINESE not in certain else CHINESE
    firm = [_firm(guess, characters) for guess in guesses]
    current = next((language for language in firm if language), None)
    settled: list[str] = []
    for guess, language in zip(guesses, firm, strict=True):
        current = language or current
        settled.append(current or (guess.language if guess else CHINESE))
    return settled


def _firm(guess: Guess | None, characters: str) -> str | None:
    """The language that a guess stands for whatever stands around it; `characters` is that of doubtful characters."""
    if guess is None or guess.doubt is Doubt.UNITS:
        return None
    return characters if guess.doubt is Doubt.CHARACTERS else guess.language


def _count_letters(text: str) -> Counter[str]:
    letters: Counter[str] = Counter()
    for script, match in _letters(text):
        letters[script] += len(match[0])
    return letters


def _with_han(text: str, letters: Counter[str]) -> Guess:
    """The language of a sentence with Chinese characters."""
    if letters["Hang"] > letters["Hani"]:
        return Guess(KOREAN)
    if not letters["Kana"] and _quotes_chinese(text, letters["Hani"]):
        return Guess(ENGLISH)
    told = han_language(text)
    if told != "zh" and (told == "ja" or _POSTAL_MARK in text or _HIRAGANA.search(text)):
        return Guess(JAPANESE)
    if letters["Kana"]:
        enough = letters["Hani"] if told == "zh" else letters["Hani"] / 4
        return Guess(JAPANESE if letters["Kana"] >= enough else CHINESE)
    return Guess(CHINESE, Doubt.NONE if told else Doubt.CHARACTERS)


def _quotes_syllables(text: str) -> bool:
    """Whether an English sentence names something in kana or Hangul: it has more words than that has stretches."""
    words = len(_ENGLISH_WORDS.findall(text))
    return words > len(_KANA_OR_HANGUL.findall(text)) and bool(_ENGLISH_GRAMMAR.search(text))


def _quotes_chinese(text: str, characters: int) -> bool:
    """Whether an English sentence names something in Chinese: what holds it together is English words."""
    return (
        len(_ENGLISH_WORDS.findall(text)) >= characters
        and len(_ENGLISH_GRAMMAR.findall(text)) >= _MIN_ENGLISH_GRAMMAR
        and not _CHINESE_GRAMMAR.search(text)
        and not _CHINESE_AMOUNT.search(text)
    )


def _letters(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Stretches of letters of one script, with its ISO 15924 code (`Zyyy` for a letter of any other script)."""
    for match in _LETTERS.finditer(text):
        script = match.lastgroup or _OTHER
        if script != _OTHER or match[0].isalpha():
            yield script, match


def _language_of(script: str) -> str:
    return _SCRIPTS[script][0] if script in _SCRIPTS else UNDETERMINED
