"""A PostgreSQL server of our own on the loopback address."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from voxgate.ops.embedded.binaries import find_postgres, postgres_major
from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.launch import Account, Launch, launch_as, server_account
from voxgate.ops.embedded.ports import LOOPBACK
from voxgate.ops.embedded.process import end_leftover, spawn
from voxgate.ops.embedded.server import EmbeddedServer

ROLE = "voxgate"
"""The role (not a superuser, may create databases) and the database of that name."""

_STATUS_LINE = 7
"""Index of the line of postmaster.pid that says `ready`; LOCK_FILE_LINE_PM_STATUS in Postgres' pidfile.h."""

_FAST = signal.SIGINT
_IMMEDIATE = signal.SIGQUIT
_STEPS = ((_FAST, 20.0), (_IMMEDIATE, 5.0))

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # A socket path may have 107 bytes at most; a checkout's path can be longer.
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and their values may hold a user's text.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}

_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(EmbeddedServer):
    """A PostgreSQL server; see `EmbeddedServer`.

    `start` initialises the data once and keeps the port and the password across starts. `durable=False` gives
    up safety against power loss for speed. Start it from the main thread: the kernel ends the server together
    with the thread that started it.
    """

    name = "postgres"
    title = "PostgreSQL"
    stop_steps = _STEPS
    kill_steps = _STEPS[1:]

    def __init__(
        self, directory: Path, *, log: Path, durable: bool = True, binaries: Path | None = None
    ) -> None:
        super().__init__(directory, log)
        self._durable = durable
        self._binaries = binaries or find_postgres()
        self._data = self.directory / "data"
        self._status_file = self._data / "postmaster.pid"
        self._account: Account | None = None

    @property
    def url(self) -> str:
        """`postgresql://…` with role, password, port and database."""
        return f"postgresql://{ROLE}:{self._password_file.read_text().strip()}@{LOOPBACK}:{self.port}/{ROLE}"

    @property
    def version(self) -> int:
        return postgres_major(self._binaries)

    def start(self, seconds: float = 60.0) -> None:
        """Start and wait at most `seconds` until connections are accepted. Raises `EmbeddedError`."""
        self._prepare_directory()
        if not self._data.exists():
            self._initialise()
        self._refuse_other_major()
        self._end_leftover()
        self._start_process(seconds)

    def _prepare_directory(self) -> None:
        super()._prepare_directory()
        self._account = server_account(self._data if self._data.exists() else self.directory)
        if self._account is not None:
            self._own(self.directory)

    def _own(self, path: Path) -> None:
        """Give `path` and, where its owner was wrong, all below it to the server's account."""
        account = self._account
        if account is None or path.stat().st_uid == account.uid:
            return
        os.chown(path, account.uid, account.gid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(os.path.join(folder, name), account.uid, account.gid, follow_symlinks=False)

    def _launch(self) -> Launch:
        return launch_as(
            self._account, _FAST.name.removeprefix("SIG"), self._binaries / "postgres", self._data
        )

    def _initialise(self) -> None:
        """Make the cluster under another name, then rename it: an interruption leaves no half of one."""
        unfinished = self.directory / "data.init"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._own(unfinished)
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        if self.version >= 17:
            locale = [
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ]
        sync = [] if self._durable else ["--no-sync"]
        data = ["-D", str(unfinished)]
        self._run(
            [str(self._binaries / "initdb"), *data, "--username=postgres", "--auth=reject", *locale, *sync]
        )
        hba = f"host all {ROLE} {LOOPBACK}/32 scram-sha-256\n"
        (unfinished / "pg_hba.conf").write_text(hba)
        password = self._password_file.read_text().strip()
        self._run(
            [str(self._binaries / "postgres"), "--single", *data, *self._options(), "postgres"],
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\nCREATE DATABASE {ROLE} OWNER {ROLE}\n",
        )
        unfinished.rename(self._data)

    def _run(self, command: list[str], stdin: str = "") -> None:
        launch = self._launch()
        account = launch.account
        done = subprocess.run(
            [*launch.prefix, *command],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
            cwd="/",
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        # The stand-alone server goes on after a failed statement and still returns 0.
        if done.returncode or "ERROR:" in done.stderr:
            raise EmbeddedError(
                f"{Path(command[0]).name} failed ({done.returncode}): {done.stderr.strip()}\n"
                "Set VOXGATE_DATA_DIR to another directory, or DATABASE_URL to a server that runs elsewhere."
            )

    def _refuse_other_major(self) -> None:
        written_by = (self._data / "PG_VERSION").read_text().strip()
        if written_by != str(self.version):
            raise EmbeddedError(
                f"{self._data} was written by PostgreSQL {written_by}, but the binaries found are "
                f"{self.version}. Dump it with pg_dump {written_by} and load it into a new VOXGATE_DATA_DIR, "
                f"or put the binaries of {written_by} on PATH."
            )

    def _status(self) -> list[str]:
        try:
            return self._status_file.read_text().splitlines()
        except OSError:
            return []

    def _end_leftover(self) -> None:
        """End a server that outlived its supervisor; forget a pid that now belongs to some other program."""
        try:
            ours = end_leftover(self._status_file, f"-D {self._data} ", _STEPS)
        except TimeoutError as error:
            raise EmbeddedError(f"An earlier PostgreSQL still runs in {self._data}: {error}") from error
        if not ours:
            # Postgres would take any live process of this user for an earlier server.
            self._status_file.unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = _SETTINGS | ({} if self._durable else _NOT_DURABLE)
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [
            str(self._binaries / "postgres"),
            "-D",
            str(self._data),
            "-p",
            str(self.port),
            *self._options(),
        ]
        return spawn(self._launch(), command, log=self.log, cwd=Path("/"))

    def _settled(self) -> bool:
        """Ready for connections, or ended. The pid guards against a file left by an earlier server."""
        if self._process is None or self._process.poll() is not None:
            return True
        lines = self._status()
        return (
            len(lines) > _STATUS_LINE
            and lines[0].strip() == str(self._process.pid)
            and lines[_STATUS_LINE].strip() == "ready"
        )
