"""The fallback engine."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tts.engines.base import CancelToken, Deadline, Samples, Speech, SpeechTask
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.voices import (
    FALLBACK_VOICES,
    Timbre,
    can_speak,
    espeak_voice_of,
    knows_language,
    timbre_of,
    words_per_minute,
)
from tts.engines.espeak.wire import SAMPLE_RATE, Utterance
from tts.voices.voice import VoiceInfo, VoiceState

MIN_SPEECH_SECONDS = 0.05
"""Less than this is what espeak-ng makes of punctuation alone: the sentence counts as having no sound."""

SILENCE_LEVEL = 0.003
KEPT_SILENCE_SECONDS = 0.03


class EspeakEngine:
    """Speaks through a worker's `EspeakProcess`; see `tts.engines.base.Engine`.

    A sentence that espeak-ng has no sound for comes out empty, so that the rest of the text is still heard.

    Another engine may use the same process for phonemes: closing it here only ends the server, which starts again when
    next needed.
    """

    name = "espeak"

    def __init__(self, process: EspeakProcess) -> None:
        self._process = process
        self._disabled: frozenset[str] = frozenset()

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        timbre = timbre_of(task, self._disabled)
        utterances = [
            _utterance(
                sentence.text,
                espeak_voice_of(sentence.language),
                timbre,
                words_per_minute(task.rate_of(sentence)),
            )
            for sentence in task.sentences
        ]
        return (self._speech(utterance, timbre.id, deadline, cancel) for utterance in utterances)

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        if not can_speak(task, self._disabled):
            return frozenset(range(len(task.sentences)))
        return frozenset(
            number for number, sentence in enumerate(task.sentences) if not knows_language(sentence.language)
        )

    def warm_up(self, *, deadline: Deadline) -> None:
        """Nothing to load: the process starts with the first sentence, within 30 ms."""

    def voices(self) -> tuple[VoiceInfo, ...]:
        disabled = self._disabled
        return tuple(
            replace(voice, state=VoiceState.DISABLED) if voice.id in disabled else voice
            for voice in FALLBACK_VOICES
        )

    def disable(self, voice_ids: frozenset[str]) -> None:
        self._disabled = voice_ids

    def close(self) -> None:
        self._process.close()

    def _speech(self, utterance: Utterance, voice: str, deadline: Deadline, cancel: CancelToken) -> Speech:
        pcm = self._process.synthesize(utterance, deadline=deadline, cancel=cancel)
        samples = trimmed(np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32_768))
        audible = len(samples) >= MIN_SPEECH_SECONDS * SAMPLE_RATE
        return Speech(samples if audible else samples[:0], SAMPLE_RATE, voice)


def trimmed(samples: Samples) -> Samples:
    """`samples` (22 050 Hz) with at most 30 ms of silence at either end; empty if none is above -50 dBFS."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE_LEVEL)
    if not len(loud):
        return samples[:0]
    margin = int(KEPT_SILENCE_SECONDS * SAMPLE_RATE)
    return samples[max(0, int(loud[0]) - margin) : int(loud[-1]) + 1 + margin]


def _utterance(text: str, voice: str, timbre: Timbre, rate: int) -> Utterance:
    return Utterance(
        text, voice, timbre.variant, rate=rate, pitch=timbre.pitch, pitch_range=timbre.pitch_range
    )
