"""Telephone numbers in American English, digit by digit and group by group."""

import re

from tts.text.en.numbers import spell_digits
from tts.text.rules import START, Rule

_END = r"(?![0-9]|[.,-][0-9])"
_EXTENSION = r"(?: ?,? ?(?:[Ee]xt\.?|[Ee]xtension|x) ?(?P<extension>[0-9]{1,6}))?"
_AMERICAN = re.compile(
    rf"{START}(?<![A-Za-z-])(?:(?P<plus>\+)?(?P<country>[0-9]{{1,3}})[- .])?"
    rf"\(?(?P<area>[0-9]{{3}})(?:\) ?|[-. ])(?P<first>[0-9]{{3}})[-.](?P<second>[0-9]{{4}}){_EXTENSION}{_END}"
)
_INTERNATIONAL = re.compile(
    rf"(?<![0-9A-Za-z])\+(?=(?:[-(). ]{{0,2}}[0-9]){{7,15}})(?P<country>[0-9]{{1,3}})"
    rf"(?P<rest>(?:[- .]?\(?[0-9]{{1,5}}\)?){{1,5}}){_EXTENSION}{_END}"
)
_EMERGENCY = re.compile(rf"{START}(?<![$A-Za-z-])(?:911|999)(?= (?:call|emergency|dispatch|operator)s?\b)")
_NATIONAL = re.compile(rf"{START}(?<![-A-Za-z])0[0-9]{{2,4}}[- ][0-9]{{3,4}}[- ][0-9]{{3,4}}{_END}")
_CALL = (
    r"(?P<name>\b(?:[Cc]all(?:ing)?|[Dd]ial|[Pp]hone|[Rr]ing|[Tt]el\.?"
    r"|(?:[Tt]ext|[Rr]eply|[Ss]end)(?: [\"“]?[A-Z]{2,12}[\"”]?)? to|[Tt]ext)"
    r"(?: us at| at|:)? )"
)
_LOCAL = re.compile(rf"{_CALL}(?P<first>[2-9][0-9]{{2}})-(?P<second>[0-9]{{4}}){_END}")
_SHORT = re.compile(rf"{_CALL}(?P<first>[1-9][0-9]{{2}}|[0-9]{{5,7}}){_END}(?! [a-z]{{2,12}}s\b)")
_SERVICE_CODE = re.compile(r"(?<![\w*#])[*#]{1,2}[0-9]{1,6}(?:[*#]{1,2}[0-9]{1,15}){0,4}[*#]?(?![\w*#])")
_VERTICAL = re.compile("[*]{1,2}[0-9]{2}")
_KEY = re.compile("[0-9]+|[*#]")
_KEYS = {"*": "star", "#": "pound"}
_GROUP = re.compile("[0-9]+")


def _spell(text: str) -> str:
    return ", ".join(spell_digits(group) for group in _GROUP.findall(text))


def _extension(match: re.Match[str]) -> str:
    extension = match["extension"]
    return f" extension {spell_digits(extension)}" if extension else ""


def _american(match: re.Match[str]) -> str:
    country = match["country"]
    lead = f"{'plus ' if match['plus'] else ''}{spell_digits(country)}, " if country else ""
    return lead + _spell(f"{match['area']} {match['first']} {match['second']}") + _extension(match)


def _international(match: re.Match[str]) -> str:
    return f"plus {spell_digits(match['country'])}, {_spell(match['rest'])}{_extension(match)}"


def _local(match: re.Match[str]) -> str:
    return match["name"] + _spell(f"{match['first']} {match['second']}")


def _keys(match: re.Match[str]) -> str:
    """`*123#` → star one two three pound."""
    return " ".join(_KEYS.get(key) or spell_digits(key) for key in _KEY.findall(match[0]))


def _is_dialled(match: re.Match[str]) -> bool:
    return match[0].endswith("#") or bool(_VERTICAL.match(match[0]))


RULES = (
    Rule("en-service-code", "telephone", _SERVICE_CODE, lambda m: _keys(m) if _is_dialled(m) else m[0]),
    Rule("en-telephone-number", "telephone", _AMERICAN, _american),
    Rule("en-telephone-number", "telephone", _INTERNATIONAL, _international),
    Rule("en-telephone-number", "telephone", _NATIONAL, lambda m: _spell(m[0])),
    Rule("en-telephone-number", "telephone", _LOCAL, _local),
    Rule("en-service-number", "telephone", _EMERGENCY, lambda m: spell_digits(m[0])),
    Rule("en-service-number", "telephone", _SHORT, lambda m: m["name"] + spell_digits(m["first"])),
)
