"""What `make run` may be told by the environment, and where things lie."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voxgate.ops.up.cores import usable_cores
from voxgate.ops.up.errors import StartFailed

CHECKOUT = Path(__file__).resolve().parents[4]

_MOST_WORKERS_UNASKED = 8
"""A worker takes about 250 MB with a voice loaded; more than this many must be asked for."""


@dataclass(frozen=True, slots=True)
class Config:
    """One running Voxgate: `data` holds everything that outlives it, `environment` is what we were given."""

    data: Path
    host: str
    port: int
    workers: int
    verbose: bool
    environment: Mapping[str, str]

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets"

    @property
    def services_file(self) -> Path:
        """Addresses of the running servers, for `manage.py` in another terminal."""
        return self.run / "services.env"

    @property
    def local_host(self) -> str:
        """The address at which this machine itself reaches the web server."""
        every_interface = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised here, not bound
        return every_interface.get(self.host, self.host)

    @property
    def address(self) -> str:
        host = f"[{self.local_host}]" if ":" in self.local_host else self.local_host
        return f"http://{host}:{self.port}"

    def given(self, name: str) -> str:
        """A variable's value, or the content of the file that `<name>_FILE` names; empty without either."""
        path = self.environment.get(f"{name}_FILE", "")
        if not path:
            return self.environment.get(name, "").strip()
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise StartFailed(f"{name}_FILE: cannot read {path}: {error.strerror}.") from error

    def make_directories(self) -> None:
        """Create what is missing, closed to other users. Raises `StartFailed`."""
        try:
            if not self.data.exists():
                # Root lets others pass through, because Postgres has to run as another user.
                self.data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
            for directory in (self.logs, self.run, self.secrets):
                directory.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StartFailed(
                f"Cannot make {error.filename}: {error.strerror}. Set VOXGATE_DATA_DIR to another directory."
            ) from error


def read_config(environment: Mapping[str, str], *, verbose: bool = False) -> Config:
    """Read VOXGATE_DATA_DIR, _HOST, _PORT and _WORKERS. Raises `StartFailed` naming the variable at fault."""
    given = environment.get("VOXGATE_DATA_DIR", "").strip()
    data = Path(given).expanduser().resolve() if given else CHECKOUT / ".data"
    return Config(
        data=data,
        host=environment.get("VOXGATE_HOST", "").strip() or "127.0.0.1",
        port=_number(environment, "VOXGATE_PORT", 7860, 1, 65535),
        workers=_number(environment, "VOXGATE_WORKERS", min(usable_cores(), _MOST_WORKERS_UNASKED), 0, 256),
        verbose=verbose or environment.get("VOXGATE_VERBOSE", "") not in ("", "0"),
        environment=dict(environment),
    )


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise StartFailed(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)
