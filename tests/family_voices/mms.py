"""MMS as Hugging Face's transformers export it."""

import json
from pathlib import Path

import numpy as np
import onnx

from tests.family_voices.tones import FLOAT, INT64, Sounds, ToneGraph, Value, numbered, write_model

VOCABULARY = numbered(["_", *"abcdefghijklmnopqrstuvwxyz '-"])
SAMPLE_RATE = 16000


def sounds() -> Sounds:
    return Sounds(len(VOCABULARY), silent=(0,), marks=[VOCABULARY[mark] for mark in " '-"])


def mms_model() -> onnx.ModelProto:
    graph = ToneGraph(sounds())
    # Masked places sound like blanks, so that a wrong mask is heard.
    ids = graph.add("Mul", "input_ids", "attention_mask")
    rows = graph.rows(graph.frame_ids(ids, graph.constant([1.0], np.float32)))
    graph.add("Reshape", rows, graph.constant([1, -1]), out="waveform")
    graph.add("Reshape", rows, graph.constant([1, 256, -1]), out="spectrogram")
    inputs: list[Value] = [
        ("input_ids", INT64, ["batch_size", "sequence_length"]),
        ("attention_mask", INT64, ["batch_size", "sequence_length"]),
    ]
    outputs: list[Value] = [
        ("waveform", FLOAT, ["batch_size", "n_samples"]),
        ("spectrogram", FLOAT, ["batch_size", 256, "n_frames"]),
    ]
    return graph.model(inputs, outputs, {})


def write_mms_voice(folder: Path, language: str = "eng", **tokenizer: object) -> None:
    write_model(folder / "model.onnx", mms_model())
    (folder / "vocab.json").write_text(json.dumps(VOCABULARY), encoding="utf-8")
    values = {"language": language, "add_blank": True, "is_uroman": False, **tokenizer}
    (folder / "tokenizer_config.json").write_text(json.dumps(values), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"sampling_rate": SAMPLE_RATE}), encoding="utf-8")
