"""Versions and names made of letters and digits in English: `GPT-4o`, `A380`, `iPhone 15`."""

import re

from tts.text.en.numbers import cardinal, number, paired, spell_digits
from tts.text.rules import START, Rule

_VERSION = re.compile(
    r"(?<![A-Za-z])(?P<v>[vV])(?P<first>[0-9]{1,4}(?:\.[0-9]{1,8}){0,5})(?![0-9])(?P<suffix>-(?=[a-z]))?"
    rf"|{START}(?P<plain>[0-9]{{1,4}}(?:\.[0-9]{{1,8}}){{2,5}})(?![0-9])"
)
_PRODUCTS = (
    "Python|Java|Node|Ruby|PHP|Go|iOS|iPadOS|macOS|Android|Kubernetes|Ubuntu|Debian|PostgreSQL|Django|version"
)
_MINOR = re.compile(
    rf"(?P<name>\b(?:{_PRODUCTS}) )(?P<major>[0-9]{{1,4}})\.(?P<minor>[1-9][0-9]{{0,3}})(?![0-9]|\.[0-9])",
    re.IGNORECASE,
)
_PROTOCOL = re.compile(r"(?<=[A-Z]{3})/(?=[0-9])")
_SUFFIX = re.compile(r"(?<=[0-9])-(?=[a-z]{2,12}\b)")
_MODEL = re.compile(
    r"(?<![A-Za-z])(?P<word>[A-Za-z]{1,12})(?P<joint>[- ]?)(?P<digits>[0-9]{1,8})(?![0-9]|[.,:/%-][0-9])"
)
_PROCESSOR = re.compile(
    r"(?<![A-Za-z0-9])(?P<head>[A-Za-z]{1,4}[0-9]{1,2}-|i[3579] )"
    r"(?P<digits>[0-9]{4,5})(?P<suffix>[A-Z]{0,3})(?![0-9A-Za-z]|[.,:-][0-9])"
)
_MAKERS = re.compile(r"(?<=\bBoeing |\bAirbus )(?P<digits>[0-9]{3,4})(?![0-9]|[.,][0-9])")
_RESOLUTION = re.compile(rf"{START}(?P<digits>[0-9]{{3,4}})(?=[pPiI](?![A-Za-z]))")
_MIN_MODEL_DIGITS = 3


def _version(match: re.Match[str]) -> str:
    spoken = " point ".join(number(part) for part in (match["first"] or match["plain"]).split("."))
    return f"version {spoken}{' ' if match['suffix'] else ''}" if match["v"] else spoken


def _model(match: re.Match[str]) -> str:
    """Letters, then digits: read in pairs when they are many and part of a name in capitals."""
    word, joint, digits = match["word"], match["joint"], match["digits"]
    if joint == " " and not (word.isupper() and len(word) > 1 and _MIN_MODEL_DIGITS <= len(digits) <= 4):
        return match[0]
    spoken = paired(digits) if len(digits) >= _MIN_MODEL_DIGITS or digits[0] == "0" else cardinal(int(digits))
    after = " " if match.string[match.end() : match.end() + 1].isalpha() else ""
    return f"{word} {spoken}{after}"


def _processor(match: re.Match[str]) -> str:
    """`i7-12700K` → i7 twelve seven hundred K: the generation, then the rest."""
    digits = match["digits"]
    spoken = paired(digits) if len(digits) == 4 else f"{cardinal(int(digits[:2]))} {_rest(digits[2:])}"
    return f"{match['head'].replace('-', ' ')}{spoken}{' ' if match['suffix'] else ''}{match['suffix']}"


def _rest(digits: str) -> str:
    return paired(digits) if digits[0] != "0" else spell_digits(digits)


def _pair(match: re.Match[str]) -> str:
    after = " " if match.string[match.end() : match.end() + 1].isalpha() else ""
    return paired(match["digits"]) + after


VERSIONS = (
    Rule("en-model-name", "alphanumerics", _PROCESSOR, _processor),
    Rule("en-version", "versions", _VERSION, _version),
    Rule(
        "en-version",
        "versions",
        _MINOR,
        lambda m: f"{m['name']}{cardinal(int(m['major']))} point {cardinal(int(m['minor']))}",
    ),
    Rule("en-version", "versions", _PROTOCOL, lambda m: " "),
)

RULES = (
    Rule("en-resolution", "alphanumerics", _RESOLUTION, _pair),
    Rule("en-model-name", "alphanumerics", _MAKERS, _pair),
    Rule("en-model-name", "alphanumerics", _MODEL, _model),
    Rule("en-model-name", "alphanumerics", _SUFFIX, lambda m: " "),
)
"""After every other use of digits but plain numbers."""
