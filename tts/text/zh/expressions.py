"""Versions, fractions, ratios, ranges, sums and plain numbers in Mandarin."""

import re

from tts.text.rules import NUMBER, SIGN, START, Rule
from tts.text.zh.numbers import cardinal, count, number, spell_digits

_END = r"(?![0-9]|[.,:][0-9])"
_IP = re.compile(rf"{START}((?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}})(?::([0-9]{{1,5}}))?{_END}")
_VERSION = re.compile(
    rf"(?<![A-Za-z])(?P<v>[vV])(?P<first>[0-9]{{1,4}}(?:\.[0-9]{{1,8}}){{0,5}})(?![0-9])"
    rf"|{START}(?P<plain>[0-9]{{1,4}}(?:\.[0-9]{{1,8}}){{2,5}})(?![0-9])"
)
_SCORE = re.compile(
    r"(?P<name>(?:比分|比例|比率|以|[胜负平战赛]|击败|逆转)[^0-9，。,;；!！?？\n]{0,6})"
    r"(?P<first>[0-9]{1,3}) ?[:-] ?(?P<second>[0-9]{1,3})"
    r"(?![0-9:/.年月日号点分秒%-])"
)
_RATIO = re.compile(rf"{START}(?<!:)({NUMBER}) ?: ?({NUMBER})(?: ?: ?({NUMBER}))?(?![0-9:])")
_FRACTION = re.compile(rf"{START}(?<!/)([0-9]{{1,4}})/([0-9]{{1,4}})(?![0-9/]|[.,][0-9])")
_MIXED_FRACTION = re.compile(rf"{START}(?P<whole>[0-9]{{1,6}})? ?(?P<fraction>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_POWER = re.compile(
    rf"{START}({NUMBER})(?:\^(?P<sign>-?)(?P<plain>[0-9]{{1,4}})|(?P<minus>⁻?)(?P<raised>[⁰¹²³⁴-⁹]{{1,4}}))"
)
_RANGE = re.compile(
    rf"{START}(?<![-A-Za-z])(?P<first>{NUMBER})"
    rf"(?: ?~ ?|(?P<dash> ?[-–—] ?))(?P<second>{NUMBER})"
    r"(?![0-9A-Za-z]|[-/.:][0-9]| ?=)(?P<counted> ?[\u4e00-\u9fff])?"
)
_SAME_UNIT_RANGE = re.compile(
    r"(?<=[0-9])( ?(?P<unit>[\u4e00-\u9fff]{1,2}|[A-Za-zμ][A-Za-z/²³]{0,4}|[℃°%])) ?[-~–—] ?"
    rf"(?={NUMBER} ?(?P=unit))"
)
_SIZE = re.compile(r"(?:(?<=[0-9])|(?<=[0-9]m)|(?<=[0-9][cmk]m)) ?[*×xX] ?(?=[0-9])")
_LIST_NUMBER = re.compile(rf"{START}(?<!\.)([0-9]{{1,3}})\. ?(?=[\u4e00-\u9fff])")
_NAME_NUMBER = re.compile(r"(?<=[歼运轰直舟征风型号])-(?=[0-9])")
_COMPACT_DATE = re.compile(
    rf"{START}((?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?![0-9]|[.,][0-9]| ?[元个人万亿])"
)
_GENERATION = re.compile(rf"{START}([6-9][05]|0[05])(?=后(?![面来天期续]))")
_OPERATOR = re.compile(
    r"(?<=[0-9)]) ?([+÷=]) ?(?=[-(（]?[0-9])|(?<=[0-9A-Za-z)\u4e00-\u9fff]) ?(≈) ?(?=-?[0-9])"
)
_MINUS = re.compile(r"(?<=[0-9)]) ?- ?(?=[0-9]{1,12}(?:\.[0-9]{1,12})? ?=)")
_ORDINAL = re.compile(r"第 ?([0-9]{1,16})(?: ?[-~–—] ?([0-9]{1,16}))?(?![0-9]|\.[0-9])")
_MODEL = re.compile(r"(?<![A-Za-z])([A-Za-z]{1,12})([- .]?)([0-9]{1,8})(?![0-9]|[.,][0-9])")
_AIRCRAFT = re.compile(r"(?<=波音|空客) ?([0-9]{3,4})(?![0-9]|[.,][0-9])")
_RESOLUTION = re.compile(rf"{START}([0-9]{{3,4}})(?=[pPiI](?![A-Za-z]))")
_NUMBER = re.compile(rf"{START}(?P<sign>{SIGN})?(?P<number>{NUMBER})")

