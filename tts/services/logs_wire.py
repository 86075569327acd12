"""What a record looks like on its way from a process to the table: an entry of a Redis stream.

A stream, because its entries have ids: what is cut off at one end while somebody reads at the other moves nothing.
No models here: processes log before Django knows any.
"""

import json
from dataclasses import asdict, dataclass, fields

STREAM = "voxgate:log-records"
FIELD = b"record"
MOST_ENTRIES = 10_000
"""About so many wait at most; the oldest give way."""

MOST_MESSAGE = 2_000
MOST_STACK = 6_000
_CUT = "\n[…]\n"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A record as a process logged it: `at` in Unix seconds, `level` a value of `LogRecord.Level`."""

    at: float
    level: str
    logger: str
    process: str
    request_id: str
    tenant_slug: str
    message: str
    stack: str

    def to_bytes(self) -> bytes:
        """JSON with the long texts cut: of a stack the middle goes, since it begins and ends with what matters."""
        short = asdict(self) | {"message": _ended(self.message), "stack": _without_middle(self.stack)}
        return json.dumps(short, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    @classmethod
    def from_bytes(cls, sent: bytes) -> "LogEntry":
        """Raises `ValueError` for what no process of ours wrote. Nothing in the result is refused by Postgres."""
        try:
            values = json.loads(sent)
            texts = {name: _storable(values[name]) for name in _TEXTS}
            return cls(at=float(values["at"]), **texts)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError("not a log record") from problem


_TEXTS = tuple(field.name for field in fields(LogEntry) if field.name != "at")


def _ended(text: str) -> str:
    return text if len(text) <= MOST_MESSAGE else f"{text[: MOST_MESSAGE - 1]}…"


def _without_middle(text: str) -> str:
    half = (MOST_STACK - len(_CUT)) // 2
    return text if len(text) <= MOST_STACK else f"{text[:half]}{_CUT}{text[-half:]}"


def _storable(text: str) -> str:
    """Postgres has neither NUL nor lone surrogates, which JSON can spell."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
