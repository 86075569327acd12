"""Kokoro in its three versions, with the three kinds of files for styles."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from tests.family_voices.tones import (
    FLOAT,
    INT32,
    INT64,
    Sounds,
    ToneGraph,
    Value,
    numbered,
    write_model,
    write_tokens,
)

SPEAKERS = ("af_heart", "bm_george", "zf_xiaoxiao", "zm_yunxi")
SIZE = 178
SAMPLE_RATE = 24000
MARKS = (0, 1, 2, 3, 4, 5, 6, 16)
METADATA = {
    "model_type": "kokoro",
    "sample_rate": SAMPLE_RATE,
    "version": 2,
    "voice": "en-us",
    "style_dim": "510,1,256",
}

ZHUYIN = (
    "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦㄧㄨㄩㄭ"
    "十月压言阳要阴应用又中穵外万王为文瓮我元云R12345"
)
"""What misaki's Mandarin of version 1.1 is made of."""

SYMBOLS_1_1 = ';:,.!?—…"()“” /' + "AIOQTWYᵊʤʧbdfhijklmnpstuvwzɑæɔəɛɜɡɪɹʃʊʌʒθðŋˈˌː" + ZHUYIN
TOKENS_1_1 = numbered(["$", *dict.fromkeys(SYMBOLS_1_1)])


def styles(speakers: int, rows: int = 510) -> NDArray[np.float32]:
    """Tables of all speakers, shape (speakers, rows, 256): the first number tells speaker and row."""
    table = np.zeros((speakers, rows, 256), dtype=np.float32)
    table[:, :, 0] = gain(np.arange(speakers)[:, np.newaxis], np.arange(rows))
    return table


def gain(speaker: "int | NDArray[np.int64]", row: "int | NDArray[np.int64]") -> "NDArray[np.float64]":
    """How loud the fixture is with a style."""
    return np.asarray(0.3 + 0.1 * speaker + 0.0001 * row)


def sounds(size: int = SIZE) -> Sounds:
    return Sounds(size, silent=(0,), marks=MARKS[1:])


def kokoro_model(
    *, tokens: str = "tokens", speed: int = FLOAT, metadata: object = None, size: int = SIZE, outputs: int = 1
) -> onnx.ModelProto:
    graph = ToneGraph(sounds(size))
    length_scale = graph.add("Reciprocal", graph.add("Cast", "speed", to=FLOAT))
    frame_ids = graph.frame_ids(tokens, length_scale)
    loudness = graph.add("Slice", "style", graph.constant([0, 0]), graph.constant([1, 1]))
    heard = graph.add("Mul", graph.rows(frame_ids), loudness)
    graph.add("Reshape", heard, graph.constant([-1] if outputs == 1 else [1, -1]), out="audio")
    inputs: list[Value] = [
        (tokens, INT64, [1, "sequence_length"]),
        ("style", FLOAT, [1, 256]),
        ("speed", speed, [1]),
    ]
    given: list[Value] = [("audio", FLOAT, ["audio_length"] if outputs == 1 else [1, "audio_length"])]
    if outputs > 1:
        graph.add("Shape", graph.flat(tokens), out="duration")
        given.append(("duration", INT64, [1]))
    return graph.model(inputs, given, metadata if isinstance(metadata, dict) else {})


def write_npz_voice(folder: Path, speakers: Sequence[str] = SPEAKERS, *, speed: int = FLOAT) -> None:
    """As kokoro-onnx publishes version 1.0: no table of tokens, an npz archive named .bin."""
    write_model(folder / "kokoro-v1.0.onnx", kokoro_model(speed=speed))
    tables = styles(len(speakers))
    with (folder / "voices-v1.0.bin").open("wb") as file:
        np.savez(file, **{name: tables[place][:, np.newaxis] for place, name in enumerate(speakers)})


def write_raw_voice(folder: Path, speakers: Sequence[str] = SPEAKERS) -> None:
    """As sherpa-onnx publishes version 1.1: tokens.txt, raw styles, names in the metadata."""
    metadata = {**METADATA, "n_speakers": len(speakers), "speaker_names": ",".join(speakers)}
    write_model(folder / "model.onnx", kokoro_model(metadata=metadata, size=len(TOKENS_1_1)))
    write_tokens(folder / "tokens.txt", TOKENS_1_1)
    (folder / "voices.bin").write_bytes(styles(len(speakers)).tobytes())


def write_split_voice(folder: Path, speakers: Sequence[str] = SPEAKERS) -> None:
    """As onnx-community publishes it: `input_ids`, tokenizer.json, a file for each speaker, a second output."""
    write_model(folder / "onnx" / "model.onnx", kokoro_model(tokens="input_ids", outputs=2))
    (folder / "voices").mkdir(parents=True)
    tables = styles(len(speakers))
    for place, name in enumerate(speakers):
        (folder / "voices" / f"{name}.bin").write_bytes(tables[place].tobytes())
    vocabulary = {
        "a": 43,
        "b": 44,
        "h": 50,
        "l": 54,
        "\uab67": 23,
        "ɚ": 85,
        **{s: 60 + n for n, s in enumerate("npstu")},
    }
    vocabulary |= {chr(0x1D00 + number): 100 + number for number in range(70)}
    values = {"model": {"vocab": {"$": 0, **vocabulary}}}
    (folder / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")


def write_legacy_voice(folder: Path) -> None:
    """Version 0.19: English only, styles of 511 rows."""
    names = ("af_bella", "bm_lewis")
    write_model(folder / "kokoro-v0_19.onnx", kokoro_model(metadata={**METADATA, "version": 1}))
    tables = styles(len(names), 511)
    with (folder / "voices.npz").open("wb") as file:
        np.savez(file, **{name: tables[place][:, np.newaxis] for place, name in enumerate(names)})


INTEGER_SPEED = INT32
