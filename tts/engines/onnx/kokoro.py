"""Kokoro voices, versions 0.19, 1.0 and 1.1.

Graph: `tokens` (or `input_ids`) int64 [1, T] with a zero at either end, `style` float32 [1, 256], `speed` [1] of
float32, in some exports of an integer type; first output the samples at 24 kHz, of one or two dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime

from tts.engines.base import CancelToken, Deadline, Samples
from tts.engines.espeak.voices import espeak_voice_of
from tts.engines.onnx.espeak_front_end import ipa_of, sample_letters, utterance_of_ipa
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.kokoro_mandarin import TONE_SIGNS, mandarin_ipa, mandarin_zhuyin
from tts.engines.onnx.kokoro_phonemes import english_symbols, legacy_symbols, other_symbols
from tts.engines.onnx.kokoro_styles import STYLE_NUMBERS, Styles, read_styles
from tts.engines.onnx.kokoro_tokens import KokoroVersion, kokoro_tokens, version_of
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.sequence_model import SequenceModel, Utterance, as_ids, ready
from tts.engines.onnx.session import create_session, run
from tts.engines.onnx.signature import FLOAT, INT64, Signature
from tts.engines.onnx.speaking import length_scale_of, read_model
from tts.engines.onnx.stretch import at_speed
from tts.engines.onnx.tokens import TokenTable
from tts.engines.onnx.vits import Array, check_sample_rate
from tts.text.types import Run
from tts.voices.description import VoiceDescription
from tts.voices.language import language_family
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible

MAX_IDS = 250
"""Of one run: about 15 s of audio, half of what the model could take, so that a run is bounded in memory."""

_INT32 = "tensor(int32)"
_CUT_AFTER = " 12345" + "".join(TONE_SIGNS)


@dataclass(frozen=True, slots=True)
class KokoroFrontEnd:
    """Each run in its own language, with the accent of the speaker where that matters."""

    tokens: TokenTable
    version: KokoroVersion
    description: VoiceDescription

    @property
    def symbols(self) -> int:
        return self.tokens.size

    def utterance(
        self, runs: Sequence[Run], *, speaker: int, phonemizer: Phonemizer, deadline: Deadline
    ) -> Utterance:
        spelled = [self._symbols(run, speaker, phonemizer, deadline) for run in runs]
        return utterance_of_ipa(" ".join(filter(None, spelled)), self.tokens, ends=_CUT_AFTER)

    def sample(self) -> Utterance:
        return sample_letters(self.tokens)

    def _symbols(self, run: Run, speaker: int, phonemizer: Phonemizer, deadline: Deadline) -> str:
        family = language_family(run.language)
        if family == "zh" and not run.phonemes and self.version is not KokoroVersion.LEGACY:
            return (mandarin_zhuyin if self.version is KokoroVersion.V1_1 else mandarin_ipa)(run.text)
        british = self.description.languages_of(speaker)[0] == "en-GB"
        voice = espeak_voice_of(self._tag(run, british))
        ipa = run.phonemes or ipa_of(run.text, voice, phonemizer, deadline)
        if self.version is KokoroVersion.LEGACY:
            return legacy_symbols(ipa)
        return english_symbols(ipa, british=british) if family == "en" else other_symbols(ipa)

    def _tag(self, run: Run, british: bool) -> str:
        if language_family(run.language) == "en":
            return "en-GB" if british else "en-US"
        return run.language


@dataclass(frozen=True, slots=True, eq=False)
class KokoroGraph:
    """See `Graph`. Exports whose speed is a whole number speak at 1 and are stretched afterwards."""

    session: onnxruntime.InferenceSession
    tokens_input: str
    speed_type: str
    styles: Styles
    sample_rate: int

    def run(
        self, utterance: Utterance, *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        length_scale_of(1.0, speed)
        feeds: dict[str, Array] = {
            self.tokens_input: as_ids([0, *utterance.ids, 0]),
            "style": self.styles.of(speaker, len(utterance.ids)),
            "speed": self._speed(speed),
        }
        samples = run(self.session, feeds, deadline=deadline, cancel=cancel).reshape(-1)
        return samples if self.speed_type == FLOAT else at_speed(samples, self.sample_rate, speed)

    def _speed(self, speed: float) -> Array:
        if self.speed_type == FLOAT:
            return np.array([speed], dtype=np.float32)
        whole = np.ones(1, dtype=np.int64 if self.speed_type == INT64 else np.int32)
        return cast("Array", whole)


def load_kokoro(folder: Path, manifest: Manifest, cache: GraphCache, *, cancel: CancelToken) -> SequenceModel:
    """Raises `VoiceCorrupt` for what cannot be read, `VoiceIncompatible` for a graph of another kind or one that does
    not speak, `SynthesisCanceled`."""
    description = manifest.description
    session = create_session(read_model(manifest.path(folder, "model")), cache)
    signature = Signature.of(session)
    tokens_input = _check_inputs(signature)
    check_sample_rate(signature, manifest)
    names = [speaker.name for speaker in description.speakers]
    styles = read_styles(manifest.paths(folder, "voices"), names)
    tokens = kokoro_tokens(folder, manifest, rows=len(styles.tables[0]))
    front_end = KokoroFrontEnd(tokens, version_of(tokens), description)
    _check_languages(front_end)
    graph = KokoroGraph(session, tokens_input, signature.inputs["speed"], styles, description.sample_rate)
    return ready(SequenceModel(description, front_end, graph, MAX_IDS), cancel)


def _check_inputs(signature: Signature) -> str:
    """The name of the input for tokens. Raises `VoiceIncompatible`."""
    tokens_input = "input_ids" if "input_ids" in signature.inputs else "tokens"
    speed = signature.inputs.get("speed", FLOAT)
    if speed not in (FLOAT, INT64, _INT32):
        raise VoiceIncompatible(f"the graph takes speed as {speed}; float32, int32 and int64 are supported")
    signature.require("Kokoro", {tokens_input: INT64, "style": FLOAT, "speed": speed})
    return tokens_input


def _check_languages(front_end: KokoroFrontEnd) -> None:
    families = {language_family(tag) for tag in front_end.description.languages}
    if "zh" in families and front_end.version is KokoroVersion.LEGACY:
        raise VoiceIncompatible("version 0.19 does not speak Mandarin, but voice.json names it")
    if len(front_end.tokens.ids) < STYLE_NUMBERS // 4:
        raise VoiceIncompatible(
            f"its table of tokens has {len(front_end.tokens.ids)} entries; Kokoro's have over 100"
        )
