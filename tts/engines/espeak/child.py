"""The espeak-ng server: `python -m tts.engines.espeak.child LIBRARY DATA`, requests on stdin, replies on stdout.

espeak-ng is initialised once; each request is answered by a fork of that fresh state. So the same request always
gives the same bytes, nothing one tenant says can change what the next one hears, and a text that makes the library
abort ends its fork only. The server ends when its stdin closes or its parent is gone.
"""

import ctypes
import os
import resource
import select
import signal
import sys

from tts.engines.espeak import wire
from tts.engines.espeak.library import AudioTooLong, Espeak, EspeakUnavailable, SynthesisFailed, UnknownVoice

ADDRESS_SPACE_BYTES = 512 << 20
CPU_SECONDS_PER_REQUEST = 20
PARENT_CHECK_SECONDS = 2.0

_PR_SET_PDEATHSIG = 1


class ParentGone(Exception):
    """Nobody waits for an answer any more."""


class Server:
    """Answers requests from one pipe to another until the first closes."""

    def __init__(self, espeak: Espeak, requests: int, replies: int) -> None:
        self._espeak = espeak
        self._requests = requests
        self._replies = replies
        self._parent = os.getppid()

    def serve(self) -> None:
        try:
            while True:
                wire.write_all(self._replies, wire.framed(self._answer(self._read_request())))
        except (ParentGone, BrokenPipeError):
            return

    def _read_request(self) -> bytes:
        (size,) = wire.LENGTH.unpack(self._read(wire.LENGTH.size))
        if size > wire.MAX_REQUEST_BYTES:
            raise ParentGone
        return self._read(size)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            self._wait(self._requests)
            chunk = os.read(self._requests, size - len(data))
            if not chunk:
                raise ParentGone
            data += chunk
        return data

    def _wait(self, descriptor: int) -> None:
        """Until `descriptor` can be read; raises `ParentGone` within `PARENT_CHECK_SECONDS` of the parent's death.

        End of file tells the same at once, unless a fork of the worker still holds the other end.
        """
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        if descriptor != self._requests:
            poller.register(self._requests, 0)
        while True:
            ready = dict(poller.poll(PARENT_CHECK_SECONDS * 1000))
            if descriptor in ready:
                return
            if ready or os.getppid() != self._parent:
                raise ParentGone

    def _answer(self, request: bytes) -> bytes:
        answer, to_server = os.pipe()
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _end_with(server)
                # Held open here, it would keep the worker from seeing the server's end.
                os.close(self._replies)
                _limit(resource.RLIMIT_CPU, CPU_SECONDS_PER_REQUEST)
                wire.write_all(to_server, _reply(self._espeak, request))
                status = 0
            finally:
                os._exit(status)
        os.close(to_server)
        try:
            reply = self._read_to_end(answer)
        except ParentGone:
            os.kill(pid, signal.SIGKILL)
            raise
        finally:
            os.close(answer)
            _, result = os.waitpid(pid, 0)
        if os.WIFSIGNALED(result):
            return bytes((wire.Status.CRASHED, os.WTERMSIG(result)))
        return reply if result == 0 else bytes((wire.Status.FAILED,))

    def _read_to_end(self, descriptor: int) -> bytes:
        chunks: list[bytes] = []
        while True:
            self._wait(descriptor)
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)


def _reply(espeak: Espeak, request: bytes) -> bytes:
    try:
        if request[:1] == b"S":
            payload = espeak.synthesize(wire.unpack_synthesis(request[1:]))
        else:
            payload = wire.pack_clauses(espeak.phonemize(*wire.unpack_phonemization(request[1:])))
    except UnknownVoice:
        return bytes((wire.Status.UNKNOWN_VOICE,))
    except AudioTooLong:
        return bytes((wire.Status.TOO_LONG,))
    except SynthesisFailed:
        return bytes((wire.Status.FAILED,))
    return bytes((wire.Status.OK,)) + payload


def _end_with(server: int) -> None:
    """Have the kernel kill this fork when the server dies; elsewhere than on Linux the CPU limit ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _private_pipes() -> tuple[int, int]:
    """Move stdin and stdout out of reach of whatever the library might print."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, replies


def main(library_path: str, data_path: str) -> int:
    # Ctrl+C goes to every process of a terminal; when to stop is the worker's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _private_pipes()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, ADDRESS_SPACE_BYTES)
    try:
        espeak = Espeak(library_path, data_path)
    except EspeakUnavailable:
        return wire.ExitStatus.NO_LIBRARY
    Server(espeak, requests, replies).serve()
    return wire.ExitStatus.DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
