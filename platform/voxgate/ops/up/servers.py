"""The embedded servers as the supervisor sees them, and which of them are needed."""

from dataclasses import dataclass

from voxgate.ops.embedded.postgres import Postgres
from voxgate.ops.embedded.process import tail
from voxgate.ops.embedded.services import Services
from voxgate.ops.embedded.valkey import Valkey
from voxgate.ops.up.config import Config


class EmbeddedServer:
    """An embedded server under the supervisor."""

    stop_seconds = 25.0

    def __init__(self, server: Postgres | Valkey, title: str) -> None:
        self._server = server
        self.title = title
        self.name = server.name
        self.start = server.start
        self.poll = server.poll
        self.ask_to_stop = server.ask_to_stop
        self.kill = server.kill

    @property
    def pid(self) -> int | None:
        return self._server.pid

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.port}"

    def last_lines(self) -> str:
        return tail(self._server.log)


@dataclass(frozen=True, slots=True)
class Servers:
    """What to start; None where the environment names a server that runs elsewhere."""

    config: Config
    postgres: EmbeddedServer | None
    queue: EmbeddedServer | None
    volatile: EmbeddedServer | None

    def to_start(self) -> list[EmbeddedServer]:
        return [server for server in (self.postgres, self.queue, self.volatile) if server is not None]

    def services(self) -> Services:
        """The addresses, once everything runs."""
        given = self.config.given
        database = self.postgres.url if self.postgres else given("DATABASE_URL")
        queue = self.queue.url if self.queue else given("REDIS_URL")
        volatile = self.volatile.url if self.volatile else given("REDIS_VOLATILE_URL") or queue
        return Services(database, queue, volatile)


def needed_servers(config: Config) -> Servers:
    """Postgres unless DATABASE_URL is set, two Valkeys unless REDIS_URL is.

    The second Valkey is left out when REDIS_VOLATILE_URL is set, and when only REDIS_URL is: whoever brings
    a Redis gets no other. Raises `EmbeddedError` when a server is needed and not installed.
    """
    given = config.given
    postgres = queue = volatile = None
    if not given("DATABASE_URL"):
        log = config.logs / "postgres.log"
        postgres = EmbeddedServer(Postgres(config.data / "postgres", log=log), "PostgreSQL")
    if not given("REDIS_URL"):
        queue = _valkey(config, "queue", "Valkey (queue)", persistent=True)
        if not given("REDIS_VOLATILE_URL"):
            volatile = _valkey(config, "answers", "Valkey (answers)", persistent=False)
    return Servers(config, postgres, queue, volatile)


def _valkey(config: Config, name: str, title: str, *, persistent: bool) -> EmbeddedServer:
    name = f"valkey-{name}"
    log = config.logs / f"{name}.log"
    return EmbeddedServer(Valkey(config.data / name, log=log, persistent=persistent, name=name), title)
