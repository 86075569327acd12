"""The worker's side of espeak-ng: one server process, started when first needed and again when it has died."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tts.engines.base import BadOutput, CancelToken, Deadline, EngineError, EngineTimeout, NoVoice
from tts.engines.espeak import wire
from tts.engines.espeak.cleaning import cleaned
from tts.engines.espeak.connection import WAIT_SLICE_SECONDS, Connection, ConnectionLost
from tts.engines.espeak.wire import Clause, Utterance

ATTEMPTS = 2


class EspeakProcess:
    """Asks espeak-ng for audio and phonemes. Threads may share one; their requests are answered one after another.

    Methods raise `EngineTimeout`, the cancel token's reason, `NoVoice` (no such language or variant), `BadOutput` (more
    than 600 s of audio) and `EngineError` (espeak-ng crashed, or cannot be started).
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._connection: Connection | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        connection = self._connection
        return connection.pid if connection is not None else None

    def synthesize(
        self, utterance: Utterance, *, deadline: Deadline, cancel: CancelToken | None = None
    ) -> bytes:
        """Speech as int16 mono at 22 050 Hz, in native byte order. The same utterance always gives the same bytes."""
        request = wire.pack_synthesis(utterance._replace(text=cleaned(utterance.text)))
        return self._ask(request, deadline, cancel or CancelToken())

    def phonemize(
        self, text: str, *, voice: str, deadline: Deadline, cancel: CancelToken | None = None
    ) -> list[Clause]:
        """The clauses of `text` in IPA. `voice` is espeak-ng's name of a language; a tag such as `zh` will do."""
        request = wire.pack_phonemization(cleaned(text), voice)
        return wire.unpack_clauses(self._ask(request, deadline, cancel or CancelToken()))

    def close(self) -> None:
        """End the server; the next request starts another. Waits for a request under way."""
        with self._turn:
            self._disconnect()

    def _ask(self, request: bytes, deadline: Deadline, cancel: CancelToken) -> bytes:
        if len(request) > wire.MAX_REQUEST_BYTES:
            raise EngineError("the text is too long for espeak-ng")
        with self._my_turn(deadline, cancel):
            reply = self._exchange(request, deadline, cancel)
        return _payload(reply)

    @contextmanager
    def _my_turn(self, deadline: Deadline, cancel: CancelToken) -> Iterator[None]:
        while not self._turn.acquire(timeout=min(deadline.remaining(), WAIT_SLICE_SECONDS)):
            cancel.raise_if_canceled()
            if deadline.passed():
                raise EngineTimeout("espeak-ng was busy until the deadline")
        try:
            yield
        finally:
            self._turn.release()

    def _exchange(self, request: bytes, deadline: Deadline, cancel: CancelToken) -> bytes:
        status = 0
        for _ in range(ATTEMPTS):
            try:
                return self._connected().exchange(request, deadline=deadline, cancel=cancel)
            except ConnectionLost as lost:
                status = lost.status
                self._disconnect()
            except BaseException:
                self._disconnect()
                raise
        raise EngineError(_why_ended(status))

    def _connected(self) -> Connection:
        connection = self._connection
        if connection is not None and connection.owner_pid != os.getpid():
            # This process is a fork of the one that started the server: sharing its pipes would mix up answers.
            connection.abandon()
            connection = None
        if connection is None:
            try:
                connection = Connection()
            except OSError as error:
                raise EngineError("the espeak-ng server cannot be started") from error
            self.starts += 1
        self._connection = connection
        return connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if connection.owner_pid == os.getpid():
            connection.end()
        else:
            connection.abandon()


def _payload(reply: bytes) -> bytes:
    status, payload = reply[0], reply[1:]
    if status == wire.Status.OK:
        return payload
    if status == wire.Status.UNKNOWN_VOICE:
        raise NoVoice("espeak-ng has no such language or variant")
    if status == wire.Status.TOO_LONG:
        raise BadOutput(f"espeak-ng made more than {wire.MAX_AUDIO_SECONDS} s of audio")
    if status == wire.Status.CRASHED:
        raise EngineError(f"espeak-ng crashed on this text ({signal.Signals(payload[0]).name})")
    raise EngineError("espeak-ng failed")


def _why_ended(status: int) -> str:
    if status == wire.ExitStatus.NO_LIBRARY:
        return "libespeak-ng or its data cannot be loaded"
    if status < 0:
        return f"the espeak-ng server was killed ({signal.Signals(-status).name})"
    return f"the espeak-ng server ended with status {status}"
