"""What every speech engine promises, and the vocabulary they share. No Django below this folder."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from tts.text.types import Sentence
from tts.voices.routes import Routes
from tts.voices.voice import VoiceInfo

Samples = NDArray[np.float32]
"""Mono samples, shape (n,), full scale at -1.0 … 1.0."""

MIN_SPEED, MAX_SPEED = 0.5, 2.0
"""Factors of speaking rate beyond which neural durations saturate and speech is hard to follow."""

Clock = Callable[[], float]
"""Seconds on a clock that never goes back; `time.monotonic` outside tests."""


class EngineError(Exception):
    """An engine could not speak. `code` is stable and is what history and `X-Voxgate-Fallback` show.

    Messages are written for operators and never contain a word of the user's text.
    """

    code: ClassVar[str] = "error"


class NoVoice(EngineError):
    """The engine has no ready voice for a language, speaker or voice id asked for."""

    code = "no-voice"


class EngineTimeout(EngineError):
    """The engine did not finish inside its share of the deadline."""

    code = "timeout"


class BadOutput(EngineError):
    """The engine returned something that is not speech: not finite, silent, far too long or too short."""

    code = "bad-output"


class TooMuchSpeech(BadOutput):
    """The text would be spoken for longer than any request may be."""

    code = "too-long"


class Unspeakable(BadOutput):
    """The last engine made no sound of the text: it holds nothing that can be spoken."""

    code = "unspeakable"


class SynthesisCanceled(EngineError):
    """The caller went away or canceled; nobody wants the audio any more."""

    code = "canceled"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on `clock` by which work must be done."""

    at: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> "Deadline":
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds left, 0.0 once it has passed."""
        return max(0.0, self.at - self.clock())

    def passed(self) -> bool:
        return self.clock() >= self.at

    def earlier_by(self, seconds: float) -> "Deadline":
        return Deadline(self.at - seconds, self.clock)


@dataclass(slots=True)
class CancelToken:
    """Tells an engine, from another thread, to stop; callbacks reach into native code.

    `cancel(reason)` is idempotent: the first reason stays. A callback registered after the fact runs at once.
    """

    _reason: type[EngineError] | None = None
    _callbacks: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cancel(self, reason: type[EngineError] = SynthesisCanceled) -> None:
        with self._lock:
            if self._reason is not None:
                return
            self._reason = reason
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    @property
    def canceled(self) -> bool:
        return self._reason is not None

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Run `callback` when canceled. Returns a function that unregisters it."""
        with self._lock:
            already = self._reason is not None
            if not already:
                self._callbacks.append(callback)
        if already:
            callback()

        def unregister() -> None:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return unregister

    def raise_if_canceled(self) -> None:
        """Raises the reason (`EngineTimeout`, `SynthesisCanceled`, …) once canceled."""
        if self._reason is not None:
            raise self._reason("stopped before the synthesis was done")


@dataclass(frozen=True, slots=True)
class SpeechTask:
    """What to say and how. `speaker_id` counts the standard speakers 0–3; `voice` overrides it.

    `speed` is a factor of speaking rate, 0.5 … 2.0 (2.0 is twice as fast). `routes` name the voice of a language and
    speaker where somebody decided on one; elsewhere the engine chooses. Of the voices in `allowed_voices`, or of all
    where that is None; the fallback engine is not bound by it.
    """

    sentences: tuple[Sentence, ...]
    speaker_id: int = 0
    voice: str | None = None
    speed: float = 1.0
    routes: Routes = field(default_factory=dict)
    allowed_voices: frozenset[str] | None = None

    def rate_of(self, sentence: Sentence) -> float:
        """The factor of speaking rate of one sentence, 0.5 … 2.0."""
        return min(MAX_SPEED, max(MIN_SPEED, self.speed * sentence.rate))


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """Audio of one sentence: `samples` (float32 mono), `sample_rate` in Hz, and the id of the voice that spoke."""

    samples: Samples
    sample_rate: int
    voice: str

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


class Engine(Protocol):
    """A speech engine inside one worker process.

    Not thread-safe: the worker asks for one thing at a time. `name` is what history shows (`onnx`, `espeak`).
    """

    @property
    def name(self) -> str: ...

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        """Yield one `Speech` per sentence of `task`, in order, without the pauses between them.

        Everything that can be refused (`NoVoice`) is raised before the first sentence is spoken. Raises
        `EngineTimeout` soon after `deadline` passes, the token's reason soon after it is canceled, and
        `EngineError` for anything else; no other exception is expected. The same task gives the same samples
        whatever was spoken before it.
        """
        ...

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        """Which sentences of `task`, by index, `speak` would refuse with `NoVoice`. Cheap."""
        ...

    def warm_up(self, *, deadline: Deadline) -> None:
        """Load what is there, so that the first request finds it ready; returns at `deadline` at the latest."""
        ...

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice this engine knows, ready or not, in a stable order. Cheap, and safe from another thread."""
        ...

    def disable(self, voice_ids: frozenset[str]) -> None:
        """From now on these voices, and only these, are switched off by an operator. Safe from another thread."""
        ...

    def close(self) -> None:
        """Free processes and memory; idempotent."""
        ...
