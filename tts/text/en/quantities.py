"""Percentages, temperatures and units in English."""

import re

from tts.text.en.numbers import SIGNS, number
from tts.text.en.units import DETERMINER, NOUN, UNITS, singular
from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives

_TO = r"(?: ?[-~–—] ?| to )"
_PERCENT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})"
    rf"(?:{_TO}(?P<sign2>-)?(?P<second>{NUMBER}))? ?(?P<unit>[%‰])"
)
_TEMPERATURE = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})(?:{_TO}(?P<sign2>-)?(?P<second>{NUMBER}))?"
    r" ?(?P<unit>℃|℉|°(?= ?[CF](?![A-Za-z])) ?[CF])"
)
_UNIT = re.compile(
    rf"(?P<one>{DETERMINER})?{START}(?<![A-Za-z])(?<![A-Za-z]-)(?P<sign>{SIGN})?(?P<first>{NUMBER})"
    rf"(?P<over>(?<![.,])/[0-9]{{2,3}}(?= ?mmHg))?"
    rf"(?:{_TO}(?P<second>{NUMBER}))?(?P<joint>[ -]?)(?P<unit>{alternatives(UNITS)})"
    rf"(?![A-Za-z0-9²³'])(?:\.(?= [a-z(]|,))?{NOUN}?"
)
_INCHES = re.compile(rf"{START}(?P<feet>[0-9]{{1,2}}) ?ft\.? ?(?P<inches>1[01]|[0-9]) ?in(?:\.|\b)(?! [a-z])")
_SAME_UNIT_RANGE = re.compile(
    rf"(?<=[0-9])( ?(?P<unit>[A-Za-zμ][A-Za-z/²³]{{0,4}}|°[CF]?|%)) ?[-~–—] ?(?={NUMBER} ?(?P=unit)(?![A-Za-z]))"
)
_SCALE = re.compile(
    rf"{START}(?<![$€£¥A-Za-z])(?P<first>{NUMBER})"
    # `4K` and `8K` alone are resolutions.
    r"(?:(?P<thousand>k|(?<![48])K|K(?=\+| [a-z]{1,12}s\b))"
    r"|(?P<large>[MB])(?=\+| (?:[a-z]{1,16}s|people|children)\b))(?![A-Za-z0-9])"
)
_TIMES = re.compile(rf"{START}(?<![A-Za-z])(?P<first>{NUMBER})[xX×](?![A-Za-z0-9²³^)]| ?[-+*/=0-9])")
_SCALES = {"k": "thousand", "K": "thousand", "M": "million", "B": "billion"}


def _span(match: re.Match[str]) -> str:
    """One number or a range, with their signs."""
    spoken = SIGNS[match["sign"] or ""] + number(match["first"])
    if match["second"]:
        sign = SIGNS[match.groupdict().get("sign2") or ""]
        spoken += f" to {sign}{number(match['second'])}"
    return spoken


def _percent(match: re.Match[str]) -> str:
    return _span(match) + (" per mille" if match["unit"] == "‰" else " percent")


def _temperature(match: re.Match[str]) -> str:
    scale = "Celsius" if match["unit"][-1] in "C℃" else "Fahrenheit"
    single = match["first"] == "1" and not match["second"]
    return f"{_span(match)} {'degree' if single else 'degrees'} {scale}"


def _unit(match: re.Match[str]) -> str:
    unit = UNITS[match["unit"]]
    if match["over"]:
        return f"{number(match['first'])} over {number(match['over'][1:])} {unit}"
    single = match["first"] == "1" and not match["second"]
    # `a 256GB phone`, `a 500-mg tablet`
    is_attribute = (
        match["noun"] is not None and (match["one"] or match["joint"] == "-") and " per " not in unit
    )
    return f"{match['one'] or ''}{_span(match)} {singular(unit) if single or is_attribute else unit}"


def _scale(match: re.Match[str]) -> str:
    return f"{number(match['first'])} {_SCALES[match['thousand'] or match['large']]}"


RULES = (
    Rule("en-range", "ranges", _SAME_UNIT_RANGE, lambda match: f"{match[1]} to "),
    Rule("en-temperature", "temperature", _TEMPERATURE, _temperature),
    Rule("en-percent", "percent", _PERCENT, _percent),
    Rule(
        "en-unit",
        "units",
        _INCHES,
        lambda match: f"{number(match['feet'])} feet {number(match['inches'])} inches",
    ),
    Rule("en-unit", "units", _UNIT, _unit),
    Rule("en-number", "numbers", _SCALE, _scale),
    Rule("en-number", "numbers", _TIMES, lambda match: f"{number(match['first'])} times"),
)
