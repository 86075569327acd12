"""A Piper voice of the type `pinyin`, with the table of the published ones."""

import json
from pathlib import Path

from tests.family_voices.tones import FLOAT, INT64, Sounds, ToneGraph, Value, write_model
from tests.fixture_voices import fixture_config

_INITIALS = ("Ø", *"bpmfdtnlgkhjqx", "zh", "ch", "sh", *"rzcsyw")
_FINALS = (
    *("a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong"),
    *("i", "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong"),
    *("u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ueng", "v", "ve", "van", "vn", "er", "ue"),
)
_LONG_PAUSES = ("。.", "？?", "！!")
_SHORT_PAUSES = "—…、，,：:；; "


def pinyin_table() -> dict[str, list[int]]:
    """`phoneme_id_map`: sounds from 3 on, then tones, then marks, of which several share an id."""
    table = {
        symbol: [number] for number, symbol in enumerate(["_", "^", "$", *_INITIALS, *_FINALS, *"12345"])
    }
    for marks in (*_LONG_PAUSES, _SHORT_PAUSES):
        number = max(ids[0] for ids in table.values()) + 1
        table |= {mark: [number] for mark in marks}
    return table


def pinyin_sounds() -> Sounds:
    table = pinyin_table()
    quiet = {
        ids[0] for symbol, ids in table.items() if symbol in {"^", "$", *"12345", *_SHORT_PAUSES, *"。？！"}
    }
    return Sounds(256, silent=(0,), marks=sorted(quiet))


def write_pinyin_voice(
    directory: Path, name: str, *, speakers: int = 1, **changes: object
) -> tuple[Path, Path]:
    """Model and configuration; `changes` replace fields of the configuration."""
    directory.mkdir(parents=True, exist_ok=True)
    config = (
        fixture_config(phoneme_type="pinyin", speakers=speakers)
        | {"phoneme_id_map": pinyin_table()}
        | changes
    )
    paths = directory / f"{name}.onnx", directory / f"{name}.onnx.json"
    paths[1].write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    graph = ToneGraph(pinyin_sounds())
    length_scale = graph.add("Slice", "scales", graph.constant([1]), graph.constant([2]))
    frame_ids = graph.frame_ids("input", length_scale)
    rows = graph.rows(frame_ids)
    inputs: list[Value] = [
        ("input", INT64, ["batch_size", "phonemes"]),
        ("input_lengths", INT64, ["batch_size"]),
        ("scales", FLOAT, [3]),
    ]
    if speakers > 1:
        rows = graph.with_voice(rows, frame_ids, "sid", speakers)
        inputs.append(("sid", INT64, ["batch_size"]))
    graph.add("Reshape", rows, graph.constant([1, 1, 1, -1]), out="output")
    write_model(paths[0], graph.model(inputs, [("output", FLOAT, ["batch_size", 1, 1, "time"])], {}))
    return paths
