"""The primary engine: neural voices on onnxruntime."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tts.engines.base import CancelToken, Deadline, EngineTimeout, Speech, SpeechTask
from tts.engines.onnx.phoneme_ids import phonemes_of
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.piper import LoadedVoice
from tts.engines.onnx.piper_config import PhonemeType
from tts.text.types import Sentence
from tts.voices.voice import VoiceInfo, VoiceState


class Voices(Protocol):
    """The voices an engine speaks with; `tts.voices.library.VoiceLibrary` in workers."""

    def list(self) -> tuple[VoiceInfo, ...]: ...

    def find(self, language: str, speaker_id: int = 0, voice_id: str | None = None) -> LoadedVoice: ...

    def set_disabled(self, voice_ids: frozenset[str]) -> None: ...

    def wait_until(self, condition: Callable[[tuple[VoiceInfo, ...]], bool], *, seconds: float) -> bool: ...

    def wait_for_first_scan(self, *, seconds: float) -> bool: ...

    def close(self) -> None: ...


class OnnxEngine:
    """Speaks sentences with Piper voices, phonemised by espeak-ng or read letter by letter, as each voice
    wants.

    `on_close` frees what the phonemizer holds.
    """

    def __init__(
        self, voices: Voices, phonemizer: Phonemizer, *, on_close: Callable[[], None] = lambda: None
    ) -> None:
        self._voices = voices
        self._phonemizer = phonemizer
        self._on_close = on_close

    @property
    def name(self) -> str:
        return "onnx"

    def warm_up(self, *, deadline: Deadline) -> None:
        self._voices.wait_for_first_scan(seconds=deadline.remaining())

    def voices(self) -> tuple[VoiceInfo, ...]:
        return self._voices.list()

    def wait_for_voices(self, *, seconds: float) -> bool:
        """Wait until there is a voice and none is loading any more; False when not within `seconds`."""

        def loaded(voices: tuple[VoiceInfo, ...]) -> bool:
            return bool(voices) and all(voice.state is not VoiceState.LOADING for voice in voices)

        return self._voices.wait_until(loaded, seconds=seconds)

    def disable(self, voice_ids: frozenset[str]) -> None:
        self._voices.set_disabled(voice_ids)

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        voices = [
            self._voices.find(sentence.language, task.speaker_id, task.voice) for sentence in task.sentences
        ]
        return self._speak_each(task, voices, deadline, cancel)

    def close(self) -> None:
        self._voices.close()
        self._on_close()

    def _speak_each(
        self, task: SpeechTask, voices: Sequence[LoadedVoice], deadline: Deadline, cancel: CancelToken
    ) -> Iterator[Speech]:
        for sentence, voice in zip(task.sentences, voices, strict=True):
            cancel.raise_if_canceled()
            if deadline.passed():
                raise EngineTimeout("the deadline passed between two sentences")
            config = voice.model.config
            samples = voice.model.speak(
                phonemes_of(self._phonemic_text(sentence, voice, deadline), config),
                speaker=voice.speaker,
                speed=task.speed,
                deadline=deadline,
                cancel=cancel,
            )
            yield Speech(samples, config.sample_rate, voice.id)

    def _phonemic_text(self, sentence: Sentence, voice: LoadedVoice, deadline: Deadline) -> str:
        config = voice.model.config
        if config.phoneme_type is PhonemeType.TEXT:
            return sentence.text
        return self._phonemizer.phonemize(sentence.text, espeak_voice=config.espeak_voice, deadline=deadline)
