"""One sum, wherever it is read: events, `/api/usage`, both exports, the command, and the page of the admin."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client

from tests.admin_cast import client_of, superuser
from tests.cast import Cast
from tests.tts.admin.usage_page import figure, text
from tests.tts.usage.odd_days import SPANS, sown, span_of
from tests.tts.usage.reading import asked
from tests.tts.usage.test_time_zones import of_answer, of_events
from tts.usage.sums import Sums

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]


def added(lines: Iterable[str]) -> Sums:
    """The sum of a CSV file's rows."""
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    return Sums(
        sum(int(row.get("requests", 1)) for row in rows),
        sum(int(row["characters"]) for row in rows),
        sum((Decimal(row["audio_seconds"]) for row in rows), Decimal(0)),
    )


@pytest.mark.parametrize("name", SPANS)
def test_all_of_them_are_equal(cast: Cast, capfdbinary: pytest.CaptureFixture[bytes], name: str) -> None:
    span = span_of(*SPANS[name])
    sown(cast.alice, span)
    cast.alice.tenant.time_zone = span.zone.key
    cast.alice.tenant.save()
    expected = of_events(cast.alice, span)
    assert expected.requests > 40
    days = {"from": str(span.first), "to": str(span.last)}

    assert of_answer(asked(cast.alice, **days)["totals"]) == expected
    for detail in ("summary", "lines"):
        answer = Client().get("/api/usage/export", {**days, "detail": detail}, headers=cast.alice.headers)
        assert added(io.StringIO(answer.getvalue().decode())) == expected
        command = ("--tenant", "alice", "--from", days["from"], "--to", days["to"], "--detail", detail)
        call_command("export_usage", *command, "--format", "csv", "--output", "-", stderr=io.StringIO())
        assert added(io.StringIO(capfdbinary.readouterr().out.decode())) == expected

    page = text(client_of(superuser()), tenant=cast.alice.tenant.pk, **days)
    assert figure(page, "requests") == f"{expected.requests:,}"
    assert figure(page, "characters") == f"{expected.characters:,}"


def test_days_add_up_to_their_range_in_an_export(cast: Cast) -> None:
    span = span_of(*SPANS["New York, a day of 25 hours"])
    sown(cast.alice, span)
    single = Sums()
    for day in span.days():
        query = {"from": str(day), "to": str(day), "timezone": span.zone.key, "detail": "lines"}
        answer = Client().get("/api/usage/export", query, headers=cast.alice.headers)
        single += added(io.StringIO(answer.getvalue().decode()))
    assert single == of_events(cast.alice, span)
    assert span.ends_at - span.starts_at == timedelta(days=5, hours=1)
