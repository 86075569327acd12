"""Versions and names made of letters and digits in Mandarin: `GPT-4`, `A380`, `iPhone 15`."""

import re

from tts.text.rules import START, Rule, alternatives
from tts.text.zh.numbers import NOT_COUNTED, number, spell_digits

_VERSION = re.compile(
    r"(?<![A-Za-z])(?P<v>[vV])(?P<first>[0-9]{1,4}(?:\.[0-9]{1,8}){0,5})(?![0-9])"
    rf"|{START}(?P<plain>[0-9]{{1,4}}(?:\.[0-9]{{1,8}}){{2,5}})(?![0-9])(?:-(?P<build>[0-9]{{1,8}})(?![0-9]))?"
)
# What people say for these does not follow from how they are written.
_SAID = {
    "B2B": "B to B",
    "B2C": "B to C",
    "C2C": "C to C",
    "C2M": "C to M",
    "O2O": "O to O",
    "P2P": "P to P",
    "D2C": "D to C",
    "N95": "N九五",
    "KN95": "KN九五",
    "IP54": "IP五四",
    "IP55": "IP五五",
    "IP65": "IP六五",
    "IP66": "IP六六",
    "IP67": "IP六七",
    "IP68": "IP六八",
    "IP69": "IP六九",
    "x86": "x八六",
    "X86": "X八六",
    "x64": "x六四",
    "F16": "F十六",
}
_ACRONYM = re.compile(rf"(?<![A-Za-z0-9])(?:{alternatives(_SAID)})(?![A-Za-z0-9])")
_NAME_NUMBER = re.compile(r"(?<=[歼运轰直舟征风型号])-(?=[0-9])")
_AIRCRAFT = re.compile(r"(?<=波音|空客) ?([0-9]{3,4})(?:-([0-9]{3,4}))?(?![0-9]|[.,][0-9])")
_VARIANT = re.compile(r"(?P<head>(?<![A-Za-z0-9])[A-Za-z]{1,4}[0-9]{1,2})-(?P<digits>[0-9]{3,6})(?![0-9])")
_RESOLUTION = re.compile(rf"{START}([0-9]{{3,4}})(?=[pPiI](?![A-Za-z]))")
_MODEL = re.compile(r"(?<![A-Za-z])([A-Za-z]{1,12})([- .]?)([0-9]{1,32})(?![0-9]|[.,][0-9])")
_ROAD_MARKER = re.compile(r"(?<![A-Za-z])(?P<letter>D?K)(?P<first>[0-9]{1,4})\+(?P<second>[0-9]{3})(?![0-9])")
_LEVEL = re.compile(r"(?<![A-Za-z])(?:LV|Lv|lv|Lvl)\.? ?(?=[0-9])")
_MEASURED = re.compile("AQI|IQ|KPI|ROI|GDP|CPI|PPI|PM|pH|PH|QPS|TPS|DAU|MAU|ETC|LV|Lv|lv")
_PROTOCOL = re.compile("(?<=[A-Z]{3})/(?=[0-9])")
_SERIES = re.compile(
    rf"(?<![A-Za-z])(?P<name>(?!(?:T[Oo][Pp]|{_MEASURED.pattern}) )[A-Z][A-Za-z]{{1,11}} (?:[0-9]{{1,2}} )?)"
    r"(?P<digits>[0-9]{4})"
    rf"(?![0-9A-Za-z]|[.,:/%-][0-9]){NOT_COUNTED}(?! ?[行种款场笔点分万米])"
)
_SUFFIX = re.compile("(?<=[A-Za-z]_)[0-9]{2,32}(?![0-9])")
_MIN_MODEL_DIGITS = 3


def _version(match: re.Match[str]) -> str:
    parts = (match["first"] or match["plain"]).split(".")
    build = f" {number(match['build'])}" if match["build"] else ""
    return (match["v"] or "") + "点".join(map(number, parts)) + build


def _aircraft(match: re.Match[str]) -> str:
    return spell_digits(match[1]) + (f" {spell_digits(match[2])}" if match[2] else "")


def _road_marker(match: re.Match[str]) -> str:
    """`K120+300`, the metres after a kilometre stone."""
    return f"{match['letter']}{number(match['first'])}加{number(match['second'])}"


def _model(match: re.Match[str]) -> str:
    """Letters, then digits: many of them, or those of a name in capitals, one by one."""
    word, joint, digits = match.groups()
    is_code = len(digits) >= _MIN_MODEL_DIGITS and (joint != " " or word.isupper())
    if _MEASURED.fullmatch(word):
        is_code = False
    spoken = spell_digits(digits) if is_code else number(digits)
    return f"{word}{' ' if joint else ''}{spoken}"


PROTOCOL = Rule("zh-version", "versions", _PROTOCOL, lambda m: " ")

VERSION = Rule("zh-version", "versions", _VERSION, _version)

EARLY = (
    Rule("zh-acronym", "alphanumerics", _ACRONYM, lambda m: _SAID[m[0]]),
    Rule("zh-model-name", "alphanumerics", _AIRCRAFT, _aircraft),
    Rule("zh-model-name", "alphanumerics", _VARIANT, lambda m: f"{m['head']} {spell_digits(m['digits'])}"),
    Rule("zh-level", "alphanumerics", _LEVEL, lambda m: "等级"),
    Rule("zh-road-marker", "alphanumerics", _ROAD_MARKER, _road_marker),
    Rule("zh-model-name", "alphanumerics", _NAME_NUMBER, lambda m: ""),
)
"""Before ranges."""

RULES = (
    Rule("zh-resolution", "alphanumerics", _RESOLUTION, lambda m: spell_digits(m[1])),
    Rule("zh-model-name", "alphanumerics", _SUFFIX, lambda m: spell_digits(m[0])),
    Rule("zh-model-name", "alphanumerics", _SERIES, lambda m: m["name"] + spell_digits(m["digits"])),
    Rule("zh-model-name", "alphanumerics", _MODEL, _model),
)
