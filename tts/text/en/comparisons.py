"""Comparisons and approximations in English."""

import re

from tts.text.comparisons import comparison_rules

_SIGNS = {"<": "less than", ">": "greater than", "≤": "at most", "≥": "at least", "≠": "not equal to"}
_SAME = re.compile(
    r"\b(?:about|around|approx\.?|approximately|circa|roughly|nearly|almost) ?\Z", re.IGNORECASE
)
_RANGE_START = re.compile(r"[0-9] ?[A-Za-z%°]{0,10} ?\Z")

RULES = comparison_rules("en", _SIGNS, ("about", _SAME, _RANGE_START), spaced=True)
