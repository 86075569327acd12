"""One engine at work on a thread of its own, which can be left behind."""

import logging
import threading
import time
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, field

from tts.audio.levels import loudest_dbfs
from tts.engines.base import (
    CancelToken,
    Deadline,
    Engine,
    Speech,
    SpeechTask,
    TooMuchSpeech,
    Unspeakable,
)
from tts.engines.checks import MIN_LOUDEST_DBFS, check_finite, check_speech
from tts.engines.length import MAX_SPEECH_SECONDS

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class EngineCall:
    """`pieces` (one per sentence) or `problem` are set when `done` is.

    What the last resort says is checked leniently: nobody comes after it.
    """

    is_last_resort: bool = False
    token: CancelToken = field(default_factory=CancelToken)
    done: threading.Event = field(default_factory=threading.Event)
    pieces: Sequence[Speech] = ()
    problem: Exception | None = None

    def start(self, engine: Engine, task: SpeechTask, deadline: Deadline) -> None:
        """Let `engine` speak on a new thread."""
        # With the context of the caller: what is logged there is about the same request.
        threading.Thread(
            target=copy_context().run,
            args=(self._speak, engine, task, deadline),
            name=f"speak-{engine.name}",
            daemon=True,
        ).start()

    def _speak(self, engine: Engine, task: SpeechTask, deadline: Deadline) -> None:
        try:
            self.pieces = self._collect(engine, task, deadline)
        except Exception as problem:  # noqa: BLE001 - whatever an engine raises, the next one must get its turn
            self.problem = problem
        finally:
            self.done.set()

    def _collect(self, engine: Engine, task: SpeechTask, deadline: Deadline) -> list[Speech]:
        pieces: list[Speech] = []
        total = 0.0
        begun = time.monotonic()
        spoken = engine.speak(task, deadline=deadline, cancel=self.token)
        for sentence, piece in zip(task.sentences, spoken, strict=True):
            self.token.raise_if_canceled()
            if self.is_last_resort:
                check_finite(piece.samples)
            else:
                check_speech(piece, sentence.text, speed=task.rate_of(sentence))
            pieces.append(piece)
            total += piece.seconds
            ended = time.monotonic()
            logger.debug(
                "sentence %d of %d: %.3f s of audio by %s in %.3f s",
                len(pieces),
                len(task.sentences),
                piece.seconds,
                piece.voice,
                ended - begun,
            )
            begun = ended
            if total > MAX_SPEECH_SECONDS:
                raise TooMuchSpeech(f"more than {MAX_SPEECH_SECONDS:.0f} s of speech")
        if self.is_last_resort:
            _check_audible(pieces)
        return pieces


def _check_audible(pieces: Sequence[Speech]) -> None:
    """From the last resort an odd length or a mute sentence is better than no answer, all mute is not."""
    if not any(loudest_dbfs(piece.samples, piece.sample_rate) > MIN_LOUDEST_DBFS for piece in pieces):
        raise Unspeakable("no sentence made a sound")
