"""Text of strangers in CSV files, which spreadsheets take for formulas.

A program that opens a CSV file decides by the first characters of a cell whether it is a formula (OWASP, "CSV
Injection"). An apostrophe in front makes it text. Programs differ in what they skip before they look, and in which
character they take for the separator: beginnings count after blanks, quotes and invisible characters too, and so does
what follows a semicolon, a tab or a line break inside a cell. `restored` takes exactly those apostrophes away again.
"""

import re
from functools import lru_cache

# Blanks, control and format characters, quotes; tab, CR and LF are apart, since they end a cell for some.
_SKIPPED = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x20\\x7f-\\xa0\\xad\\u061c\\u115f\\u1160\\u1680\\u180e\\u2000-\\u200f"
    "\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufeff\\ufff9-\\ufffb"
    "'\"`\\u2018-\\u201f\\uff07\\uff02]*"
)
# = + - @, and what Unicode's compatibility forms (NFKC) or an editor's input method make of them.
_STARTS = (
    "[=+\\-@\\u2212\\ufe62\\ufe63\\ufe66\\ufe6b\\uff0b\\uff0d\\uff1d\\uff20\\u207a-\\u207c\\u208a-\\u208c]"
)
_BREAKS = "\t\r\n"
_DANGER = re.compile(
    # At the beginning of the cell, where a break is as bad; and after what may end a cell.
    f"\\A(?={_SKIPPED}(?:{_STARTS}|[{_BREAKS}]))|(?<=[;{_BREAKS}])(?={_SKIPPED}{_STARTS})"
)
_DEFUSED = re.compile(
    f"\\A'(?={_SKIPPED}(?:{_STARTS}|[{_BREAKS}]))|(?<=[;{_BREAKS}])'(?={_SKIPPED}{_STARTS})"
)


@lru_cache(maxsize=4096)
def defused(text: str) -> str:
    """`text` as a cell of CSV that no spreadsheet takes for a formula; most is returned as it is."""
    return _DANGER.sub("'", text)


def restored(cell: str) -> str:
    """What `defused` made `cell` of."""
    return _DEFUSED.sub("", cell)
