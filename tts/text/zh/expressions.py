"""Ranges, ordinals and plain numbers in Mandarin."""

import re

from tts.text.labels import SIZE_RANGE
from tts.text.rules import NUMBER, SIGN, START, Rule
from tts.text.zh.numbers import cardinal, count, number, signed, spell_digits

_LIST_NUMBER = re.compile(rf"{START}(?<!\.)([0-9]{{1,3}})\. ?(?=[\u4e00-\u9fff])")
_NUMBER_ONE = re.compile(r"(?<![A-Za-z])[Nn][Oo]\. ?([0-9]{1,4})(?![0-9]|\.[0-9])")
_ORDINAL = re.compile(
    r"第 ?([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,16})(?: ?[-~–—] ?([0-9]{1,16}))?(?![0-9]|\.[0-9])"
)
_SAME_UNIT_RANGE = re.compile(
    r"(?<=[0-9])( ?(?P<unit>[\u4e00-\u9fff]{1,2}|[A-Za-zμ][A-Za-z/²³]{0,4}|[℃°%])) ?[-~–—] ?"
    rf"(?={NUMBER} ?(?P=unit))"
)
_LABEL_RANGE = re.compile(
    r"(?P<label>(?<![A-Za-z])[A-Za-z])(?P<first>[0-9]{1,4})-(?=(?P<again>(?P=label))?[0-9])"
)
_RANGE = re.compile(
    rf"{START}(?<![-A-Za-z])(?P<first>{NUMBER})"
    rf"(?: ?~ ?|(?P<dash> ?[-–—] ?))(?P<second>{NUMBER})"
    r"(?![0-9]|[A-Za-z](?<![kKwW])|[kKwW][A-Za-z0-9]|[-/.:][0-9]| ?=)(?P<counted> ?[\u4e00-\u9fff])?"
)
_AND_MORE = re.compile(rf"{START}({NUMBER})([百千万亿]?)\+(?= ?[个人位名家款种条次件台项篇张本部份单])")
_OR_LATER = re.compile(
    r"(?P<name>(?:iOS|Android|安卓|Chrome|Firefox|Safari|Edge|Windows|[Mm]acOS|Python|Java|JDK|JRE|Node(?:\.js)?|PHP|Go"
    rf"|HarmonyOS|鸿蒙|微信|Office|MySQL|Redis) ?)(?P<version>{NUMBER})\+"
)
_TEN_THOUSANDS = re.compile(rf"{START}(?<![A-Za-z])({NUMBER})w(?![A-Za-z0-9])")
_TIMES = re.compile(rf"{START}(?<![-A-Za-z=+*/(])({NUMBER})[xX](?![A-Za-z0-9²³^)减]| ?[-+*/=0-9])")
_BARE_TENTHS = re.compile(r"(?<=[0-9]米)([0-9]{2})(?![0-9.]|[厘分]?米)")
# Whatever stands before: in `1,2,3` nothing else reads the second number.
_NUMBER = re.compile(rf"(?<![0-9])(?P<sign>{SIGN})?(?P<number>{NUMBER})")
_LOOK_AHEAD = 5


def _range(match: re.Match[str]) -> str:
    first, second, counted = match["first"], match["second"], match["counted"] or ""
    if first == second:
        return f"{number(first)}比{number(second)}{counted}"
    if match["dash"] and not counted and not _ascending(first, second):
        return match[0]
    follows = counted + match.string[match.end() : match.end() + _LOOK_AHEAD]
    return f"{count(first, follows)}到{count(second, follows)}{counted}"


def _ascending(first: str, second: str) -> bool:
    return float(first.replace(",", "")) < float(second.replace(",", ""))


def _ordinal(match: re.Match[str]) -> str:
    spoken = "第" + cardinal(match[1].replace(",", ""))
    return f"{spoken}到{cardinal(match[2])}" if match[2] else spoken


def _number(match: re.Match[str]) -> str:
    follows = match.string[match.end() : match.end() + _LOOK_AHEAD]
    spoken = count(match["number"], follows)
    return f"加{spoken}" if match["sign"] == "+" else signed(match["sign"], spoken)


EARLY = (
    Rule("zh-list-number", "numbers", _LIST_NUMBER, lambda m: f"{cardinal(m[1])}、"),
    Rule("zh-ordinal", "ordinals", _NUMBER_ONE, lambda m: f"第{cardinal(m[1])}"),
)
"""Before scores, telephone numbers, dates, times and quantities."""

RANGES = (
    Rule("zh-range", "ranges", _SAME_UNIT_RANGE, lambda m: f"{m[1]}到"),
    Rule("zh-range", "ranges", SIZE_RANGE, lambda m: f"{m['first']}到", digits=False),
    Rule("zh-range", "ranges", _LABEL_RANGE, lambda m: f"{m['label']}{number(m['first'])}到"),
    Rule("zh-number", "numbers", _BARE_TENTHS, lambda m: spell_digits(m[1])),
)
"""After dates and times, before quantities: what stands between two of them."""

RULES = (
    Rule("zh-ordinal", "ordinals", _ORDINAL, _ordinal),
    Rule("zh-range", "ranges", _RANGE, _range),
    Rule("zh-number", "numbers", _TEN_THOUSANDS, lambda m: f"{count(m[1], '万')}万"),
    Rule("zh-number", "numbers", _TIMES, lambda m: f"{count(m[1], '倍')}倍"),
    Rule("zh-number", "numbers", _OR_LATER, lambda m: f"{m['name']}{number(m['version'])}以上"),
    Rule("zh-number", "numbers", _AND_MORE, lambda m: f"{number(m[1])}{m[2]}多"),
)
"""After quantities."""

NUMBER_RULE = Rule("zh-number", "numbers", _NUMBER, _number)
"""The last one: it reads whatever number is left."""
