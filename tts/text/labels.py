"""Ranges between labels, which are written alike in every language: `A2:B10`, `S-XXL`."""

import re

_CELL = "[A-Z]{1,2}[0-9]{1,4}"
_SIZE = "(?:X{0,3}[SL]|[2-6]XL|M)"

CELL_RANGE = re.compile(rf"(?<![A-Za-z0-9])(?P<first>{_CELL}):(?={_CELL}(?![A-Za-z0-9]))")
"""The first of two cells of a sheet, with the colon."""

SIZE_RANGE = re.compile(rf"(?<![A-Za-z0-9-])(?P<first>{_SIZE})-(?={_SIZE}(?![A-Za-z0-9-]))")
"""The first of two sizes of clothes, with the hyphen."""
