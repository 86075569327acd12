"""`/api/usage` as clients ask it."""

import json
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.cast import Member


def answered(member: Member, **parameters: Any) -> HttpResponse:
    found = Client().get("/api/usage", parameters, headers=member.headers)
    assert isinstance(found, HttpResponse)
    return found


def asked(member: Member, **parameters: Any) -> dict[str, Any]:
    """The answer, its fractions as they are written."""
    answer = answered(member, **parameters)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content, parse_float=Decimal)
    return found
