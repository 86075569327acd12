"""VITS and MeloTTS as sherpa-onnx publishes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx

from tests.family_voices.tones import (
    FLOAT,
    INT64,
    Sounds,
    ToneGraph,
    Value,
    numbered,
    write_model,
    write_tokens,
)

CHINESE_TOKENS = numbered(
    ["_", "sil", "eos", "#0", "n", "h", "sh", "j", "i3", "ao3", "i4", "ie4", "uo3", "x", "iang3"]
)
CHINESE_LEXICON = "你 n i3\n好 h ao3\n世界 sh i4 j ie4\n我 uo3\n想 x iang3\n坏 q uai4\n"
CHINESE_METADATA = {
    "model_type": "vits",
    "comment": "aishell3",
    "language": "Chinese",
    "add_blank": 1,
    "n_speakers": 4,
    "sample_rate": 16000,
    "punctuation": "， 。 ！ ？",
}

CHARACTERS = numbered(["_", *"abcdefghijklmnopqrstuvwxyz '-"])
CHARACTER_METADATA = {
    "model_type": "vits",
    "comment": "mms",
    "language": "eng",
    "add_blank": 1,
    "n_speakers": 1,
    "frontend": "characters",
    "sample_rate": 16000,
}

IPA = numbered([*"_^$ !',-.:;?", *"abcdefhijklmnopqrstuvwxyzæçðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒθᵻˈˌː"])
ESPEAK_METADATA = {
    "model_type": "vits",
    "language": "English",
    "voice": "en-us",
    "has_espeak": 1,
    "n_speakers": 1,
    "sample_rate": 22050,
}
COQUI_METADATA = {"use_eos_bos": 1, "bos_id": 1, "eos_id": 2, "blank_id": 0, "add_blank": 1}

MELO_TOKENS = numbered(["_", "n", "h", "i", "ao", "hh", "ah", "l", "ow", ",", ".", "!", "?"])
MELO_LEXICON = "hello hh ah l ow 7 8 7 9\n你 n i 3 3\n好 h ao 3 3\n你好 n i h ao 2 2 3 3\n"
MELO_METADATA = {
    "model_type": "melo-vits",
    "comment": "melo",
    "version": 2,
    "language": "Chinese + English",
    "add_blank": 1,
    "n_speakers": 1,
    "jieba": 1,
    "sample_rate": 44100,
    "speaker_id": 1,
    "license": "MIT license",
}
MELO_SPEAKERS = 3
MELO_GAINS = np.linspace(0.4, 1.0, 12, dtype=np.float32)
"""By tone: 0 where nothing is said, 1-5 of Mandarin, 7-10 of English."""

SCALES: tuple[Value, ...] = (
    ("noise_scale", FLOAT, [1]),
    ("length_scale", FLOAT, [1]),
    ("noise_scale_w", FLOAT, [1]),
)


def sounds(tokens: Mapping[str, int]) -> Sounds:
    """Sounds of voices whose blank is 0; marks and what is named after silence do not sound."""
    quiet = {"sil", "eos", "#0", "^", "$", " ", *",.!?:;'-"}
    return Sounds(len(tokens), silent=(0,), marks=[tokens[token] for token in quiet & tokens.keys()])


def write_lexicon_voice(folder: Path, metadata: Mapping[str, object] = CHINESE_METADATA) -> None:
    """Words of a lexicon, scales one by one, a speaker where there are several."""
    write_tokens_and(folder, CHINESE_TOKENS, CHINESE_LEXICON)
    write_model(folder / "model.onnx", separate_scales(sounds(CHINESE_TOKENS), metadata))


def write_character_voice(folder: Path, metadata: Mapping[str, object] = CHARACTER_METADATA) -> None:
    """Characters, as MMS models converted for sherpa-onnx take them."""
    write_tokens_and(folder, CHARACTERS)
    write_model(folder / "model.onnx", separate_scales(sounds(CHARACTERS), metadata))


def write_espeak_voice(folder: Path, comment: str) -> None:
    """IPA and all scales in one, as models converted from Piper, Coqui and icefall take them."""
    write_tokens_and(folder, IPA)
    metadata = {**ESPEAK_METADATA, "comment": comment, **(COQUI_METADATA if comment == "coqui" else {})}
    build = separate_scales if comment == "icefall" else joint_scales
    write_model(folder / "model.onnx", build(sounds(IPA), metadata))


def write_melo_voice(folder: Path) -> None:
    write_tokens_and(folder, MELO_TOKENS, MELO_LEXICON)
    write_model(folder / "model.onnx", melo_model())


def write_tokens_and(folder: Path, tokens: Mapping[str, int], lexicon: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_tokens(folder / "tokens.txt", tokens)
    if lexicon:
        (folder / "lexicon.txt").write_text(lexicon, encoding="utf-8")


def separate_scales(table: Sounds, metadata: Mapping[str, object]) -> onnx.ModelProto:
    graph = ToneGraph(table)
    speakers = int(str(metadata["n_speakers"]))
    frame_ids = graph.frame_ids("x", "length_scale")
    rows = graph.rows(frame_ids)
    inputs: list[Value] = [("x", INT64, ["N", "L"]), ("x_length", INT64, ["N"]), *SCALES]
    if speakers > 1:
        rows = graph.with_voice(rows, frame_ids, "sid", speakers)
        inputs.append(("sid", INT64, [1]))
    return _finished(graph, rows, inputs, metadata)


def joint_scales(table: Sounds, metadata: Mapping[str, object]) -> onnx.ModelProto:
    graph = ToneGraph(table)
    length_scale = graph.add("Slice", "scales", graph.constant([1]), graph.constant([2]))
    inputs: list[Value] = [
        ("input", INT64, ["N", "L"]),
        ("input_lengths", INT64, ["N"]),
        ("scales", FLOAT, [3]),
    ]
    return _finished(graph, graph.rows(graph.frame_ids("input", length_scale)), inputs, metadata)


def melo_model() -> onnx.ModelProto:
    """The tone of an id sets how loud it is: `MELO_GAINS`."""
    graph = ToneGraph(sounds(MELO_TOKENS))
    owners = graph.owners("x", "length_scale")
    frame_ids = graph.add("Gather", graph.flat("x"), owners)
    rows = graph.with_voice(graph.rows(frame_ids), frame_ids, "sid", MELO_SPEAKERS)
    frame_tones = graph.add("Gather", graph.flat("tones"), owners)
    gains = graph.add("Gather", graph.constant(MELO_GAINS[:, np.newaxis], np.float32), frame_tones)
    inputs: list[Value] = [
        ("x", INT64, ["N", "L"]),
        ("x_lengths", INT64, ["N"]),
        ("tones", INT64, ["N", "L"]),
        ("sid", INT64, [1]),
        *SCALES,
    ]
    return _finished(graph, graph.add("Mul", rows, gains), inputs, MELO_METADATA)


def _finished(
    graph: ToneGraph, rows: str, inputs: Sequence[Value], metadata: Mapping[str, object]
) -> onnx.ModelProto:
    graph.add("Reshape", rows, graph.constant([1, 1, -1]), out="y")
    return graph.model(inputs, [("y", FLOAT, ["N", 1, "S"])], metadata)
