import json
from decimal import Decimal
from hashlib import sha256

import pytest

from tests.tts.exports.made_up import line, manifest
from tests.tts.exports.payloads import FORMULAS, HARMLESS
from tts.exports.columns import COLUMNS, Detail
from tts.exports.ndjson_file import ndjson_chunks


def test_the_first_line_is_the_manifest_and_the_last_the_digest() -> None:
    data = b"".join(ndjson_chunks(manifest=manifest(), batches=[[line(0)], [line(1)]]))
    first, *rows, last = data.splitlines(keepends=True)
    facts = json.loads(first)["manifest"]
    assert facts["tenant"] == {"id": facts["tenant"]["id"], "slug": "alice", "name": "Alice"}
    assert facts["range"]["ends_at"] == "2026-05-31T16:00:00.000Z"
    assert facts["generated_at"] == "2026-06-01T08:00:00.005Z"
    assert facts["totals"]["all"] == {"requests": 2, "characters": 12, "audio_seconds": 3.0}
    assert facts["columns"][0] == {"name": "at", "type": "instant", "unit": "UTC"}
    assert len(rows) == facts["rows"] == 2
    assert json.loads(last) == {"sha256": sha256(first + b"".join(rows)).hexdigest()}


def test_a_line_is_an_object_with_numbers_as_numbers() -> None:
    row = [*line(0)[:-2], -5, Decimal("-0.250")]
    (found,) = map(
        json.loads,
        b"".join(ndjson_chunks(manifest=manifest(), batches=[[row]], with_manifest=False)).splitlines(),
    )
    assert list(found) == [column.name for column in COLUMNS[Detail.LINES]]
    assert (found["characters"], found["audio_seconds"]) == (-5, -0.25)
    assert found["at"] == "2026-04-30T16:00:00.123Z"


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS])
def test_text_is_left_as_it_is(text: str) -> None:
    data = b"".join(ndjson_chunks(manifest=manifest(), batches=[[line(0, text)]], with_manifest=False))
    assert json.loads(data)["reference"] == text
    assert data.count(b"\n") == 1
