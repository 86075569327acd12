"""The cells of our own workbooks, read a row at a time: enough to check one, not to read what other programs write."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Cell = str | float | None
"""Text, a number, or nothing."""


class UnreadableWorkbook(ValueError):
    """The file is no workbook, or another program has saved it since."""


class Workbook:
    """An open workbook; `sheets` are the names of its sheets in their order. To be closed."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = ZipFile(path)
        except BadZipFile as problem:
            raise UnreadableWorkbook("it is no workbook") from problem
        try:
            self._parts = self._paths()
        except (KeyError, ElementTree.ParseError) as problem:
            self._zip.close()
            raise UnreadableWorkbook("parts of a workbook are missing") from problem
        self.sheets = list(self._parts)

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def rows(self, sheet: str) -> Iterator[list[Cell]]:
        """The rows of a sheet, each as long as its last cell. Raises `UnreadableWorkbook`."""
        try:
            with self._zip.open(self._parts[sheet]) as part:
                for _, element in ElementTree.iterparse(part):  # noqa: S314 - expat bounds what entities expand to
                    if element.tag == f"{MAIN}row":
                        yield _row(element)
                        element.clear()
        except (ElementTree.ParseError, BadZipFile) as problem:
            raise UnreadableWorkbook("a sheet is damaged") from problem

    def _paths(self) -> dict[str, str]:
        relations = {
            str(relation.get("Id")): str(relation.get("Target"))
            for relation in self._tree("xl/_rels/workbook.xml.rels")
        }
        sheets = self._tree("xl/workbook.xml").iter(f"{MAIN}sheet")
        return {str(sheet.get("name")): _path(relations[str(sheet.get(RELATION))]) for sheet in sheets}

    def _tree(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._zip.read(name))  # noqa: S314 - as above


def _path(target: str) -> str:
    """Targets are below the workbook's folder, or from the root (ECMA-376, part 2)."""
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _row(element: ElementTree.Element) -> list[Cell]:
    cells: list[Cell] = []
    for cell in element.iter(f"{MAIN}c"):
        place = _column(str(cell.get("r")))
        cells += [None] * (place - len(cells))
        cells.append(_value(cell))
    return cells


def _column(reference: str) -> int:
    """`AB12` → 27."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: ElementTree.Element) -> Cell:
    match cell.get("t", "n"):
        case "inlineStr":
            text = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
            # ECMA-376, 22.9.2.19 (ST_Xstring): characters that XML cannot hold.
            return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        case "n":
            value = cell.find(f"{MAIN}v")
            return None if value is None or value.text is None else float(value.text)
        case _:
            raise UnreadableWorkbook("another program has saved it")
