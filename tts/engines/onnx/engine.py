"""The primary engine: neural voices on onnxruntime."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tts.audio.join import join
from tts.engines.base import CancelToken, Deadline, EngineTimeout, Speech, SpeechTask
from tts.engines.onnx.phonemizer import Phonemizer
from tts.voices.library import SpokenPart
from tts.voices.voice import VoiceInfo, VoiceState

PART_PAUSE_SECONDS = 0.03
"""Between two voices inside a sentence, on top of the 20 ms that trimming leaves on either side."""


class Voices(Protocol):
    """The voices an engine speaks with; `tts.voices.library.VoiceLibrary` in workers."""

    def list(self) -> tuple[VoiceInfo, ...]: ...

    def plan(self, task: SpeechTask) -> Sequence[Sequence[SpokenPart]]: ...

    def lacks(self, task: SpeechTask) -> frozenset[int]: ...

    def set_disabled(self, voice_ids: frozenset[str]) -> None: ...

    def wait_until(self, condition: Callable[[tuple[VoiceInfo, ...]], bool], *, seconds: float) -> bool: ...

    def wait_for_first_scan(self, *, seconds: float) -> bool: ...

    def close(self) -> None: ...


class OnnxEngine:
    """Speaks sentences with neural voices, each stretch in one language by a voice that speaks it.

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

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        return self._voices.lacks(task)

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        plans = self._voices.plan(task)
        return self._speak_each(task, plans, deadline, cancel)

    def close(self) -> None:
        self._voices.close()
        self._on_close()

    def _speak_each(
        self,
        task: SpeechTask,
        plans: Sequence[Sequence[SpokenPart]],
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Iterator[Speech]:
        for sentence, parts in zip(task.sentences, plans, strict=True):
            pieces = [self._speak_part(part, task.rate_of(sentence), deadline, cancel) for part in parts]
            yield (
                pieces[0]
                if len(pieces) == 1
                else join(pieces, [PART_PAUSE_SECONDS] * (len(pieces) - 1) + [0.0])
            )

    def _speak_part(self, part: SpokenPart, speed: float, deadline: Deadline, cancel: CancelToken) -> Speech:
        cancel.raise_if_canceled()
        if deadline.passed():
            raise EngineTimeout("the deadline passed between two sentences")
        model = part.voice.model
        samples = model.say(
            part.runs,
            phonemizer=self._phonemizer,
            speaker=part.voice.speaker,
            speed=speed,
            deadline=deadline,
            cancel=cancel,
        )
        return Speech(samples, model.description.sample_rate, part.voice.id)
