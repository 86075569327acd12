"""Deleting a request: what repeats it goes too, unless somebody unticks the box."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from tests.admin_cast import client_of, member_of
from tests.cast import Cast
from tests.tts.admin.history import succeeded
from tests.tts.rows import fresh
from tts.admin.request_erasure import SHOWN
from tts.models import SynthesisRequest

pytestmark = pytest.mark.usefixtures("empty_redis")

LIST = "/admin/tts/synthesisrequest/"
BOX = '<input type="checkbox" name="repetitions" value="on" checked>'


def address(row: SynthesisRequest, action: str = "erase") -> str:
    return reverse(f"admin:tts_synthesisrequest_{action}", args=[row.pk])


def repeated(row: SynthesisRequest) -> SynthesisRequest:
    return succeeded(row.tenant, repeats=row, origin="rerun", text=row.text)


def content(*rows: SynthesisRequest) -> list[bool]:
    return [bool(fresh(row).text or fresh(row).audio) for row in rows]


def test_the_question_names_what_keeps_the_text(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    again, other = repeated(row), repeated(row)
    last = repeated(again)

    page = root.get(address(row)).content.decode()

    assert BOX in page
    assert "Also of 3 requests that repeat what is deleted here" in page
    assert all(address(one, "change") in page for one in (again, other, last))
    page = root.get(address(other)).content.decode()
    assert BOX not in page
    assert "It repeats another request, which keeps what it has of text and audio:" in page
    assert f'<a href="{address(row, "change")}">' in page


def test_the_question_names_some_of_many_and_counts_all(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    made = [repeated(row) for _number in range(SHOWN + 2)]

    page = root.get(address(row)).content.decode()

    assert f"Also of {SHOWN + 2} requests" in page
    assert sum(address(one, "change") in page for one in made) == SHOWN


def test_with_the_box_ticked_they_are_deleted_and_each_is_told(cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    again = repeated(row)
    last = repeated(again)
    client = client_of(member_of(cast.alice.tenant, Role.DEVELOPER))

    client.post(address(row), {"repetitions": "on"})

    assert content(row, again, last) == [False] * 3
    page = client.get(address(row, "change")).content.decode()
    assert "Text and audio of 3 requests deleted." in page
    told = AuditEvent.objects.of(row.tenant).filter(action="request.erase")
    assert told.count() == 3


def test_without_it_they_stay(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    again = repeated(row)

    root.post(address(row))

    assert content(row, again) == [False, True]


def test_what_begins_to_repeat_it_after_the_question_goes_as_well(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    page = root.get(address(row)).content.decode()
    assert '<input type="hidden" name="repetitions" value="on">' in page
    again = repeated(row)

    root.post(address(row), {"repetitions": "on"})

    assert content(row, again) == [False, False]


@pytest.mark.parametrize(("more", "left"), [({"repetitions": "on"}, False), ({}, True)])
def test_an_action_of_the_list_offers_the_same(
    root: Client, cast: Cast, more: dict[str, str], left: bool
) -> None:
    rows = [succeeded(cast.alice.tenant), succeeded(cast.bob.tenant)]
    others = [repeated(row) for row in rows]
    chosen = {"action": "erase_selected", "_selected_action": [str(row.pk) for row in (*rows, others[0])]}

    page = root.post(LIST, chosen).content.decode()
    assert BOX in page
    assert "Also of 1 request that repeats what is deleted here" in page
    root.post(LIST, {**chosen, **more, "confirmed": "yes"})

    assert content(*rows, *others) == [False, False, False, left]


def test_nothing_of_it_is_asked_when_requests_are_canceled(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    repeated(row)

    page = root.get(address(row, "cancel")).content.decode()
    listed = root.post(LIST, {"action": "cancel_selected", "_selected_action": [str(row.pk)]})

    assert "repetitions" not in page + listed.content.decode()
