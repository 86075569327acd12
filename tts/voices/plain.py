"""Text from voice files, made fit for a line of a list, a log and a database column."""

import unicodedata

_BREAKS = frozenset({"Cc", "Zl", "Zp"})


def is_storable(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold `text`: neither NUL nor surrogates, which JSON can spell as escapes."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def plain(text: str, most: int) -> str:
    """At most `most` characters of `text` in one line: control characters and line breaks are left out, surrogates
    become U+FFFD."""
    kept = (_replaced(character) for character in text)
    return "".join(kept).strip()[:most]


def _replaced(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BREAKS:
        return ""
    return "\ufffd" if category == "Cs" else character
