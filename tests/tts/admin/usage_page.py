"""The page about usage, as those who open it read it."""

import re
from typing import Any

from django.test import Client

PAGE = "/admin/tts/usagebucket/"
MAY = {"from": "2026-05-01", "to": "2026-05-31"}


def shown(client: Client, **query: Any) -> Any:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200, answer.content
    return answer


def text(client: Client, **query: Any) -> str:
    return str(shown(client, **query).content.decode())


def figure(page: str, name: str) -> str:
    found = re.search(rf'data-figure="{name}">(.*?)</p>', page, re.DOTALL)
    assert found is not None, name
    return re.sub("<[^>]*>", "", found[1]).strip()


def lines(client: Client, table: str, **query: Any) -> list[tuple[str, int, int]]:
    """Label, requests and characters of each line of a table."""
    tables = {one.key: one for one in shown(client, **query).context["tables"]}
    return [
        (re.sub("<[^>]*>", "", str(line.label)), line.sums.requests, line.sums.characters)
        for line in tables[table].lines
    ]
