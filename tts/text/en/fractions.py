"""Fractions in English."""

import re

from tts.text.en.numbers import cardinal, number, ordinal
from tts.text.en.units import UNITS, singular
from tts.text.rules import START, VULGAR_FRACTIONS, Rule, alternatives

_UNIT = rf"(?: ?(?P<unit>{alternatives(UNITS)})(?![A-Za-z0-9²³']))?"
_FRACTION = re.compile(
    rf"{START}(?<!/)(?:(?P<whole>[0-9]{{1,4}}) )?(?P<top>[1-9][0-9]{{0,2}})"
    rf"/(?P<bottom>[1-9][0-9]{{0,3}})(?![0-9/]|[.,][0-9]| ?mmHg){_UNIT}"
)
_OUT_OF = re.compile(
    rf"{START}(?<!/)(?P<top>[0-9]{{1,4}}\.[0-9]{{1,4}})/(?P<bottom>[0-9]{{1,4}}(?:\.[0-9]{{1,4}})?)"
    rf"(?![0-9/]){_UNIT}"
)
_POINTS = re.compile(
    r"\b(?P<lead>(?:[Ss]cored?|[Rr]ated|[Rr]ating|[Gg]ot|[Gg]rade)(?: of| is| was|:)? )"
    r"(?P<top>[0-9]{1,4})/(?P<bottom>[0-9]{1,4})(?![0-9/])"
)
_SHARES = re.compile(rf"{START}(?<!/)(?P<top>[1-9][0-9])/(?P<bottom>[1-9][0-9])(?![0-9/]|[.,][0-9]| of\b)")
_VULGAR = re.compile(rf"{START}(?:(?P<whole>[0-9]{{1,6}}) ?)?(?P<fraction>[{''.join(VULGAR_FRACTIONS)}])")

_BOTTOMS = {2: ("half", "halves"), 4: ("quarter", "quarters"), 100: ("one hundredth", "one hundredths")}
_MAX_NAMED_BOTTOM = 20
_ROUND_BOTTOMS = frozenset({25, 30, 32, 40, 50, 60, 64, 100, 1000})


def _words(top: int, bottom: int) -> str:
    if top == bottom:
        return f"{cardinal(top)} out of {cardinal(bottom)}"
    if bottom == 1 or top >= bottom or (bottom > _MAX_NAMED_BOTTOM and bottom not in _ROUND_BOTTOMS):
        return f"{cardinal(top)} over {cardinal(bottom)}"
    one, many = _BOTTOMS.get(bottom, (ordinal(bottom), f"{ordinal(bottom)}s"))
    return f"{cardinal(top)} {one if top == 1 else many}"


def _mixed(whole: str | None, fraction: str) -> str:
    return f"{cardinal(int(whole))} and {fraction}" if whole else fraction


def _vulgar(match: re.Match[str]) -> str:
    return _mixed(match["whole"], _words(*VULGAR_FRACTIONS[match["fraction"]]))


def _fraction(match: re.Match[str]) -> str:
    spoken = _mixed(match["whole"], _words(int(match["top"]), int(match["bottom"])))
    if match["unit"] is None:
        return spoken
    unit = UNITS[match["unit"]]
    return f"{spoken} {unit if match['whole'] else singular(unit)}"


def _out_of(match: re.Match[str]) -> str:
    named = match.groupdict()
    unit = f" {UNITS[named['unit']]}" if named.get("unit") else ""
    return f"{named.get('lead') or ''}{number(match['top'])} out of {number(match['bottom'])}{unit}"


def _shares(match: re.Match[str]) -> str:
    """`60/40`, the shares of two sides, and `20/20`; other pairs are fractions."""
    first, second = int(match["top"]), int(match["bottom"])
    is_pair = first + second == 100 or first == second == 20
    return f"{cardinal(first)} {cardinal(second)}" if is_pair else match[0]


RULES = (
    Rule("en-fraction", "fractions", _VULGAR, _vulgar, digits=False),
    Rule("en-fraction", "fractions", _OUT_OF, _out_of),
    Rule("en-fraction", "fractions", _POINTS, _out_of),
    Rule("en-shares", "fractions", _SHARES, _shares),
    Rule("en-fraction", "fractions", _FRACTION, _fraction),
)
