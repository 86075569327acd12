"""Vocoders: mel spectra to samples.

HiFi-GAN: float32 mel [1, 80, L] to samples. Vocos: float32 `mels` [1, 80, L] to magnitudes, cosines and sines of the
phases, each [1, n_fft / 2 + 1, L], of a short-time spectrum that is turned into samples here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tts.engines.base import BadOutput, CancelToken, Deadline, Samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.istft import istft
from tts.engines.onnx.session import create_session, run, run_all
from tts.engines.onnx.signature import FLOAT, Signature
from tts.engines.onnx.speaking import read_model
from tts.voices.problems import VoiceIncompatible

Mel = NDArray[np.float32]
"""Shape (1, 80, frames)."""


class Vocoder(Protocol):
    def samples(self, mel: Mel, *, deadline: Deadline, cancel: CancelToken) -> Samples:
        """Raises what `session.run` raises."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class HifiganVocoder:
    session: onnxruntime.InferenceSession
    input_name: str

    def samples(self, mel: Mel, *, deadline: Deadline, cancel: CancelToken) -> Samples:
        return run(self.session, {self.input_name: mel}, deadline=deadline, cancel=cancel).reshape(-1)


@dataclass(frozen=True, slots=True, eq=False)
class VocosVocoder:
    session: onnxruntime.InferenceSession
    input_name: str
    n_fft: int
    hop: int

    def samples(self, mel: Mel, *, deadline: Deadline, cancel: CancelToken) -> Samples:
        outputs = run_all(self.session, {self.input_name: mel}, deadline=deadline, cancel=cancel)
        shape = (1, self.n_fft // 2 + 1, mel.shape[2])
        if len(outputs) < 3 or any(output.shape != shape for output in outputs[:3]):
            raise BadOutput(f"the vocoder gave no three spectra of shape {shape}")
        magnitude, cosine, sine = (output[0] for output in outputs[:3])
        spectrum = (magnitude * (cosine + 1j * sine)).astype(np.complex64)
        return istft(spectrum, n_fft=self.n_fft, hop=self.hop)


def load_vocoder(path: Path, sample_rate: int, cache: GraphCache) -> Vocoder:
    """Raises `VoiceCorrupt`; `VoiceIncompatible` for a vocoder of another kind or sample rate."""
    session = create_session(read_model(path), cache)
    signature = Signature.of(session)
    kind = signature.text("model_type") or ("vocos" if len(signature.outputs) == 3 else "hifigan")
    if len(signature.inputs) != 1 or set(signature.inputs.values()) != {FLOAT}:
        raise VoiceIncompatible(f"{path.name} is no vocoder: its inputs are {signature.described_inputs()}")
    own = signature.integer("sample_rate", sample_rate)
    if own != sample_rate:
        raise VoiceIncompatible(
            f"{path.name} is a vocoder for {own} Hz, the voice needs one for {sample_rate} Hz"
        )
    (input_name,) = signature.inputs
    if kind == "hifigan":
        return HifiganVocoder(session, input_name)
    if kind in ("vocos", "matcha-tts vocos"):
        return _vocos(path, session, signature, input_name)
    raise VoiceIncompatible(
        f"{path.name} is a vocoder of the kind {kind!r:.60}; hifigan and vocos are supported"
    )


def _vocos(
    path: Path, session: onnxruntime.InferenceSession, signature: Signature, input_name: str
) -> VocosVocoder:
    n_fft, hop = signature.integer("n_fft", 1024), signature.integer("hop_length", 256)
    told = {
        "win_length": (signature.text("win_length", str(n_fft)), str(n_fft)),
        "window_type": (signature.text("window_type", "hann"), "hann"),
        "center": (signature.text("center", "1"), "1"),
        "normalized": (signature.text("normalized", "0"), "0"),
    }
    for name, (found, supported) in told.items():
        if found != supported:
            raise VoiceIncompatible(f"{path.name}: {name} is {found!r:.60}, supported is {supported}")
    if not (64 <= n_fft <= 8192 and 0 < hop <= n_fft // 2):
        raise VoiceIncompatible(f"{path.name}: n_fft {n_fft} and hop_length {hop} do not go together")
    return VocosVocoder(session, input_name, n_fft, hop)
