"""Fractions in Mandarin."""

import re

from tts.text.rules import START, VULGAR_FRACTIONS, Rule
from tts.text.zh.numbers import cardinal

_FRACTION = re.compile(
    rf"{START}(?<!/)(?:(?P<whole>[0-9]{{1,4}}) |(?P<root>√))?(?P<top>[0-9]{{1,4}})"
    r"/(?P<bottom>[0-9]{1,5})(?![0-9/]|[.,][0-9]|[GMK]B)"
)
_VULGAR = re.compile(rf"{START}(?P<whole>[0-9]{{1,6}})? ?(?P<fraction>[{''.join(VULGAR_FRACTIONS)}])")
_ROUND = {"100": "百", "1000": "千", "10000": "万"}


def _fraction(match: re.Match[str]) -> str:
    bottom = _ROUND.get(match["bottom"]) or cardinal(match["bottom"])
    return _mixed(match["whole"], f"{bottom}分之{'根号' if match['root'] else ''}{cardinal(match['top'])}")


def _vulgar(match: re.Match[str]) -> str:
    top, bottom = VULGAR_FRACTIONS[match["fraction"]]
    return _mixed(match["whole"], f"{cardinal(str(bottom))}分之{cardinal(str(top))}")


def _mixed(whole: str | None, fraction: str) -> str:
    return f"{cardinal(whole)}又{fraction}" if whole else fraction


RULES = (
    Rule("zh-fraction", "fractions", _VULGAR, _vulgar, digits=False),
    Rule("zh-fraction", "fractions", _FRACTION, _fraction),
)
