from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast
from tests.tts.admin.history import succeeded
from tts.models import UsageEvent

LIST = "/admin/tts/usageevent/"


def listed(client: Client, **parameters: str) -> set[object]:
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    return {event.request_id for event in response.context["cl"].result_list}


def test_list_shows_what_was_charged_to_whom(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, api_key=cast.alice.row, characters=321, reference="book-1")

    page = root.get(LIST).content.decode()

    for shown in ("Alice", "alice&#x27;s app", "321", "1.50 s", "piper", "book-1"):
        assert shown in page
    assert reverse("admin:tts_synthesisrequest_change", args=[row.id]) in page


def test_list_takes_the_same_queries_for_any_number_of_events(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for member in (cast.alice, cast.bob) * 2:
        succeeded(member.tenant, api_key=member.row)
    # Session, user, engines, tenants, count, rows.
    with django_assert_num_queries(6):
        root.get(LIST)


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
