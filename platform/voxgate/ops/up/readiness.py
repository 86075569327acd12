"""Whether the web server answers and has all it needs."""

import contextlib
import http.client
import json
from dataclasses import dataclass

_TIMEOUT_SECONDS = 3.0


@dataclass(slots=True)
class ReadinessProbe:
    """Asks `GET /readyz`; `last` is what the last refusal said, for a report of failure."""

    host: str
    port: int
    last: str = "no answer"

    def __call__(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/readyz", headers={"Accept": "application/json"})
                answer = connection.getresponse()
                body = answer.read(4096).decode(errors="replace")
            except (OSError, http.client.HTTPException) as error:
                self.last = f"no answer ({type(error).__name__})"
                return False
        self.last = f"{answer.status} {body.strip()}"
        return answer.status == 200 and _janitor_sweeps(body)


def _janitor_sweeps(body: str) -> bool:
    """Whether the janitor is up too: the server answers without it, but what died meanwhile would be left lying."""
    try:
        return bool(json.loads(body)["parts"]["janitor"]["ok"])
    except (ValueError, KeyError, TypeError):
        return True