_FRACTIONS = {
    "½": "二分之一",
    "⅓": "三分之一",
    "⅔": "三分之二",
    "¼": "四分之一",
    "¾": "四分之三",
    "⅕": "五分之一",
    "⅖": "五分之二",
    "⅗": "五分之三",
    "⅘": "五分之四",
    "⅙": "六分之一",
    "⅚": "六分之五",
    "⅛": "八分之一",
    "⅜": "八分之三",
    "⅝": "八分之五",
    "⅞": "八分之七",
}
_OPERATORS = {
    "+": "加",
    "÷": "除以",
    "=": "等于",
    "≈": "约等于",
}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MIN_MODEL_DIGITS = 3


def _ip_address(match: re.Match[str]) -> str:
    spoken = "点".join(map(spell_digits, match[1].split(".")))
    return f"{spoken}冒号{spell_digits(match[2])}" if match[2] else spoken


def _version(match: re.Match[str]) -> str:
    parts = (match["first"] or match["plain"]).split(".")
    return (match["v"] or "") + "点".join(map(number, parts))


def _ratio(match: re.Match[str]) -> str:
    return "比".join(number(part) for part in match.groups() if part)


def _mixed_fraction(match: re.Match[str]) -> str:
    whole = f"{cardinal(match['whole'])}又" if match["whole"] else ""
    return whole + _FRACTIONS[match["fraction"]]


def _power(match: re.Match[str]) -> str:
    exponent = match["plain"] or match["raised"].translate(_RAISED)
    negative = "负" if match["sign"] or match["minus"] else ""
    spoken = "平方" if exponent == "2" and not negative else f"{negative}{cardinal(exponent)}次方"
    return f"{number(match[1])}的{spoken}"


def _range(match: re.Match[str]) -> str:
    first, second, counted = match["first"], match["second"], match["counted"] or ""
    if match["dash"] and not counted and not _ascending(first, second):
        return match[0]
    follows = counted + match.string[match.end() : match.end() + 3]
    return f"{count(first, follows)}到{count(second, follows)}{counted}"


def _ascending(first: str, second: str) -> bool:
    return float(first.replace(",", "")) < float(second.replace(",", ""))


def _ordinal(match: re.Match[str]) -> str:
    spoken = "第" + cardinal(match[1])
    return f"{spoken}到{cardinal(match[2])}" if match[2] else spoken


def _model(match: re.Match[str]) -> str:
    """Letters and digits of a name: `GPT-4`, `A380`, `ISO 9001`, `iPhone 15`."""
    word, joint, digits = match.groups()
    is_code = len(digits) >= _MIN_MODEL_DIGITS and (joint != " " or word.isupper())
    spoken = spell_digits(digits) if is_code else number(digits)
    return f"{word}{' ' if joint else ''}{spoken}"


def _number(match: re.Match[str]) -> str:
    follows = match.string[match.end() : match.end() + 4]
    sign = {"-": "负", "+": "加", "±": "正负"}.get(match["sign"] or "", "")
    return sign + count(match["number"], follows)


EARLY = (
    Rule("zh-ip-address", _IP, _ip_address),
    Rule("zh-list-number", _LIST_NUMBER, lambda m: f"{cardinal(m[1])}、"),
    Rule("zh-score", _SCORE, lambda m: f"{m['name']}{cardinal(m['first'])}比{cardinal(m['second'])}"),
)
"""Before telephone numbers, dates, times and quantities."""

RANGES = (
    Rule("zh-range", _SAME_UNIT_RANGE, lambda m: f"{m[1]}到"),
    Rule("zh-size", _SIZE, lambda m: "乘"),
    Rule("zh-model-name", _NAME_NUMBER, lambda m: ""),
)
"""After dates and times, before quantities: what stands between two of them."""

VERSION = Rule("zh-version", _VERSION, _version)

LATE = (
    Rule("zh-power", _POWER, _power),
    Rule("zh-mixed-fraction", _MIXED_FRACTION, _mixed_fraction, digits=False),
    Rule("zh-fraction", _FRACTION, lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
    Rule("zh-ratio", _RATIO, _ratio),
    Rule("zh-digit-string", _COMPACT_DATE, lambda m: spell_digits(m[1])),
    Rule("zh-generation", _GENERATION, lambda m: spell_digits(m[1])),
    Rule("zh-ordinal", _ORDINAL, _ordinal),
    Rule("zh-range", _RANGE, _range),
    Rule("zh-arithmetic", _MINUS, lambda m: "减"),
    Rule("zh-arithmetic", _OPERATOR, lambda m: _OPERATORS[m[1] or m[2]]),
    Rule("zh-resolution", _RESOLUTION, lambda m: spell_digits(m[1])),
    Rule("zh-model-name", _AIRCRAFT, lambda m: spell_digits(m[1])),
    Rule("zh-model-name", _MODEL, _model),
    Rule("zh-number", _NUMBER, _number),
)
"""After quantities; the last one reads whatever is left."""
