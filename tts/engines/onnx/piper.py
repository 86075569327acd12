"""One loaded Piper voice: phoneme ids in, samples out.

Inputs `input` int64 [1, T], `input_lengths` int64 [1], `scales` float32 [3] (noise, length, noise of
durations) and, with several speakers, `sid` int64 [1]; first output float32 [1, 1, 1, N] or of fewer
dimensions.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tts.engines.base import CancelToken, Deadline, Samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.phoneme_ids import phoneme_ids, split_phonemes
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.piper_config import PhonemeType, PiperConfig
from tts.engines.onnx.piper_front_end import piper_phonemes_of
from tts.engines.onnx.piper_pinyin import GROUP_ENDS
from tts.engines.onnx.session import Feeds, create_session, run
from tts.engines.onnx.signature import FLOAT, INT64, Signature
from tts.engines.onnx.speaking import (
    SMOKE_UNITS,
    check_ids,
    check_speaker,
    joined,
    length_scale_of,
    read_model,
    smoke_test,
)
from tts.engines.phoneme_log import phonemes_log
from tts.text.types import Run
from tts.voices.description import VoiceDescription
from tts.voices.problems import VoiceIncompatible

MAX_PHONEMES = 250
"""Of one run: about 10 s of audio at 24 MB of memory per second, and a bound on how long it takes to stop."""

MAX_PINYIN_PHONEMES = 120
"""Three to a syllable: about 10 s as well."""

_INPUT_TYPES = {"input": INT64, "input_lengths": INT64, "scales": FLOAT, "sid": INT64}


@dataclass(frozen=True, slots=True, eq=False)
class PiperModel:
    """A voice file in memory; see `VoiceModel`.

    The same call gives the same samples, for Piper's own exports too, whose noise is made repeatable when
    they are loaded. A graph with other random operators (`RandomUniformLike`, or any inside a subgraph)
    gives the same only for the same sequence of runs since loading.
    """

    config: PiperConfig
    session: onnxruntime.InferenceSession
    takes_speaker: bool

    @property
    def description(self) -> VoiceDescription:
        return self.config.description

    def say(
        self,
        runs: Sequence[Run],
        *,
        phonemizer: Phonemizer,
        speaker: int,
        speed: float,
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Samples:
        phonemes = piper_phonemes_of(runs, self.config, phonemizer, deadline=deadline)
        phonemes_log(self.description.name, phonemes)
        return self.speak(phonemes, speaker=speaker, speed=speed, deadline=deadline, cancel=cancel)

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
            for part in self._pieces(phonemes)
        ]
        return joined(pieces, self.config.sample_rate)

    def _pieces(self, phonemes: Sequence[str]) -> Iterator[Sequence[str]]:
        if self.config.phoneme_type is PhonemeType.PINYIN:
            return split_phonemes(phonemes, MAX_PINYIN_PHONEMES, ends=GROUP_ENDS)
        return split_phonemes(phonemes, MAX_PHONEMES)

    def run(
        self, ids: Sequence[int], *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        """Samples of `ids` (as `phoneme_ids` makes them) from one run, shape (n,)."""
        output = run(self.session, self._feeds(ids, speaker, speed), deadline=deadline, cancel=cancel)
        return output.reshape(-1)

    def _feeds(self, ids: Sequence[int], speaker: int, speed: float) -> Feeds:
        check_ids(ids, self.config.num_symbols)
        check_speaker(speaker, len(self.config.speakers))
        length_scale = length_scale_of(self.config.length_scale, speed)
        scales = [self.config.noise_scale, length_scale, self.config.noise_w]
        feeds: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        if self.takes_speaker:
            feeds["sid"] = np.array([speaker], dtype=np.int64)
        return feeds


def load_piper(
    model_path: Path, config: PiperConfig, cache: GraphCache, *, cancel: CancelToken
) -> PiperModel:
    """Load a voice and let its first and last speaker say something.

    Raises `VoiceCorrupt` for what onnxruntime cannot load, `VoiceIncompatible` for inputs or outputs that
    are not Piper's and for a voice that does not speak a dozen phonemes properly within 20 s,
    `SynthesisCanceled` once `cancel` is.
    """
    session = create_session(read_model(model_path), cache)
    model = PiperModel(config, session, takes_speaker=_check_signature(session, config))
    _smoke_test(model, cancel)
    return model


def _check_signature(session: onnxruntime.InferenceSession, config: PiperConfig) -> bool:
    """Whether the graph takes a speaker. Raises `VoiceIncompatible`."""
    signature = Signature.of(session)
    takes_speaker = "sid" in signature.inputs
    expected = {name: kind for name, kind in _INPUT_TYPES.items() if name != "sid" or takes_speaker}
    signature.require("Piper", expected)
    if len(config.speakers) > 1 and not takes_speaker:
        raise VoiceIncompatible(f"num_speakers is {len(config.speakers)}, but the graph takes no speaker")
    return takes_speaker


def _smoke_test(model: PiperModel, cancel: CancelToken) -> None:
    phonemes = _smoke_phonemes(model.config)

    def say(speaker: int, deadline: Deadline) -> Samples:
        return model.speak(phonemes, speaker=speaker, deadline=deadline, cancel=cancel)

    smoke_test(
        say,
        speakers=len(model.config.speakers),
        sample_rate=model.config.sample_rate,
        units=len(phonemes),
        cancel=cancel,
    )


def _smoke_phonemes(config: PiperConfig) -> list[str]:
    """The first letters of the voice's phonemes, which are sounds in every published voice."""
    if config.phoneme_type is PhonemeType.PINYIN:
        phonemes = list(("n", "i", "3", "h", "ao", "3") * 2)
        if unknown := next((phoneme for phoneme in phonemes if phoneme not in config.phoneme_id_map), ""):
            raise VoiceIncompatible(f"phoneme_id_map holds no {unknown!r}, which every Mandarin voice needs")
        return phonemes
    letters = [symbol for symbol in config.phoneme_id_map if unicodedata.category(symbol[0]) in ("Ll", "Lo")]
    if not letters:
        raise VoiceIncompatible("phoneme_id_map holds no letter")
    return (letters * SMOKE_UNITS)[:SMOKE_UNITS]
