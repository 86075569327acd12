"""Pairs of labels and of ports, which are written alike in every language: `A2:B10`, `S-XXL`, `-p 8080:80`."""

import re

_CELL = "[A-Z]{1,2}[0-9]{1,4}"
_SIZE = "(?:X{0,3}[SL]|[2-6]XL|M)"

CELL_RANGE = re.compile(rf"(?<![A-Za-z0-9])(?P<first>{_CELL}):(?={_CELL}(?![A-Za-z0-9]))")
"""The first of two cells of a sheet, with the colon."""

SIZE_RANGE = re.compile(rf"(?<![A-Za-z0-9-])(?P<first>{_SIZE})-(?={_SIZE}(?![A-Za-z0-9-]))")
"""The first of two sizes of clothes, with the hyphen."""

MAPPED_PORTS = re.compile(
    r"(?P<lead>(?:(?<![A-Za-z0-9-])(?:-p|--publish|—publish)[ =]|(?:[Pp]orts?|端口|端口映射|映射)[:： ]{1,2}))"
    r"(?P<host>[0-9]{2,5}):(?P<inner>[0-9]{2,5})(?![0-9:])"
)
"""Two ports as Docker's commands pair them, with the option or word that tells them from a ratio."""
