"""What a worker process keeps between jobs: its engines, its lease, what it knows of its voices."""

import logging
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from tts.engines.base import CancelToken, Deadline, Engine, SpeechTask
from tts.engines.chain import AllEnginesFailed, EngineChain, Health, Mode
from tts.engines.registry import EngineSettings, engine_build
from tts.models import SynthesisRequest
from tts.services.cancellation import cancellation_announced
from tts.services.leases import RENEW_SECONDS, EngineFacts, WorkerFacts, lease_end, lease_renew, workers_alive
from tts.services.voices import voices_disabled, voices_sync
from tts.text import Sentence
from tts.voices.voice import VoiceInfo, VoiceState

logger = logging.getLogger(__name__)

PROBE = Sentence("你好，世界。", "zh-CN", 0.0)
"""What an engine says to show that it works, when it starts and after it failed."""

PROBE_SECONDS = 5.0

WARM_UP_SECONDS = 20.0
"""How long a new worker loads voices before it takes requests; those that take longer join when they are ready."""


def worker_name() -> str:
    """`<slot>.<pid>`: the slot names the place under a supervisor, the pid tells its tenants apart."""
    slot = os.environ.get("VOXGATE_WORKER_SLOT") or socket.gethostname()
    return f"{slot}.{os.getpid()}"


