"""A Valkey (or Redis) server of our own on the loopback address."""

import secrets
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
from voxgate.ops.embedded.ports import LOOPBACK, is_free, steady_port
from voxgate.ops.embedded.process import end, end_leftover, spawn, tail, wait_until

_STEPS = ((signal.SIGTERM, 10.0),)

_PERSISTENT = ("appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction")

# Rate limits and answers carry a time to live; what has none is never thrown out.
_VOLATILE = ("appendonly no", "maxmemory 256mb", "maxmemory-policy volatile-ttl")


class Valkey:
    """One server whose files are all below `directory`; only one process may use a directory at a time.

    A persistent one logs every write and syncs each second; the other kind forgets everything when it ends.
    Port and password stay the same across starts. Start it from the main thread: the kernel ends the server
    together with the thread that started it.
    """

    def __init__(
        self,
        directory: Path,
        *,
        log: Path,
        persistent: bool,
        name: str = "valkey",
        binary: Path | None = None,
    ) -> None:
        self.name = name
        self.directory = directory.resolve()
        self.log = log
        self.port = 0
        self._persistent = persistent
        self._binary = binary or find_valkey()
        self._password_file = self.directory / "password"
        self._pid_file = self.directory / "pid"
        self._configuration = self.directory / "valkey.conf"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """`redis://…` with password, port and database 0."""
        return f"redis://:{self._password_file.read_text().strip()}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, seconds: float = 30.0) -> None:
        """Start, load the data and wait at most `seconds` until PING is answered. Raises `EmbeddedError`."""
        self._prepare_directory()
        self._end_leftover()
        # Once clients know the address it must not change.
        known = self.port
        for _ in range(3):
            self.port = known or steady_port(self.directory / "port")
            self._write_configuration()
            launch = Launch(ends_with_parent("TERM"))
            command = [str(self._binary), str(self._configuration)]
            self._process = spawn(launch, command, log=self.log, cwd=self.directory)
            self._pid_file.write_text(f"{self._process.pid}\n")
            if wait_until(self._settled, seconds) and self._process.poll() is None:
                return
            self.kill()
            # Someone else may have taken the port between the choice and the bind; only that is tried again.
            if is_free(self.port):
                break
        raise EmbeddedError(f"Valkey did not start; the end of {self.log}:\n{tail(self.log)}")

    def poll(self) -> int | None:
        """The exit code of a server that has ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def stop(self) -> None:
        """End the server and wait for it; a persistent one syncs its log of writes."""
        if self._process is not None:
            end(self._process, _STEPS)

    def ask_to_stop(self) -> None:
        """Begin what `stop` does without waiting."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the server now; a persistent one may lose its last second."""
        if self._process is not None:
            end(self._process, ())

    def _prepare_directory(self) -> None:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._password_file.exists():
                write_private(self._password_file, secrets.token_hex(24))
        except PermissionError as error:
            raise EmbeddedError(
                f"{self.directory} cannot be written; is it another user's? Choose another VOXGATE_DATA_DIR."
            ) from error

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
