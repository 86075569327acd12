"""Usage as an Excel workbook, written row by row into a file."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tts.exports.columns import COLUMNS, Column, Kind, Row, Value
from tts.exports.manifest import Manifest
from tts.exports.ndjson_file import RowLines

SHEET = "Usage"
MANIFEST_SHEET = "Manifest"
DIGEST = "sha256_of_rows"
MOST_ROWS = 1_048_576
"""Rows of a sheet, its heading among them (Excel specifications and limits)."""

WIDTHS = {Kind.TEXT: 22, Kind.WHOLE: 12, Kind.DECIMAL: 14, Kind.INSTANT: 24, Kind.DATE: 12}


class _Book:
    """A workbook and the formats of its cells."""

    def __init__(self, file: BinaryIO, directory: str) -> None:
        self.workbook = xlsxwriter.Workbook(
            file,
            {
                # Only the row in hand is in memory; finished ones wait in temporary files.
                "constant_memory": True,
                "tmpdir": directory,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                # More rows than fit the old zip's limits.
                "use_zip64": True,
            },
        )
        new: Callable[..., Format] = self.workbook.add_format
        self.heading = new({"bold": True, "quote_prefix": True})
        self.formats = {
            # The prefix keeps a cell text when somebody edits it.
            Kind.TEXT: new({"quote_prefix": True}),
            Kind.WHOLE: new({"num_format": "0"}),
            Kind.DECIMAL: new({"num_format": "0.000"}),
            Kind.INSTANT: new({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
            Kind.DATE: new({"num_format": "yyyy-mm-dd"}),
        }

    def write(self, sheet: Worksheet, row: int, column: int, kind: Kind, value: Any) -> None:
        """A cell of the type that its column says, whatever its text looks like."""
        cell_format = self.formats[kind]
        match kind:
            case Kind.TEXT:
                sheet.write_string(row, column, value, cell_format)
            case Kind.WHOLE | Kind.DECIMAL:
                sheet.write_number(row, column, value, cell_format)
            case Kind.INSTANT:
                # Excel knows no zones; the heading says that it is UTC.
                cut = value.replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)
                sheet.write_datetime(row, column, cut, cell_format)
            case Kind.DATE:
                sheet.write_datetime(row, column, value, cell_format)


def xlsx_write(
    file: BinaryIO,
    *,
    manifest: Manifest,
    batches: Iterable[Sequence[Row]],
    with_manifest: bool = True,
    rows_per_sheet: int = MOST_ROWS,
    directory: str | None = None,
) -> None:
    """Write a workbook into `file`, which can be read when this returns.

    The rows are on the sheet "Usage"; what does not fit goes on to "Usage 2" and so forth, each with its heading. The
    sheet "Manifest" has names and values, and at its end the SHA-256 of the rows: of the bytes that the NDJSON format
    writes for them, the manifest and the last line left out. `directory` takes temporary files.
    """
    digest = sha256()
    lines = RowLines(manifest.detail)
    columns = COLUMNS[manifest.detail]
    # Removed with all that a workbook which fails leaves in it.
    with (
        tempfile.TemporaryDirectory(dir=directory) as temporary,
        _closing(_Book(file, temporary)) as book,
    ):
        sheets = _Sheets(book, columns, rows_per_sheet)
        for batch in batches:
            if with_manifest:
                digest.update(lines(batch))
            for row in batch:
                sheets.add(row)
        if with_manifest:
            _write_manifest(book, manifest, digest.hexdigest())


@contextmanager
def _closing(book: _Book) -> Iterator[_Book]:
    try:
        yield book
    except BaseException:
        # Its own `close` would write the workbook.
        for sheet in book.workbook.worksheets():
            sheet.row_data_fh.close()
        book.workbook.fileclosed = True
        raise
    book.workbook.close()


class _Sheets:
    """One sheet after another, as many as the rows need; one without any rows."""

    def __init__(self, book: _Book, columns: Sequence[Column], rows_per_sheet: int) -> None:
        self._book, self._columns, self._rows_per_sheet = book, columns, rows_per_sheet
        self._count = 0
        self._begin()

    def add(self, row: Row) -> None:
        if self._next == self._rows_per_sheet:
            self._begin()
        for place, (column, value) in enumerate(zip(self._columns, row, strict=True)):
            self._book.write(self._sheet, self._next, place, column.kind, value)
        self._next += 1

    def _begin(self) -> None:
        self._count += 1
        name = SHEET if self._count == 1 else f"{SHEET} {self._count}"
        self._sheet = self._book.workbook.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, WIDTHS[column.kind])
        for place, column in enumerate(self._columns):
            self._sheet.write_string(0, place, column.name, self._book.heading)
        self._next = 1


def _write_manifest(book: _Book, manifest: Manifest, digest: str) -> None:
    sheet = book.workbook.add_worksheet(MANIFEST_SHEET)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 70)
    for row, (name, value) in enumerate([*manifest.pairs(), (DIGEST, digest)]):
        sheet.write_string(row, 0, name, book.heading)
        book.write(sheet, row, 1, _kind_of(value), value)


def _kind_of(value: Value) -> Kind:
    match value:
        case str():
            return Kind.TEXT
        case int():
            return Kind.WHOLE
        case Decimal():
            return Kind.DECIMAL
        case datetime():
            return Kind.INSTANT
        case date():
            return Kind.DATE