class SpeechRuntime:
    """Engines of one worker process and the thread that tells the others it is alive.

    `start()` loads engines, lets each speak once and begins to renew the lease; `close()` gives everything back.
    `on_work` is told of each request how many seconds are left until its deadline, when it is taken in hand.
    """

    def __init__(self, name: str, *, on_work: Callable[[float], None] = lambda seconds_left: None) -> None:
        self.name = name
        self._on_work = on_work
        engines = EngineSettings(
            settings.VOICES_DIR,
            settings.VOICE_CACHE_DIR,
            allow_fixture_voice=settings.VOICES_ALLOW_FIXTURE,
            starter_voices=frozenset(settings.STARTER_VOICES),
        )
        self.workers = 1
        """Live workers, this one among them, when the lease was last renewed."""
        self.chain = EngineChain(
            engine_build(settings.TTS_PRIMARY_ENGINE, engines),
            engine_build(settings.TTS_FALLBACK_ENGINE, engines),
            reserve_seconds=settings.TTS_FALLBACK_RESERVE,
        )
        self.jobs = 0
        self._in_hand: tuple[UUID, CancelToken] | None = None
        self._started_at = time.time()
        self._stop = threading.Event()
        self._known_voices: dict[str, tuple[VoiceInfo, ...]] = {}
        # Apart, because a database that hangs must not cost the worker its lease.
        self._threads = [
            threading.Thread(target=self._beat, args=steps, name=name, daemon=True)
            for name, steps in (
                ("lease", (self._renew, self._heed_cancellation)),
                ("voices", (self._follow_voices,)),
            )
        ]

    def start(self) -> None:
        deadline = Deadline.after(WARM_UP_SECONDS)
        for engine in (self.chain.primary, self.chain.fallback):
            engine.warm_up(deadline=deadline)
        self._follow_voices()
        for mode in (Mode.FALLBACK, Mode.PRIMARY):
            # The first time warms up what is loaded with the first text.
            for _ in range(2):
                self._probe(mode)
        self._renew()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=2 * RENEW_SECONDS)
        try:
            lease_end(worker=self.name)
        except RedisError:
            logger.warning("lease of %s not ended, it will run out", self.name)
        self.chain.close()

    @contextmanager
    def at_work(self, row: SynthesisRequest) -> Iterator[CancelToken]:
        """The token of the request in hand: canceled within a second when somebody cancels the request.

        Afterwards it counts as done, and an engine that failed shows whether it is the engine or was the text.
        """
        token = CancelToken()
        self._on_work((row.deadline_at - timezone.now()).total_seconds())
        self._in_hand = (row.id, token)
        try:
            yield token
        finally:
            self._in_hand = None
            self.jobs += 1
            self._probe_failed()

    @property
    def reason_to_retire(self) -> str:
        """Why this process should be replaced after the current job, or nothing."""
        if self.chain.abandoned:
            return "an engine never came back"
        if self.jobs >= settings.WORKER_MAX_JOBS:
            return f"{self.jobs} jobs done"
        used = resident_bytes()
        if used > settings.WORKER_MEMORY_BYTES:
            return f"{used // 2**20} MiB in use"
        return ""

    def _probe_failed(self) -> None:
        for mode, engine in ((Mode.PRIMARY, self.chain.primary), (Mode.FALLBACK, self.chain.fallback)):
            health = self.chain.health.get(engine.name)
            if health is not None and not health.ok and not self.chain.abandoned:
                self._probe(mode)

    def _probe(self, mode: Mode, sentence: Sentence = PROBE) -> None:
        engine = self.chain.primary if mode is Mode.PRIMARY else self.chain.fallback
        if not _ready(engine):
            return
        try:
            self.chain.run(
                SpeechTask((sentence,)),
                mode=mode,
                deadline=Deadline.after(PROBE_SECONDS),
                cancel=CancelToken(),
            )
        except AllEnginesFailed as failure:
            logger.warning("engine %s did not pass its probe: %s", engine.name, failure)

    def _beat(self, *steps: Callable[[], None]) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            for step in steps:
                try:
                    step()
                except Exception as problem:  # noqa: BLE001 - without its threads the worker counts as dead
                    logger.error("%s failed: %s", step.__name__.lstrip("_"), type(problem).__name__)

    def _heed_cancellation(self) -> None:
        in_hand = self._in_hand
        if in_hand is None:
            return
        request_id, token = in_hand
        try:
            if cancellation_announced(request_id=request_id):
                token.cancel()
        except RedisError as problem:
            logger.warning("cancellations not read: %s", type(problem).__name__)

    def _renew(self) -> None:
        try:
            lease_renew(facts=self._facts())
            self.workers = max(1, len(workers_alive()))
        except RedisError as problem:
            logger.warning("lease not renewed: %s", type(problem).__name__)

    def _follow_voices(self) -> None:
        """Tell the database of voices that came or went, and the engines of those that were switched off."""
        try:
            disabled = voices_disabled()
            for engine in (self.chain.primary, self.chain.fallback):
                self._follow_voices_of(engine, disabled)
        except DatabaseProblem as problem:
            logger.warning("voices not brought in line: %s", type(problem).__name__)
        finally:
            connection.close()

    def _follow_voices_of(self, engine: Engine, disabled: frozenset[str]) -> None:
        try:
            engine.disable(disabled)
            found = engine.voices()
            if found != self._known_voices.get(engine.name):
                voices_sync(engine=engine.name, found=found)
                self._known_voices[engine.name] = found
        except Exception as problem:  # noqa: BLE001 - one engine's trouble is not the other's
            logger.error("voices of %s not brought in line: %s", engine.name, type(problem).__name__)

    def _facts(self) -> WorkerFacts:
        engines = (
            _engine_facts("primary", self.chain.primary, self.chain.health),
            _engine_facts("fallback", self.chain.fallback, self.chain.health),
        )
        return WorkerFacts(self.name, self._started_at, self.jobs, engines)


def _ready(engine: Engine) -> list[VoiceInfo]:
    return [voice for voice in engine.voices() if voice.state is VoiceState.READY]


def _engine_facts(role: str, engine: Engine, health: dict[str, Health]) -> EngineFacts:
    ready = len(_ready(engine))
    last = health.get(engine.name)
    if last is None:
        problem = "" if ready else "no-voice"
        return EngineFacts(
            role, engine.name, ok=False, at=0.0, seconds=0.0, voices_ready=ready, problem=problem
        )
    return EngineFacts(role, engine.name, last.ok, last.at, last.seconds, ready, last.problem)


def resident_bytes() -> int:
    """Resident memory of this process; its peak where the system does not tell the present."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


_current: SpeechRuntime | None = None


def runtime_install(runtime: SpeechRuntime) -> None:
    """Make `runtime` the one of this process."""
    global _current
    _current = runtime


def runtime_current() -> SpeechRuntime:
    if _current is None:
        raise RuntimeError("this process is no speech worker; start one with `manage.py rqworker`")
    return _current
