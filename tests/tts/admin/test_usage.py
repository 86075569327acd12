import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.admin_cast import client_of, operator
from tests.cast import Cast
from tests.tts.admin.history import failed, succeeded
from tests.tts.usage.events import used
from tts.models import UsageEvent

LIST = "/admin/tts/usageevent/"


def listed(client: Client, **parameters: str) -> set[object]:
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    return {event.request_id for event in response.context["cl"].result_list}


def test_list_shows_what_was_charged_to_whom(root: Client, cast: Cast) -> None:
    key: dict[str, Any] = {"api_key": cast.alice.row, "api_key_name": cast.alice.row.name}
    row = succeeded(cast.alice.tenant, characters=321, reference="book-1", **key)

    page = root.get(LIST).content.decode()

    for shown in ("Alice", "alice&#x27;s app", "321", "1.50 s", "piper", "book-1"):
        assert shown in page
    assert reverse("admin:tts_synthesisrequest_change", args=[row.id]) in page


def test_list_takes_the_same_queries_for_any_number_of_events(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for member in (cast.alice, cast.bob) * 2:
        succeeded(member.tenant, api_key=member.row)
    # Session, user, engines, tenants, count, rows with whether their requests are kept.
    with django_assert_num_queries(7):
        root.get(LIST)


def test_list_tells_what_failed_and_what_it_was_charged(root: Client, cast: Cast) -> None:
    failed(cast.alice.tenant)
    page = root.get(LIST).content.decode()
    assert "failed (synthesis_failed)" in page
    assert re.search(r'field-characters">0<', page)


def test_usage_of_a_request_that_is_gone_is_listed_without_a_link(root: Client, cast: Cast) -> None:
    row = used(cast.alice.tenant, timezone.now(), characters=7)
    event = UsageEvent.objects.of(cast.alice.tenant).get()
    for page in (LIST, reverse("admin:tts_usageevent_change", args=[event.pk])):
        text = root.get(page).content.decode()
        assert str(row.id)[:19] in text
        assert reverse("admin:tts_synthesisrequest_change", args=[row.id]) not in text


def test_a_key_is_listed_by_the_name_it_had(root: Client, cast: Cast) -> None:
    used(cast.alice.tenant, timezone.now(), key=cast.alice.row)
    cast.alice.row.name = "renamed since"
    cast.alice.row.save()
    page = root.get(LIST).content.decode()
    assert "alice&#x27;s app" in page
    assert "renamed since" not in page


def test_who_may_not_read_the_history_is_shown_no_way_to_it(cast: Cast) -> None:
    succeeded(cast.alice.tenant)
    page = client_of(operator("finance", "tts.view_usageevent")).get(LIST).content.decode()
    assert "zh_CN-test" in page
    assert "synthesisrequest" not in page


def test_events_come_in_the_order_they_were_accepted(root: Client, cast: Cast) -> None:
    now = timezone.now()
    late, early = (used(cast.alice.tenant, now - timedelta(hours=hours)) for hours in (1, 2))
    shown = [event.request_id for event in root.get(LIST).context["cl"].result_list]
    assert shown == [late.id, early.id]


def test_filters_keep_outcome(root: Client, cast: Cast) -> None:
    row = failed(cast.alice.tenant)
    succeeded(cast.alice.tenant)
    assert listed(root, outcome="failed") == {row.id}
    assert listed(root, outcome="nonsense") == set()


def test_filters_keep_tenant_engine_and_day(root: Client, cast: Cast) -> None:
    alices = succeeded(cast.alice.tenant, fallback="timeout")
    bobs = succeeded(cast.bob.tenant)
    UsageEvent.all_tenants.filter(request=bobs).update(at=timezone.now() - timedelta(days=3))

    assert listed(root, tenant__id__exact=str(cast.bob.tenant.id)) == {bobs.id}
    assert listed(root, engine_used="espeak") == {alices.id}
    assert listed(root, day="today") == {alices.id}
    assert listed(root) == {alices.id, bobs.id}


def test_nobody_adds_edits_or_deletes_usage(root: Client, cast: Cast) -> None:
    event = UsageEvent.all_tenants.get(request=succeeded(cast.alice.tenant))
    url = reverse("admin:tts_usageevent_change", args=[event.pk])

    assert root.get(url).status_code == 200
    assert root.post(url, {"characters": "0"}).status_code == 403
    assert root.post(f"{LIST}add/", {"characters": "0"}).status_code == 403
    assert (
        root.post(reverse("admin:tts_usageevent_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    )
    assert UsageEvent.all_tenants.get(pk=event.pk).characters == event.characters


def test_viewer_of_history_sees_no_usage(viewer: Client, outsider: Client) -> None:
    assert viewer.get(LIST).status_code == 403
    assert outsider.get(LIST).status_code == 403
