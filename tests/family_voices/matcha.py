"""Matcha-TTS of icefall and of the original repository, with vocoders."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from tests.family_voices.tones import FLOAT, HOP, INT64, Sounds, ToneGraph, Value, numbered, write_model
from tests.family_voices.vits import IPA, sounds, write_tokens_and

MEL_BANDS = 80
N_FFT = 1024

BAKER_TOKENS = numbered(["_", "ni3", "hao3", "shi4", "jie4", "wo3", "，", "。"])
BAKER_LEXICON = "你 ni3\n好 hao3\n世 shi4\n界 jie4\n世界 shi4 jie4\n我 wo3\n"
BAKER_METADATA = {
    "model_type": "matcha-tts",
    "language": "Chinese",
    "has_espeak": 0,
    "n_speakers": 1,
    "jieba": 1,
    "sample_rate": 22050,
    "version": 1,
    "pad_id": 0,
    "use_eos_bos": 0,
}
ENGLISH_METADATA = {
    **BAKER_METADATA,
    "language": "English",
    "has_espeak": 1,
    "jieba": 0,
    "voice": "en-us",
    "use_eos_bos": 1,
}

BILINGUAL_TOKENS = numbered(
    ["<unused>", " ", ",", ".", *BAKER_TOKENS, *"AIOWYʧʤbdfhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹʃʊʌʒθˈˌ"]
)
BILINGUAL_METADATA = {**BAKER_METADATA, "voice": "zh en-us", "sample_rate": 16000, "n_speakers": 1}

ORIGINAL_INPUTS: tuple[Value, ...] = (
    ("x", INT64, ["batch_size", "time"]),
    ("x_lengths", INT64, ["batch_size"]),
    ("scales", FLOAT, [2]),
)
ICEFALL_INPUTS: tuple[Value, ...] = (
    ("x", INT64, ["N", "L"]),
    ("x_length", INT64, ["N"]),
    ("noise_scale", FLOAT, [1]),
    ("length_scale", FLOAT, [1]),
)


def write_baker_voice(folder: Path, vocoder: str = "hifigan") -> None:
    """Mandarin by lexicon."""
    write_tokens_and(folder, BAKER_TOKENS, BAKER_LEXICON)
    table = Sounds(len(BAKER_TOKENS), silent=(0,), marks=(6, 7))
    write_model(folder / "model-steps-3.onnx", mel_model(table, BAKER_METADATA))
    write_vocoder(folder, vocoder, 22050)


def write_english_voice(folder: Path) -> None:
    write_tokens_and(folder, IPA)
    write_model(folder / "model-steps-3.onnx", mel_model(sounds(IPA), ENGLISH_METADATA))
    write_vocoder(folder, "hifigan", 22050)


def write_bilingual_voice(folder: Path) -> None:
    write_tokens_and(folder, BILINGUAL_TOKENS, BAKER_LEXICON)
    table = Sounds(len(BILINGUAL_TOKENS), silent=(0,), marks=[BILINGUAL_TOKENS[mark] for mark in " ,."])
    write_model(folder / "model-steps-3.onnx", mel_model(table, BILINGUAL_METADATA))
    write_vocoder(folder, "vocos", 16000)


def write_original_voice(folder: Path, *, speakers: int = 1) -> None:
    """With the vocoder in the graph, without tokens and metadata, as `matcha.onnx.export` writes it."""
    table = Sounds(178, silent=(0,), marks=(2, 3, 16))
    graph = ToneGraph(table)
    length_scale = graph.add("Slice", "scales", graph.constant([1]), graph.constant([2]))
    frame_ids = graph.frame_ids("x", length_scale)
    rows = graph.rows(frame_ids)
    inputs = list(ORIGINAL_INPUTS)
    if speakers > 1:
        rows = graph.with_voice(rows, frame_ids, "spks", speakers)
        inputs.append(("spks", INT64, ["batch_size"]))
    graph.add("Reshape", rows, graph.constant([1, -1]), out="wav")
    graph.add("Shape", graph.flat("wav"), out="wav_lengths")
    outputs: list[Value] = [("wav", FLOAT, ["batch_size", "time"]), ("wav_lengths", INT64, ["batch_size"])]
    write_model(folder / "matcha.onnx", graph.model(inputs, outputs, {}))


def write_vocoder(folder: Path, kind: str, sample_rate: int) -> None:
    build = {"hifigan": hifigan_model, "vocos": vocos_model}[kind]
    write_model(folder / f"{kind}.onnx", build(sample_rate))


def mel_model(table: Sounds, metadata: Mapping[str, object]) -> onnx.ModelProto:
    """A frame's mel spectrum is one of the 80 bands for each id, nothing for what is silent."""
    graph = ToneGraph(table)
    bands = np.zeros((table.size, MEL_BANDS), dtype=np.float32)
    bands[np.arange(table.size), np.arange(table.size) % MEL_BANDS] = 1.0
    bands[[*table.marks, *table.silent]] = 0.0
    rows = graph.add("Gather", graph.constant(bands, np.float32), graph.frame_ids("x", "length_scale"))
    graph.add("Unsqueeze", graph.add("Transpose", rows, perm=[1, 0]), graph.constant([0]), out="mel")
    return graph.model(ICEFALL_INPUTS, [("mel", FLOAT, ["N", MEL_BANDS, "L"])], metadata)


def hifigan_model(sample_rate: int) -> onnx.ModelProto:
    """256 samples for each frame: the tones of its bands."""
    graph = ToneGraph(Sounds(1))
    frames = graph.add("Transpose", "mel", perm=[0, 2, 1])
    rows = graph.add("MatMul", frames, graph.constant(band_tones(), np.float32))
    graph.add("Reshape", rows, graph.constant([1, 1, -1]), out="audio")
    metadata = {"model_type": "hifigan", "sample_rate": sample_rate}
    return graph.model([("mel", FLOAT, ["N", MEL_BANDS, "L"])], [("audio", FLOAT, ["N", 1, "S"])], metadata)


def vocos_model(sample_rate: int) -> onnx.ModelProto:
    """Each band is one bin of the spectrum, at phase 0 in every frame: bins that have whole cycles in a hop."""
    graph = ToneGraph(Sounds(1))
    magnitudes = graph.add("MatMul", graph.constant(band_bins(), np.float32), "mels")
    graph.add("Identity", magnitudes, out="mag")
    zeros = graph.add("Mul", magnitudes, graph.constant([0.0], np.float32))
    graph.add("Cos", zeros, out="x")
    graph.add("Sin", zeros, out="y")
    shape = ["batch_size", N_FFT // 2 + 1, "time"]
    metadata = {"model_type": "vocos", "sample_rate": sample_rate, "n_fft": N_FFT, "hop_length": HOP}
    outputs: list[Value] = [(name, FLOAT, shape) for name in ("mag", "x", "y")]
    return graph.model([("mels", FLOAT, ["batch_size", MEL_BANDS, "time"])], outputs, metadata)


def band_tones() -> NDArray[np.float64]:
    """Shape (80, 256)."""
    cycles = np.arange(2, MEL_BANDS + 2)[:, np.newaxis]
    return 0.3 * np.sin(2 * np.pi * cycles * np.arange(HOP) / HOP)


def band_bins() -> NDArray[np.float64]:
    """Shape (513, 80)."""
    bins = np.zeros((N_FFT // 2 + 1, MEL_BANDS))
    bins[4 * np.arange(2, MEL_BANDS + 2), np.arange(MEL_BANDS)] = 100.0
    return bins
