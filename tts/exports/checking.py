"""Whether a usage file is still what it was when it was written, and whether its lines add up to its totals."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from tts.exports.columns import COLUMNS, Column, Detail, Kind, Value
from tts.exports.csv_file import COMMENT, DIGEST
from tts.exports.manifest import ALL, in_all
from tts.exports.ndjson_file import RowLines
from tts.exports.xlsx_file import DIGEST as ROWS_DIGEST
from tts.exports.xlsx_file import MANIFEST_SHEET, SHEET
from tts.exports.xlsx_reading import Cell, UnreadableWorkbook, Workbook
from tts.usage.sums import Sums

SIDE_FILE = ".manifest.json"
EXCEL_EPOCH = datetime(1899, 12, 30)
LAST_BYTES = 200
"""A digest's line is shorter than this."""


@dataclass(slots=True)
class Check:
    """What came of a check. It is good without `problems`; `seen` names what was compared."""

    rows: int = 0
    amounts: Sums = field(default_factory=Sums)
    seen: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def compare(self, what: str, *, told: object, found: object) -> None:
        self.seen.append(what)
        if told != found:
            self.problems.append(f"{what}: the manifest says {_plain(told)}, the file has {_plain(found)}")


def _plain(value: object) -> str:
    """Without the names of Python's types."""
    if isinstance(value, Sums):
        return ", ".join(f"{amount} {name.replace('_', ' ')}" for name, amount in asdict(value).items())
    return str(value)


def file_check(path: Path) -> Check:
    """Check a file against the manifest in it, and against the one beside it where there is one.

    Raises `OSError` when it cannot be read, and `ValueError` when it is no usage file.
    """
    check = Check()
    side = Path(f"{path}{SIDE_FILE}")
    facts = json.loads(side.read_text(encoding="utf-8")) if side.exists() else None
    if facts is not None:
        with path.open("rb") as file:
            check.compare(
                "SHA-256 of the file",
                told=facts["file"]["sha256"],
                found=file_digest(file, "sha256").hexdigest(),
            )
    checks: dict[str, Callable[[Path, Check], None]] = {
        ".csv": _check_csv,
        ".ndjson": _check_ndjson,
        ".xlsx": _check_xlsx,
    }
    if path.suffix not in checks:
        raise ValueError(f"{path.suffix or 'a file without a suffix'} is none of {', '.join(checks)}")
    try:
        checks[path.suffix](path, check)
    except (KeyError, IndexError, TypeError, InvalidOperation, UnicodeDecodeError, csv.Error) as problem:
        raise ValueError("it is no usage file, or has been changed") from problem
    if not check.seen:
        raise ValueError("it has no manifest, neither in it nor beside it")
    return check


@dataclass(slots=True)
class _Sums:
    """Lines added up as they are read."""

    rows: int = 0
    by_outcome: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))

    def add(self, row: Mapping[str, Any]) -> None:
        self.rows += 1
        self.by_outcome[str(row["outcome"])] += Sums(
            int(row.get("requests", 1)), int(row["characters"]), Decimal(str(row["audio_seconds"]))
        )

    def compare(self, facts: Mapping[str, Any], check: Check) -> None:
        """With the manifest as names and values: `rows`, `totals.all.characters` and so forth."""
        check.rows, check.amounts = self.rows, in_all(self.by_outcome)
        check.compare("rows", told=int(facts["rows"]), found=self.rows)
        for outcome, found in [(ALL, check.amounts), *sorted(self.by_outcome.items())]:
            name = f"totals.{outcome}"
            told = Sums(
                int(facts[f"{name}.requests"]),
                int(facts[f"{name}.characters"]),
                Decimal(str(facts[f"{name}.audio_seconds"])).quantize(Decimal("0.001")),
            )
            check.compare(name, told=told, found=found)


def _last_line(path: Path) -> tuple[bytes, str]:
    """The last line of a file, and the SHA-256 of all before it."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - LAST_BYTES))
        line = file.read().splitlines(keepends=True)[-1]
        digest, left = sha256(), size - len(line)
        file.seek(0)
        while left and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return line, digest.hexdigest()


def _check_csv(path: Path, check: Check) -> None:
    last, found = _last_line(path)
    name, _, told = last.decode().strip().partition(",")
    facts: dict[str, str] = {}
    sums = _Sums()
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        for row in lines:
            if not row[0].startswith(COMMENT):
                heading = row
                break
            facts[row[0].removeprefix(COMMENT)] = row[1]
        if not facts:
            return
        if name != DIGEST:
            raise ValueError("its last line is missing: it was cut off, or changed")
        for row in lines:
            if row[0] != DIGEST:
                sums.add(dict(zip(heading, row, strict=True)))
    check.compare("SHA-256 of the lines before the last", told=told, found=found)
    sums.compare(facts, check)


def _check_ndjson(path: Path, check: Check) -> None:
    last, found = _last_line(path)
    sums = _Sums()
    with path.open("rb") as file:
        first = json.loads(file.readline())
        if "manifest" not in first:
            return
        told = _digest_of(last)
        for line in file:
            row = json.loads(line, parse_float=Decimal)
            if "sha256" not in row:
                sums.add(row)
    check.compare("SHA-256 of the lines before the last", told=told, found=found)
    sums.compare(dict(_flat("", first["manifest"])), check)


def _digest_of(line: bytes) -> str:
    try:
        return str(json.loads(line)["sha256"])
    except (KeyError, ValueError, TypeError) as problem:
        raise ValueError("its last line is missing: it was cut off, or changed") from problem


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield prefix, value
        return
    for name, inner in value.items():
        yield from _flat(f"{prefix}.{name}" if prefix else name, inner)


def _check_xlsx(path: Path, check: Check) -> None:
    sums, digest = _Sums(), sha256()
    with Workbook(path) as book:
        if MANIFEST_SHEET not in book.sheets:
            return
        facts = {str(row[0]): row[1] if len(row) > 1 else "" for row in book.rows(MANIFEST_SHEET)}
        detail = Detail(str(facts["detail"]))
        lines, columns = RowLines(detail), COLUMNS[detail]
        for sheet in (name for name in book.sheets if name.partition(" ")[0] == SHEET):
            rows = book.rows(sheet)
            if next(rows) != [column.name for column in columns]:
                raise UnreadableWorkbook("its columns have been changed")
            for cells in rows:
                row = _typed(columns, cells)
                digest.update(lines([row]))
                sums.add({column.name: value for column, value in zip(columns, row, strict=True)})
    check.compare("SHA-256 of the rows", told=facts[ROWS_DIGEST], found=digest.hexdigest())
    sums.compare(facts, check)


def _typed(columns: tuple[Column, ...], cells: list[Cell]) -> list[Value]:
    padded = [*cells, *[None] * (len(columns) - len(cells))]
    return [_value(column.kind, cell) for column, cell in zip(columns, padded, strict=True)]


def _value(kind: Kind, cell: Cell) -> Value:
    match kind, cell:
        case Kind.TEXT, str() | None:
            return cell or ""
        case Kind.WHOLE, float():
            return int(cell)
        case Kind.DECIMAL, float():
            return Decimal(str(cell)).quantize(Decimal("0.001"))
        case Kind.INSTANT, float():
            # Days since Excel's epoch, exact to far less than the millisecond that was written.
            return EXCEL_EPOCH + timedelta(milliseconds=round(cell * 86_400_000))
        case Kind.DATE, float():
            return (EXCEL_EPOCH + timedelta(days=int(cell))).date()
    raise UnreadableWorkbook("a cell has another type than its column")
