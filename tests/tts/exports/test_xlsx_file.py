import io
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from tests.tts.exports.made_up import day, line, manifest
from tests.tts.exports.payloads import FORMULAS, HARMLESS
from tts.exports.columns import COLUMNS, Detail, Row
from tts.exports.manifest import Manifest
from tts.exports.ndjson_file import ndjson_chunks
from tts.exports.xlsx_file import xlsx_write


def written(facts: Manifest, *batches: list[Row], **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    xlsx_write(file, manifest=facts, batches=batches, **options)
    file.seek(0)
    return file


def book(facts: Manifest, *batches: list[Row], **options: Any) -> Any:
    return openpyxl.load_workbook(written(facts, *batches, **options))


def test_rows_are_on_one_sheet_and_the_manifest_on_another() -> None:
    found = book(manifest(), [line(0)], [line(1)])
    assert found.sheetnames == ["Usage", "Manifest"]
    heading, *rows = found["Usage"].iter_rows(values_only=True)
    assert list(heading) == [column.name for column in COLUMNS[Detail.LINES]]
    assert len(rows) == 2
    assert rows[0][0] == datetime(2026, 4, 30, 16, 0, 0, 123_000)
    assert rows[0][1] == datetime(2026, 5, 1)
    assert rows[0][-2:] == (6, 1.5)
    facts = dict(found["Manifest"].iter_rows(values_only=True))
    assert (facts["tenant.slug"], facts["rows"], facts["totals.all.audio_seconds"]) == ("alice", 2, 3)


def test_the_digest_is_that_of_the_rows_as_ndjson() -> None:
    facts = dict(book(manifest(), [line(0), line(1)])["Manifest"].iter_rows(values_only=True))
    rows = b"".join(ndjson_chunks(manifest=manifest(), batches=[[line(0), line(1)]], with_manifest=False))
    assert facts["sha256_of_rows"] == sha256(rows).hexdigest()


@pytest.mark.parametrize("text", [text for text in FORMULAS if "\r" not in text])
def test_formulas_are_cells_of_text_that_stay_text_when_edited(text: str) -> None:
    found = book(manifest(name=text, rows=1), [line(0, text)])
    sheet = found["Usage"]
    names = [column.name for column in COLUMNS[Detail.LINES]]
    for name in ("key_name", "reference", "voice", "error_code"):
        cell = sheet.cell(2, names.index(name) + 1)
        assert (cell.data_type, unescape(cell.value)) == ("s", text)
        assert cell.quotePrefix
        assert cell.hyperlink is None


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS, "http://evil.example/", "00123", "1e5", "TRUE"])
def test_no_part_of_a_workbook_holds_a_formula_or_a_link(text: str) -> None:
    with ZipFile(written(manifest(name=text, rows=1), [line(0, text)])) as parts:
        for name in parts.namelist():
            content = parts.read(name)
            assert b"<f>" not in content
            assert b"<f " not in content
            assert b"<hyperlink" not in content
            assert b"relationships/hyperlink" not in content
            assert "externalLink" not in name


def test_numbers_are_numbers_below_zero_too() -> None:
    row = [*line(0)[:-2], -5, Decimal("-0.250")]
    cells = book(manifest(rows=1), [row])["Usage"][2]
    assert [(cell.data_type, cell.value) for cell in cells[-2:]] == [("n", -5), ("n", -0.25)]


def test_rows_that_do_not_fit_go_on_to_further_sheets_each_with_a_heading() -> None:
    rows = [day(number) for number in range(7)]
    found = book(manifest(Detail.SUMMARY, rows=7), rows, rows_per_sheet=4)
    assert found.sheetnames == ["Usage", "Usage 2", "Usage 3", "Manifest"]
    assert [found[name].max_row for name in found.sheetnames[:3]] == [4, 4, 2]
    assert {found[name]["A1"].value for name in found.sheetnames[:3]} == {"day"}


def test_no_rows_are_a_sheet_with_a_heading() -> None:
    found = book(manifest(rows=0), with_manifest=False)
    assert found.sheetnames == ["Usage"]
    assert found["Usage"].max_row == 1


def test_a_workbook_that_fails_leaves_no_files_behind(tmp_path: Path) -> None:
    def broken() -> Any:
        yield [line(0)]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        xlsx_write(io.BytesIO(), manifest=manifest(), batches=broken(), directory=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
