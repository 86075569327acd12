"""The mark of a list item, which pauses are found by and no voice should say."""

import re

from tts.text.rules import Rule

_MARK = re.compile(r"\A(\s*)- +(?=\S)")


def list_mark(prefix: str) -> Rule:
    """A rule that drops the mark at the start of a sentence."""
    return Rule(f"{prefix}-list-mark", "punctuation", _MARK, lambda match: match[1], digits=False)
