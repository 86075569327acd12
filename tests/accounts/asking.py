"""A process that asks the API with the keys it is sent.

    python -m tests.accounts.asking

reads keys, one in each line, and answers each with a line: status, problem code, and `RateLimit-Policy` of the answer.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

Answer = tuple[int, str, str]


class Asking:
    """Another process with connections of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, key: str) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(key, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "the asking process has ended"
        status, code, policy = json.loads(line)
        return status, code, policy


@contextmanager
def asking() -> Iterator[Asking]:
    """Start one on the test database; it has ended well when the block is left."""
    from django.db import connection

    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", __name__],
        env=os.environ | {"DATABASE_URL": database, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Asking(process)
    finally:
        process.communicate(timeout=20)
    assert process.returncode == 0


def main() -> None:
    import django

    django.setup()
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    for line in sys.stdin:
        answer = client.get("/api/voices", headers={"X-API-Key": line.strip()})
        told = (answer.status_code, answer.json().get("code", ""), answer.get("RateLimit-Policy", ""))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
