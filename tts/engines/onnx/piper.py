"""One loaded Piper voice: phoneme ids in, samples out.

Inputs `input` int64 [1, T], `input_lengths` int64 [1], `scales` float32 [3] (noise, length, noise of
durations) and, with several speakers, `sid` int64 [1]; first output float32 [1, 1, 1, N] or of fewer
dimensions.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tts.audio.join import fade
from tts.engines.base import CancelToken, Deadline, EngineError, Samples, SynthesisCanceled
from tts.engines.checks import check_samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.phoneme_ids import phoneme_ids, split_phonemes
from tts.engines.onnx.piper_config import PiperConfig
from tts.engines.onnx.session import Feeds, create_session, run
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

MAX_PHONEMES = 250
"""Of one run: about 10 s of audio at 24 MB of memory per second, and a bound on how long it takes to stop."""

MIN_LENGTH_SCALE, MAX_LENGTH_SCALE = 0.1, 10.0
SMOKE_SECONDS = 20.0
_SMOKE_PHONEMES = 12
_SMOKE_SECONDS_PER_PHONEME = (0.002, 1.0)

_INPUT_TYPES = {
    "input": "tensor(int64)",
    "input_lengths": "tensor(int64)",
    "scales": "tensor(float)",
    "sid": "tensor(int64)",
}


@dataclass(frozen=True, slots=True, eq=False)
class PiperModel:
    """A voice file in memory. Threads may share it.

    The same call gives the same samples, for Piper's own exports too, whose noise is made repeatable when
    they are loaded. A graph with other random operators (`RandomUniformLike`, or any inside a subgraph)
    gives the same only for the same sequence of runs since loading.
    """

    config: PiperConfig
    session: onnxruntime.InferenceSession
    takes_speaker: bool

    def speak(
        self,
        phonemes: Sequence[str],
        *,
        speaker: int = 0,
        speed: float = 1.0,
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Samples:
        """Samples of `phonemes`, all known to the voice, at the configuration's scales, `speed` times as
        fast.

        More than `MAX_PHONEMES` are spoken in several runs, cut at punctuation or spaces where possible.
        Raises what `run` raises, and `EngineError` for no phonemes or an unknown speaker.
        """
        pieces = [
            self.run(
                phoneme_ids(part, self.config), speaker=speaker, speed=speed, deadline=deadline, cancel=cancel
            )
            for part in split_phonemes(phonemes, MAX_PHONEMES)
        ]
        if not pieces:
            raise EngineError("no phoneme of the text is known to the voice")
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate([fade(piece, self.config.sample_rate) for piece in pieces])

    def run(
        self, ids: Sequence[int], *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        """Samples of `ids` (as `phoneme_ids` makes them) from one run, shape (n,)."""
        output = run(self.session, self._feeds(ids, speaker, speed), deadline=deadline, cancel=cancel)
        return output.reshape(-1)

    def _feeds(self, ids: Sequence[int], speaker: int, speed: float) -> Feeds:
        # onnxruntime takes a negative id or speaker for a place counted from the end, and any scale at all.
        if not ids or min(ids) < 0 or max(ids) >= self.config.num_symbols:
            raise EngineError("phoneme ids out of range")
        if not 0 <= speaker < len(self.config.speakers):
            raise EngineError(f"speaker {speaker} of {len(self.config.speakers)}")
        length_scale = self.config.length_scale / speed
        if not MIN_LENGTH_SCALE <= length_scale <= MAX_LENGTH_SCALE:
            raise EngineError(f"length scale {length_scale:.3g} out of range")
        scales = [self.config.noise_scale, length_scale, self.config.noise_w]
        feeds: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        if self.takes_speaker:
            feeds["sid"] = np.array([speaker], dtype=np.int64)
        return feeds


@dataclass(frozen=True, slots=True, eq=False)
class LoadedVoice:
    """A voice ready to speak: one speaker of a model. `id` is what clients know it by."""

    id: str
    model: PiperModel
    speaker: int


def load_piper(
    model_path: Path, config: PiperConfig, cache: GraphCache, *, cancel: CancelToken
) -> PiperModel:
    """Load a voice and let its first and last speaker say something.

    Raises `VoiceCorrupt` for what onnxruntime cannot load, `VoiceIncompatible` for inputs or outputs that
    are not Piper's and for a voice that does not speak a dozen phonemes properly within 20 s,
    `SynthesisCanceled` once `cancel` is.
    """
    try:
        data = model_path.read_bytes()
    except OSError as problem:
        raise VoiceCorrupt(f"{model_path.name} cannot be read: {problem.strerror}") from problem
    session = create_session(data, cache)
    model = PiperModel(config, session, takes_speaker=_check_signature(session, config))
    _smoke_test(model, cancel)
    return model


def _check_signature(session: onnxruntime.InferenceSession, config: PiperConfig) -> bool:
    """Whether the graph takes a speaker. Raises `VoiceIncompatible`."""
    inputs = {entry.name: entry.type for entry in session.get_inputs()}
    takes_speaker = "sid" in inputs
    expected = {name: kind for name, kind in _INPUT_TYPES.items() if name != "sid" or takes_speaker}
    if inputs != expected:
        found = ", ".join(f"{name} {kind}" for name, kind in inputs.items())
        raise VoiceIncompatible(f"not a Piper graph: its inputs are {found or 'none'}")
    if len(config.speakers) > 1 and not takes_speaker:
        raise VoiceIncompatible(f"num_speakers is {len(config.speakers)}, but the graph takes no speaker")
    outputs = session.get_outputs()
    if not outputs or outputs[0].type != "tensor(float)":
        raise VoiceIncompatible("not a Piper graph: its first output is not float32")
    return takes_speaker


def _smoke_test(model: PiperModel, cancel: CancelToken) -> None:
    """Raises `VoiceIncompatible` unless the first and the last speaker speak."""
    phonemes = _smoke_phonemes(model.config)
    shortest, longest = (seconds * len(phonemes) for seconds in _SMOKE_SECONDS_PER_PHONEME)
    deadline = Deadline.after(SMOKE_SECONDS)
    for speaker in sorted({0, len(model.config.speakers) - 1}):
        try:
            samples = model.speak(phonemes, speaker=speaker, deadline=deadline, cancel=cancel)
            check_samples(samples, model.config.sample_rate)
        except SynthesisCanceled:
            raise
        except EngineError as problem:
            raise VoiceIncompatible(f"it does not speak: {problem}") from problem
        seconds = len(samples) / model.config.sample_rate
        if not shortest <= seconds <= longest:
            raise VoiceIncompatible(f"it does not speak: {seconds:.2f} s for {len(phonemes)} phonemes")


def _smoke_phonemes(config: PiperConfig) -> list[str]:
    """The first letters of the voice's phonemes, which are sounds in every published voice."""
    letters = [symbol for symbol in config.phoneme_id_map if unicodedata.category(symbol[0]) in ("Ll", "Lo")]
    if not letters:
        raise VoiceIncompatible("phoneme_id_map holds no letter")
    return (letters * _SMOKE_PHONEMES)[:_SMOKE_PHONEMES]
