"""Greek letters that stand alone, as names of quantities do; Greek words are left to a Greek voice."""

import re
from collections.abc import Iterable

_LETTER = "\u0370-\u03ff\u1f00-\u1fff"


def single_letter(letters: Iterable[str]) -> re.Pattern[str]:
    """Any of `letters` with no other Greek letter beside it."""
    return re.compile(f"(?<![{_LETTER}])[{''.join(letters)}](?![{_LETTER}])")
