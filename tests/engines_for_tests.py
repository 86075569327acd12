"""Engines that misbehave in ways no ONNX model can, named by `VOXGATE_PRIMARY_ENGINE` in tests."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tts.engines.base import CancelToken, Deadline, Speech, SpeechTask
from tts.engines.registry import EngineSettings
from tts.voices.voice import VoiceInfo, VoiceState

VOICE = VoiceInfo("test-voice", "test", ("zh-CN",), "female", "test", 22050, "none", 0, VoiceState.READY)


PROBES = 2
"""Sentences that a worker has each engine say when it starts."""


class TestEngine:
    """Speaks a tone of plausible length; subclasses misbehave."""

    __test__ = False
    name = "test"

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        for sentence in task.sentences:
            seconds = 0.2 * len(sentence.text) / task.speed
            times = np.arange(int(22050 * seconds)) / 22050
            samples = (0.3 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
            yield Speech(samples, 22050, VOICE.id)

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        return frozenset()

    def warm_up(self, *, deadline: Deadline) -> None:
        pass

    def voices(self) -> tuple[VoiceInfo, ...]:
        return (replace(VOICE, engine=self.name),)

    def disable(self, voice_ids: frozenset[str]) -> None:
        pass

    def close(self) -> None:
        pass


class FailingEngine(TestEngine):
    """Raises what a careless engine raises, quoting the text, once `healthy` tasks are done."""

    name = "failing"

    def __init__(self, healthy: int = 0) -> None:
        self._healthy = healthy

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self._healthy -= 1
        if self._healthy < 0:
            raise RuntimeError(f"cannot say {task.sentences[0].text}")
        return super().speak(task, deadline=deadline, cancel=cancel)


class FailingFallback(FailingEngine):
    name = "failing-too"


class StubbornEngine(TestEngine):
    """Answers its first task, which is the probe; from the second on it never returns, whatever it is told."""

    name = "stubborn"

    def __init__(self) -> None:
        self._tasks = 0

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self._tasks += 1
        if self._tasks > 1:
            threading.Event().wait(60)
        return super().speak(task, deadline=deadline, cancel=cancel)


class SteadyEngine(TestEngine):
    """Takes `SECONDS` for every task, and stops when it is told to."""

    name = "steady"
    SECONDS = 0.2

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        stop = threading.Event()
        cancel.on_cancel(stop.set)
        stop.wait(min(self.SECONDS, deadline.remaining()))
        cancel.raise_if_canceled()
        return super().speak(task, deadline=deadline, cancel=cancel)


def build_steady(settings: EngineSettings) -> SteadyEngine:
    return SteadyEngine()


def build_failing(settings: EngineSettings) -> FailingEngine:
    return FailingEngine()


def build_failing_after_probe(settings: EngineSettings) -> FailingFallback:
    return FailingFallback(healthy=PROBES)


def build_stubborn(settings: EngineSettings) -> StubbornEngine:
    return StubbornEngine()
