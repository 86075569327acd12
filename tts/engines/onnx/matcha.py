"""Matcha-TTS voices, of icefall and of the original repository, with a vocoder in a file of its own or in the graph.

Graph: `x` int64 [1, T], `x_length` or `x_lengths` int64 [1], then `noise_scale` and `length_scale` float32 [1] each, or
both as `scales` float32 [2], and a speaker (`sid`, `spks`) int64 [1] where there are several. First output a mel
spectrum float32 [1, 80, L], or samples where the vocoder is in the graph (`wav`, `audio_output`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from tts.engines.base import BadOutput, CancelToken, Deadline, Samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.matcha_front_end import matcha_front_end
from tts.engines.onnx.sequence_model import SequenceModel, Utterance, as_ids, ready
from tts.engines.onnx.session import create_session, run
from tts.engines.onnx.signature import FLOAT, INT64, Signature
from tts.engines.onnx.speaking import length_scale_of, read_model
from tts.engines.onnx.vits import Array, check_sample_rate
from tts.engines.onnx.vits_frames import Frame
from tts.engines.onnx.vocoder import Vocoder, load_vocoder
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible

MAX_IDS, MAX_WORD_TOKENS = 150, 60
"""Of one run, blanks not counted, where tokens are code points of IPA and where they are syllables or halves of them:
about 10 s of audio."""

_MEL_BANDS = 80
_LENGTHS = ("x_length", "x_lengths")
_SPEAKER_NAMES = ("sid", "spks")
_AUDIO_OUTPUTS = ("wav", "audio_output", "audio")


@dataclass(frozen=True, slots=True, eq=False)
class MatchaGraph:
    """See `Graph`. `vocoder` is None where the graph gives samples."""

    session: onnxruntime.InferenceSession
    inputs: tuple[str, ...]
    frame: Frame
    noise_scale: float
    length_scale: float
    vocoder: Vocoder | None

    def run(
        self, utterance: Utterance, *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        ids = self.frame.ids(utterance.ids)
        length_scale = length_scale_of(self.length_scale, speed)
        values: dict[str, Array] = {
            "noise_scale": np.array([self.noise_scale], dtype=np.float32),
            "length_scale": np.array([length_scale], dtype=np.float32),
            "scales": np.array([self.noise_scale, length_scale], dtype=np.float32),
        }
        values |= {name: np.array([speaker], dtype=np.int64) for name in _SPEAKER_NAMES}
        values |= {name: np.array([len(ids)], dtype=np.int64) for name in _LENGTHS}
        feeds: dict[str, Array] = {"x": as_ids(ids)}
        feeds |= {name: values[name] for name in self.inputs if name != "x"}
        output = run(self.session, feeds, deadline=deadline, cancel=cancel)
        if self.vocoder is None:
            return output.reshape(-1)
        if output.ndim != 3 or output.shape[:2] != (1, _MEL_BANDS):
            raise BadOutput(f"expected a mel spectrum of {_MEL_BANDS} bands, got shape {output.shape}")
        return self.vocoder.samples(output, deadline=deadline, cancel=cancel)


def load_matcha(folder: Path, manifest: Manifest, cache: GraphCache, *, cancel: CancelToken) -> SequenceModel:
    """Raises `VoiceCorrupt` for what cannot be read, `VoiceIncompatible` for a graph of another kind or one that does
    not speak, `SynthesisCanceled`."""
    session = create_session(read_model(manifest.path(folder, "model")), cache)
    signature = Signature.of(session)
    _check_inputs(signature, len(manifest.description.speakers))
    check_sample_rate(signature, manifest)
    front_end, frame = matcha_front_end(folder, manifest, signature)
    graph = MatchaGraph(
        session,
        tuple(signature.inputs),
        frame,
        manifest.options.number("noise_scale", 0.0, 2.0, 0.667),
        manifest.options.number("length_scale", 0.1, 10.0, 1.0),
        _vocoder(folder, manifest, signature, cache),
    )
    most = MAX_WORD_TOKENS if manifest.paths(folder, "lexicon") else MAX_IDS
    return ready(SequenceModel(manifest.description, front_end, graph, most), cancel)


def _check_inputs(signature: Signature, speakers: int) -> None:
    names = [name for name in signature.inputs if name not in _SPEAKER_NAMES]
    separate: Sequence[str] = ("noise_scale", "length_scale")
    known = [["x", length, *scales] for length in _LENGTHS for scales in (separate, ("scales",))]
    expected = {name: FLOAT if "scale" in name else INT64 for name in signature.inputs}
    signature.require("Matcha", expected)
    if names not in known:
        raise VoiceIncompatible(f"not a Matcha graph: its inputs are {signature.described_inputs()}")
    if speakers > 1 and len(names) == len(signature.inputs):
        raise VoiceIncompatible(f"voice.json names {speakers} speakers, but the graph takes no speaker")
    if speakers > signature.integer("n_speakers", speakers):
        raise VoiceIncompatible(f"voice.json names {speakers} speakers, the model has fewer")


def _vocoder(folder: Path, manifest: Manifest, signature: Signature, cache: GraphCache) -> Vocoder | None:
    if next(iter(signature.outputs)) in _AUDIO_OUTPUTS:
        return None
    paths = manifest.paths(folder, "vocoder")
    if not paths:
        raise VoiceIncompatible(
            "the model gives mel spectra: files.vocoder must name a vocoder for its sample rate"
        )
    return load_vocoder(paths[0], manifest.description.sample_rate, cache)
