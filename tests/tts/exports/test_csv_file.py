import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256

import pytest

from tests.tts.exports.made_up import day, line, manifest
from tests.tts.exports.payloads import FORMULAS, HARMLESS
from tests.tts.exports.test_defusing import runs_as_a_formula
from tts.exports.columns import COLUMNS, Detail, Kind, Row
from tts.exports.csv_file import csv_chunks
from tts.exports.defusing import restored


def written(*batches: list[Row], **options: bool) -> bytes:
    rows = sum(len(batch) for batch in batches)
    return b"".join(csv_chunks(manifest=manifest(rows=rows), batches=batches, **options))


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_line_for_each_row_below_the_names_of_the_columns() -> None:
    first, second, third = cells(written([line(0)], [line(1)], with_manifest=False))
    assert first == [column.name for column in COLUMNS[Detail.LINES]]
    assert second[:2] == ["2026-04-30T16:00:00.123Z", "2026-05-01"]
    assert second[-2:] == ["6", "1.500"]
    assert third[0] == "2026-04-30T16:00:01.123Z"


def test_the_manifest_stands_before_the_data_and_the_digest_after_it() -> None:
    data = written([line(0), line(1)])
    head = {
        name.removeprefix("# "): value for name, value in (row for row in cells(data) if row[0][0] == "#")
    }
    assert head["tenant.slug"] == "alice"
    assert (head["range.from"], head["range.to"]) == ("2026-05-01", "2026-05-31")
    assert head["range.time_zone"] == "Asia/Shanghai"
    assert (head["rows"], head["complete"]) == ("2", "true")
    assert (head["totals.all.characters"], head["totals.succeeded.audio_seconds"]) == ("12", "3.000")
    assert head["columns.audio_seconds"] == "decimal, s"
    body, _, last = data.rpartition(b"# sha256,")
    assert last == sha256(body).hexdigest().encode() + b"\r\n"


def test_lines_end_as_rfc_4180_says() -> None:
    data = written([line(0)])
    assert data.count(b"\n") == data.count(b"\r\n")
    assert data.endswith(b"\r\n")


def test_a_byte_order_mark_comes_first_and_is_part_of_the_digest() -> None:
    data = written([line(0)], byte_order_mark=True)
    assert data.startswith(b"\xef\xbb\xbf#")
    body, _, last = data.rpartition(b"# sha256,")
    assert sha256(body).hexdigest().encode() in last
    assert not written([line(0)]).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_come_out_as_text_in_every_column_and_in_the_manifest(text: str) -> None:
    data = b"".join(csv_chunks(manifest=manifest(rows=1, name=text), batches=[[line(0, text)]]))
    for row in cells(data):
        assert not [cell for cell in row if runs_as_a_formula(cell)]


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS])
def test_text_can_be_restored_from_what_a_reader_of_csv_gives(text: str) -> None:
    _, row = cells(written([line(0, text)], with_manifest=False))
    names = [column.name for column in COLUMNS[Detail.LINES]]
    assert restored(row[names.index("reference")]) == text
    assert restored(row[names.index("key_name")]) == text


def test_numbers_stay_numbers_below_zero_too() -> None:
    row = [*line(0)[:-2], -5, Decimal("-0.250")]
    assert cells(written([row], with_manifest=False))[1][-2:] == ["-5", "-0.250"]


def test_a_daily_summary_has_columns_of_its_own() -> None:
    data = b"".join(csv_chunks(manifest=manifest(Detail.SUMMARY, rows=1), batches=[[day(0)]]))
    rows = [row for row in cells(data) if not row[0].startswith("#")]
    assert rows[0] == [column.name for column in COLUMNS[Detail.SUMMARY]]
    assert rows[1] == [
        "2026-05-01",
        "alice",
        "vg_live_ABC",
        "plain",
        "onnx",
        "plain",
        "none",
        "succeeded",
        "2",
        "12",
        "3.000",
    ]


def test_no_line_of_data_can_look_like_one_of_the_manifest() -> None:
    assert {columns[0].kind for columns in COLUMNS.values()} <= {Kind.DATE, Kind.INSTANT}


def test_parts_come_as_rows_do() -> None:
    taken = 0

    def endless() -> Iterator[list[Row]]:
        nonlocal taken
        while True:
            taken += 1
            yield [line(taken)]

    chunks = csv_chunks(manifest=manifest(), batches=endless())
    for _ in range(3):
        next(chunks)
    assert taken == 2
