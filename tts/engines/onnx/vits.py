"""VITS voices as sherpa-onnx publishes them, MeloTTS among them.

Graph, by position: ids int64 [1, T], their number int64 [1], then either noise, length and duration-noise scale as
float32 [1] each and a speaker int64 [1] where there are several, or, of models converted from Piper and Coqui, the
scales as one float32 [3], a speaker, a language. MeloTTS has tones int64 [1, T] third and always a speaker. What goes
around and between the ids is in the metadata of the file.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tts.engines.base import CancelToken, Deadline, Samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.sequence_model import SequenceModel, Utterance, as_ids, ready
from tts.engines.onnx.session import create_session, run
from tts.engines.onnx.signature import FLOAT, INT64, Signature
from tts.engines.onnx.speaking import length_scale_of, read_model
from tts.engines.onnx.vits_frames import Frame, front_end_and_frame
from tts.voices.fields import Fields
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible

MAX_IDS = 150
"""Of one run, blanks not counted: about 10 s of audio."""

_SEPARATE = ("noise_scale", "length_scale", "noise_scale_w")
_SPEAKER_NAMES = ("sid", "speaker")

Array = NDArray[np.float32] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scales:
    """How much noise there is in the timbre and in the durations, and the factor of durations at speed 1.0."""

    noise: float
    length: float
    noise_w: float

    @classmethod
    def of(cls, options: Fields) -> "Scales":
        return cls(
            options.number("noise_scale", 0.0, 2.0, 0.667),
            options.number("length_scale", 0.1, 10.0, 1.0),
            options.number("noise_w", 0.0, 2.0, 0.8),
        )


@dataclass(frozen=True, slots=True, eq=False)
class VitsGraph:
    """See `Graph`. `inputs` are the graph's in order; `speaker_ids` what it knows each speaker by."""

    session: onnxruntime.InferenceSession
    inputs: tuple[str, ...]
    frame: Frame
    scales: Scales
    speaker_ids: tuple[int, ...]

    def run(
        self, utterance: Utterance, *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        ids = self.frame.ids(utterance.ids)
        length_scale = length_scale_of(self.scales.length, speed)
        values: dict[str, Array] = {
            "noise_scale": np.array([self.scales.noise], dtype=np.float32),
            "length_scale": np.array([length_scale], dtype=np.float32),
            "noise_scale_w": np.array([self.scales.noise_w], dtype=np.float32),
            "scales": np.array([self.scales.noise, length_scale, self.scales.noise_w], dtype=np.float32),
            "tones": as_ids(self.frame.tones(utterance.tones)),
            "sid": np.array([self.speaker_ids[speaker]], dtype=np.int64),
            "speaker": np.array([self.speaker_ids[speaker]], dtype=np.int64),
            "langid": np.zeros(1, dtype=np.int64),
            "emotion_id": np.zeros(1, dtype=np.int64),
        }
        first, second, *rest = self.inputs
        feeds: dict[str, Array] = {first: as_ids(ids), second: np.array([len(ids)], dtype=np.int64)}
        feeds |= {name: values[name] for name in rest}
        return run(self.session, feeds, deadline=deadline, cancel=cancel).reshape(-1)


def load_vits(folder: Path, manifest: Manifest, cache: GraphCache, *, cancel: CancelToken) -> SequenceModel:
    """Raises `VoiceCorrupt` for what cannot be read, `VoiceIncompatible` for a graph of another kind or one that does
    not speak, `SynthesisCanceled`."""
    session = create_session(read_model(manifest.path(folder, "model")), cache)
    signature = Signature.of(session)
    _check_inputs(signature)
    check_sample_rate(signature, manifest)
    front_end, frame = front_end_and_frame(folder, manifest, signature)
    graph = VitsGraph(
        session,
        tuple(signature.inputs),
        frame,
        Scales.of(manifest.options),
        _speaker_ids(signature, manifest),
    )
    return ready(SequenceModel(manifest.description, front_end, graph, MAX_IDS), cancel)


def check_sample_rate(signature: Signature, manifest: Manifest) -> None:
    """Raises `VoiceIncompatible` where model and manifest disagree."""
    told = manifest.description.sample_rate
    own = signature.integer("sample_rate", told)
    if own != told:
        raise VoiceIncompatible(f"sample_rate is {told} in voice.json, but {own} in the model")


def _check_inputs(signature: Signature) -> None:
    names = list(signature.inputs)
    expected = dict.fromkeys(names[:2], INT64)
    for name in names[2:]:
        if name in (*_SEPARATE, "scales"):
            expected[name] = FLOAT
        elif name in (*_SPEAKER_NAMES, "tones", "langid", "emotion_id"):
            expected[name] = INT64
    signature.require("VITS", expected)
    scales = [name for name in names if name in (*_SEPARATE, "scales")]
    if len(names) < 3 or scales not in ([*_SEPARATE], ["scales"]):
        raise VoiceIncompatible(f"not a VITS graph: its inputs are {signature.described_inputs()}")


def _speaker_ids(signature: Signature, manifest: Manifest) -> tuple[int, ...]:
    count = len(manifest.description.speakers)
    takes_speaker = any(name in signature.inputs for name in _SPEAKER_NAMES)
    if count == 1:
        # MeloTTS exports have one speaker, whose number is not 0.
        return (signature.integer("speaker_id", manifest.options.integer("speaker_id", 0, 100_000, 0)),)
    if not takes_speaker:
        raise VoiceIncompatible(f"voice.json names {count} speakers, but the graph takes no speaker")
    known = signature.integer("n_speakers", count)
    if count > known:
        raise VoiceIncompatible(f"voice.json names {count} speakers, the model has {known}")
    return tuple(range(count))
