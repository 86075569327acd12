"""A Valkey (or Redis) server of our own on the loopback address."""

import signal
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from voxgate.ops.embedded.binaries import find_valkey
from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.files import write_private
from voxgate.ops.embedded.launch import Launch, ends_with_parent
from voxgate.ops.embedded.ports import LOOPBACK
from voxgate.ops.embedded.process import end_leftover, spawn
from voxgate.ops.embedded.server import EmbeddedServer

_STEPS = ((signal.SIGTERM, 10.0),)

_PERSISTENT = ("appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction")

# Rate limits and answers carry a time to live; what has none is never thrown out.
_VOLATILE = ("appendonly no", "maxmemory 256mb", "maxmemory-policy volatile-ttl")


class Valkey(EmbeddedServer):
    """A Valkey server; see `EmbeddedServer`.

    A persistent one logs every write and syncs each second; the other kind forgets everything when it ends.
    Port and password stay the same across starts. Start it from the main thread: the kernel ends the server
    together with the thread that started it.
    """

    title = "Valkey"
    stop_steps = _STEPS
    kill_steps = ()

    def __init__(
        self,
        directory: Path,
        *,
        log: Path,
        persistent: bool,
        name: str = "valkey",
        binary: Path | None = None,
    ) -> None:
        super().__init__(directory, log)
        self.name = name
        self._persistent = persistent
        self._binary = binary or find_valkey()
        self._pid_file = self.directory / "pid"
        self._configuration = self.directory / "valkey.conf"

    @property
    def url(self) -> str:
        """`redis://…` with password, port and database 0."""
        return f"redis://:{self._password_file.read_text().strip()}@{LOOPBACK}:{self.port}/0"

    def start(self, seconds: float = 30.0) -> None:
        """Start, load the data and wait at most `seconds` until PING is answered. Raises `EmbeddedError`."""
        self._prepare_directory()
        self._end_leftover()
        self._start_process(seconds)

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._write_configuration()
        command = [str(self._binary), str(self._configuration)]
        process = spawn(Launch(ends_with_parent("TERM")), command, log=self.log, cwd=self.directory)
        self._pid_file.write_text(f"{process.pid}\n")
        return process

    def _write_configuration(self) -> None:
        directory = str(self.directory).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self._password_file.read_text().strip()}",
            f'dir "{directory}"',
            'save ""',
            # The command line must go on naming this file, so that the next start recognises the process.
            "set-proc-title no",
            *(_PERSISTENT if self._persistent else _VOLATILE),
        ]
        write_private(self._configuration, "\n".join(lines) + "\n")

    def _client(self, port: int) -> redis.Redis:
        password = self._password_file.read_text().strip()
        return redis.Redis(
            host=LOOPBACK,
            port=port,
            password=password,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )

    def _answers(self, port: int) -> bool:
        client = self._client(port)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def _settled(self) -> bool:
        return self._process is None or self._process.poll() is not None or self._answers(self.port)

    def _end_leftover(self) -> None:
        """End a server that outlived its supervisor: two of them would write the same log of writes."""
        try:
            end_leftover(self._pid_file, str(self._configuration), _STEPS)
        except TimeoutError as error:
            raise EmbeddedError(f"An earlier Valkey still runs in {self.directory}: {error}") from error
