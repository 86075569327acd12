import io
import json
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.tts.exports.made_up import day, line, manifest
from tests.tts.exports.payloads import FORMULAS, HARMLESS
from tts.exports.checking import SIDE_FILE, file_check
from tts.exports.columns import Detail, Row
from tts.exports.csv_file import csv_chunks
from tts.exports.file_formats import FileFormat
from tts.exports.ndjson_file import ndjson_chunks
from tts.exports.xlsx_file import xlsx_write

FORMATS = list(FileFormat)


def written(
    folder: Path,
    file_format: FileFormat,
    rows: list[Row],
    detail: Detail = Detail.LINES,
    *,
    with_manifest: bool = True,
) -> Path:
    path = folder / f"usage.{file_format}"
    facts = manifest(detail, rows=len(rows))
    if detail is Detail.SUMMARY:
        facts = manifest(detail, rows=2 * len(rows))
        # A day of the made-up ones has two requests.
        object.__setattr__(facts, "rows", len(rows))
    match file_format:
        case FileFormat.XLSX:
            with path.open("wb") as file:
                xlsx_write(
                    file, manifest=facts, batches=[rows], with_manifest=with_manifest, rows_per_sheet=4
                )
        case FileFormat.CSV:
            chunks = csv_chunks(manifest=facts, batches=[rows], with_manifest=with_manifest)
            path.write_bytes(b"".join(chunks))
        case FileFormat.NDJSON:
            chunks = ndjson_chunks(manifest=facts, batches=[rows], with_manifest=with_manifest)
            path.write_bytes(b"".join(chunks))
    return path


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_as_it_was_written_is_good(tmp_path: Path, file_format: FileFormat) -> None:
    check = file_check(written(tmp_path, file_format, [line(number) for number in range(9)]))
    assert check.problems == []
    assert (check.rows, check.amounts.characters) == (9, 54)
    assert {"rows", "totals.all", "totals.succeeded"} < set(check.seen)


@pytest.mark.parametrize("file_format", FORMATS)
def test_so_is_a_summary_and_a_file_without_rows(tmp_path: Path, file_format: FileFormat) -> None:
    check = file_check(written(tmp_path, file_format, [day(0), day(1)], Detail.SUMMARY))
    assert (check.problems, check.rows, check.amounts.requests) == ([], 2, 4)
    assert file_check(written(tmp_path, file_format, [])).problems == []


@pytest.mark.parametrize("file_format", FORMATS)
def test_so_is_any_text(tmp_path: Path, file_format: FileFormat) -> None:
    texts = [*FORMULAS, *HARMLESS, "_x0041_", "a\n# sha256,0", '{"sha256":"0"}', " spaces ", "emoji 🎧"]
    assert file_check(written(tmp_path, file_format, [line(0, text) for text in texts])).problems == []


@pytest.mark.parametrize(
    ("file_format", "old", "new"), [("csv", b",6,1.500", b",7,1.500"), ("ndjson", b":6,", b":7,")]
)
def test_a_changed_number_is_found(tmp_path: Path, file_format: str, old: bytes, new: bytes) -> None:
    path = written(tmp_path, FileFormat(file_format), [line(0), line(1)])
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    problems = "\n".join(file_check(path).problems)
    assert "SHA-256" in problems
    assert "totals.all" in problems


def test_a_changed_number_in_a_workbook_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, FileFormat.XLSX, [line(0), line(1)])
    changed_sheet(path, b"<v>6</v>", b"<v>7</v>")
    problems = "\n".join(file_check(path).problems)
    assert "SHA-256 of the rows" in problems
    assert "totals.all" in problems


def changed_sheet(path: Path, old: bytes, new: bytes) -> None:
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    parts[sheet] = parts[sheet].replace(old, new, 1)
    with ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_a_workbook_that_another_program_has_saved_is_told_from_ours(tmp_path: Path) -> None:
    path = written(tmp_path, FileFormat.XLSX, [line(0)])
    # As Excel keeps text.
    changed_sheet(path, b't="inlineStr"><is><t>alice</t></is>', b't="s"><v>0</v>')
    with pytest.raises(ValueError, match="another program has saved it"):
        file_check(path)


@pytest.mark.parametrize("file_format", [FileFormat.CSV, FileFormat.NDJSON])
def test_a_file_that_was_cut_off_is_found(tmp_path: Path, file_format: FileFormat) -> None:
    path = written(tmp_path, file_format, [line(0), line(1)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(ValueError, match="cut off"):
        file_check(path)


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_file_beside_it_is_compared_as_well(tmp_path: Path, file_format: FileFormat) -> None:
    path = written(tmp_path, file_format, [line(0)])
    side = Path(f"{path}{SIDE_FILE}")
    side.write_text(json.dumps({"file": {"sha256": sha256(path.read_bytes()).hexdigest()}}))
    assert "SHA-256 of the file" in file_check(path).seen
    side.write_text(json.dumps({"file": {"sha256": "0" * 64}}))
    assert "SHA-256 of the file" in file_check(path).problems[0]


@pytest.mark.parametrize("file_format", FORMATS)
def test_without_any_manifest_nothing_can_be_said(tmp_path: Path, file_format: FileFormat) -> None:
    with pytest.raises(ValueError, match="no manifest"):
        file_check(written(tmp_path, file_format, [line(0)], with_manifest=False))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("usage.csv", b"\xff\xfe"),
        ("usage.csv", b"# rows,1\r\n"),
        ("usage.ndjson", b"[1]\n"),
        ("usage.ndjson", b"no json"),
        ("usage.xlsx", b"PK no zip"),
        ("usage.pdf", b"%PDF"),
        ("usage", b""),
    ],
)
def test_anything_else_is_no_usage_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        file_check(path)


def test_a_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    path = tmp_path / "usage.xlsx"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match="parts of a workbook are missing"):
        file_check(path)
