from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.admin.paginator import EstimatingPaginator
from accounts.roles import Role
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, english_client, member_of
from tests.cast import Cast
from tests.tts.admin.history import failed, queued, succeeded
from tts.admin.requests import RequestAdmin
from tts.models import SynthesisRequest
from tts.services.voices import voices_sync
from tts.voices.voice import VoiceInfo, VoiceState

LIST = "/admin/tts/synthesisrequest/"
LIST_QUERIES = 12
"""Session, user, tenants, engines, voices, estimate, count, ids, rows; a transaction's begin, setting and end."""


def page_of(row: SynthesisRequest) -> str:
    return reverse("admin:tts_synthesisrequest_change", args=[row.id])


def listed(client: Client, **parameters: str) -> set[UUID]:
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    return {row.id for row in response.context["cl"].result_list}


def test_list_shows_every_column_of_a_request(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout")

    page = root.get(LIST).content.decode()

    for shown in (str(row.id)[19:], "Alice", "succeeded", "espeak", "timeout", "cmn", "1.50 s", "0.31 s"):
        assert shown in page


def test_list_takes_the_same_queries_for_any_number_of_requests(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    succeeded(cast.alice.tenant)
    with django_assert_num_queries(LIST_QUERIES):
        root.get(LIST)
    for tenant in (cast.alice.tenant, cast.bob.tenant) * 3:
        succeeded(tenant, fallback="timeout")
    with django_assert_num_queries(LIST_QUERIES):
        root.get(LIST)


def test_list_reads_no_texts_and_counts_no_more_than_a_thousand(root: Client, cast: Cast) -> None:
    succeeded(cast.alice.tenant)
    with CaptureQueriesContext(connection) as queries:
        root.get(LIST)

    statements = [entry["sql"] for entry in queries if "tts_synthesisrequest" in entry["sql"]]
    assert len(statements) == 4
    assert "LIMIT 1001" in next(sql for sql in statements if "COUNT(" in sql)
    assert not [sql for sql in statements if '"tts_synthesisrequest"."text"' in sql]


def test_nobody_adds_changes_or_deletes_requests(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)

    assert root.get(f"{LIST}add/").status_code == 403
    assert root.post(f"{LIST}add/", {"text": "x"}).status_code == 403
    assert root.get(f"{LIST}{row.id}/delete/").status_code == 403
    assert root.post(f"{LIST}{row.id}/delete/", {"post": "yes"}).status_code == 403
    assert root.post(page_of(row), {"text": "x", "status": "queued"}).status_code == 403
    answer = root.post(LIST, {"action": "delete_selected", "_selected_action": str(row.id), "post": "yes"})
    assert answer.status_code in (200, 302)
    again = SynthesisRequest.all_tenants.get(pk=row.pk)
    assert (again.text, again.status) == (row.text, row.status)


def test_history_is_closed_to_staff_without_the_permission(outsider: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)

    assert outsider.get(LIST).status_code == 403
    assert outsider.get(page_of(row)).status_code == 403
    assert "synthesisrequest" not in outsider.get("/admin/").content.decode()


def test_history_sends_the_anonymous_to_log_in(cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    client = english_client()

    for url in (LIST, page_of(row)):
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"status__exact": "failed"}, {"failed"}),
        ({"status__exact": "queued"}, {"queued"}),
        ({"engine_used": "espeak"}, {"late"}),
        ({"fallback": "any"}, {"late"}),
        ({"fallback": "timeout"}, {"late"}),
        ({"fallback": "overload"}, set()),
        ({"fallback": "none"}, {"fine"}),
        ({"format": "wav"}, {"failed"}),
        ({"day": "today"}, {"fine", "late", "queued"}),
        ({"day": "week"}, {"fine", "late", "queued", "failed"}),
        ({"day": "today", "fallback": "any"}, {"late"}),
    ],
)
def test_filter_keeps_only_what_it_names(
    root: Client, cast: Cast, parameters: dict[str, str], expected: set[str]
) -> None:
    rows = {
        "fine": succeeded(cast.alice.tenant),
        "late": succeeded(cast.bob.tenant, fallback="timeout"),
        "failed": failed(cast.alice.tenant, audio_format="wav", at=timezone.now() - timedelta(days=2)),
        "queued": queued(cast.bob.tenant),
    }

    assert listed(root, **parameters) == {rows[name].id for name in expected}


def test_tenant_filter_tells_tenants_apart_even_when_it_does_not_list_them(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.admin.filters.TenantFilter.shown", 1)
    own, _other = succeeded(cast.bob.tenant), succeeded(cast.alice.tenant)

    assert listed(root, tenant__id__exact=str(cast.bob.tenant.id)) == {own.id}
    # No such tenant: admin shows its list without the filter and says so.
    assert root.get(LIST, {"tenant__id__exact": "nonsense"}).status_code == 302


def test_day_filter_takes_any_day_of_the_servers_time_zone(root: Client, cast: Cast) -> None:
    today = timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    first = succeeded(cast.alice.tenant, at=midnight)
    last = succeeded(cast.alice.tenant, at=midnight - timedelta(microseconds=1))

    assert listed(root, day=today.isoformat()) == {first.id}
    assert listed(root, day="yesterday") == {last.id}
    page = root.get(LIST, {"day": today.isoformat(), "fallback": "none"}).content.decode()
    assert page.count(f'<input type="date" name="day" value="{today.isoformat()}">') == 2
    assert '<option value="none" selected>' in page


@pytest.mark.parametrize("day", ["2026-02-31", "soon", "0001-01-01", "9999-12-31"])
def test_day_filter_refuses_what_is_no_day(root: Client, cast: Cast, day: str) -> None:
    answer = root.get(LIST, {"day": day})

    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")


def test_filters_offer_the_voices_on_record_and_their_engines(root: Client, cast: Cast) -> None:
    voice = VoiceInfo("cmn", "Mandarin", ("zh-CN",), "", "espeak", 22050, "", None, VoiceState.READY)
    voices_sync(engine="espeak", found=[voice])

    page = root.get(LIST).content.decode()
    assert '<option value="espeak">espeak</option>' in page
    assert '<option value="cmn">cmn</option>' in page


def test_search_finds_by_id_request_id_and_beginning_of_reference(root: Client, cast: Cast) -> None:
    one = succeeded(cast.alice.tenant, request_id="trace-1", reference="book-7/3", text="unsearchable")
    two = succeeded(cast.bob.tenant, request_id=one.id.hex, reference="book-8")

    assert listed(root, q=str(one.id)) == {one.id}
    assert listed(root, q=f" {one.id} ") == {one.id}
    assert listed(root, q="trace-1") == {one.id}
    assert listed(root, q="book-7") == {one.id}
    assert listed(root, q="book-") == {one.id, two.id}
    # A generated X-Request-ID has the form of an id.
    assert listed(root, q=one.id.hex) == {one.id, two.id}
    for missed in ("unsearch", "trace", "ook-7", "%", "00000000-0000-0000-0000-000000000000"):
        assert listed(root, q=missed) == set()


def test_search_stays_within_the_filters(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, reference="book-7")

    assert listed(root, q="book-7", tenant__id__exact=str(cast.alice.tenant.id)) == {row.id}
    assert listed(root, q="book-7", tenant__id__exact=str(cast.bob.tenant.id)) == set()


def test_list_refuses_to_filter_by_columns_that_are_no_filters(root: Client, cast: Cast) -> None:
    assert root.get(LIST, {"text__startswith": "a"}).status_code == 400


def test_list_says_that_a_long_one_is_estimated_and_how_far_it_can_be_paged(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        queued(cast.alice.tenant)
    whole = root.get(LIST).content.decode()
    monkeypatch.setattr(EstimatingPaginator, "exact", 2)
    monkeypatch.setattr(EstimatingPaginator, "cap", 2)
    monkeypatch.setattr(EstimatingPaginator, "estimate", 412_345)
    monkeypatch.setattr(RequestAdmin, "list_per_page", 1)
    capped = root.get(LIST).content.decode()

    assert "3 requests" in whole
    assert "about" not in whole.split('class="paginator"')[1]
    assert "about 410000 requests" in capped
    assert "The newest 2 can be paged through" in capped
    # The page behind the last one.
    assert [root.get(LIST, {"p": page}).status_code for page in ("2", "3")] == [200, 302]


def test_the_key_filter_offers_keys_of_the_chosen_tenant_and_takes_ids_and_labels(
    root: Client, cast: Cast
) -> None:
    own = succeeded(cast.alice.tenant, api_key=cast.alice.row)
    succeeded(cast.bob.tenant, api_key=cast.bob.row)
    without = succeeded(cast.bob.tenant)

    assert listed(root, key=cast.alice.row.public_id) == {own.id}
    assert listed(root, key=cast.alice.row.label) == {own.id}
    assert listed(root, key="none") == {without.id}
    assert listed(root, key="unknown") == set()
    assert cast.alice.row.label not in root.get(LIST).content.decode()
    page = root.get(LIST, {"tenant__id__exact": str(cast.alice.tenant.id)}).content.decode()
    assert cast.alice.row.label in page
    assert cast.bob.row.label not in page


def test_search_finds_all_requests_of_a_key(root: Client, cast: Cast) -> None:
    own = succeeded(cast.alice.tenant, api_key=cast.alice.row)
    succeeded(cast.bob.tenant, api_key=cast.bob.row)

    for term in (cast.alice.row.public_id, cast.alice.row.label, cast.alice.key):
        assert listed(root, q=term) == {own.id}


def test_search_prefers_the_whole_reference_to_longer_ones(root: Client, cast: Cast) -> None:
    one, two = queued(cast.alice.tenant, reference="book-1"), queued(cast.alice.tenant, reference="book-10")

    assert listed(root, q="book-1") == {one.id}
    assert listed(root, q="book-10") == {two.id}
    assert listed(root, q="book") == {one.id, two.id}


def test_a_reference_of_the_form_of_an_id_is_found(root: Client, cast: Cast) -> None:
    row = queued(cast.alice.tenant, reference="00000000-0000-7000-8000-000000000000")

    assert listed(root, q=row.reference) == {row.id}


def test_days_from_and_to_are_one_filter(root: Client, cast: Cast) -> None:
    today = timezone.localdate()
    noon = timezone.make_aware(datetime.combine(today, time(12)))
    rows = [queued(cast.alice.tenant, at=noon - timedelta(days=ago)) for ago in range(4)]

    def between(first: str, last: str) -> set[UUID]:
        response = root.get(f"{LIST}?day={first}&day={last}")
        assert response.status_code == 200
        return {row.id for row in response.context["cl"].result_list}

    days = [(today - timedelta(days=ago)).isoformat() for ago in range(4)]
    assert between(days[2], days[1]) == {rows[2].id, rows[1].id}
    assert between(days[1], "") == {rows[1].id, rows[0].id}
    assert between("", days[2]) == {rows[2].id, rows[3].id}
    assert between("", "") == {row.id for row in rows}
    assert root.get(f"{LIST}?day={days[0]}&day=soon").status_code == 302


def test_the_empty_fields_of_the_form_choose_nothing_out(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    names = (
        "tenant__id__exact",
        "key",
        "status__exact",
        "engine_used",
        "voice_used",
        "format",
        "origin",
        "q",
    )

    assert listed(root, **dict.fromkeys(names, "")) == {row.id}


def test_origin_and_voice_filter(root: Client, cast: Cast) -> None:
    again = succeeded(cast.alice.tenant, origin="rerun")
    spoken = succeeded(cast.alice.tenant, fallback="timeout")

    assert listed(root, origin="rerun") == {again.id}
    assert listed(root, voice_used="cmn") == {spoken.id}


def test_the_form_keeps_a_choice_that_it_does_not_offer(root: Client, cast: Cast) -> None:
    page = root.get(LIST, {"voice_used": "<b>gone"}).content.decode()

    assert '<option value="&lt;b&gt;gone" selected>' in page
    assert "<b>gone" not in page


def test_pages_of_members_take_the_same_queries_however_much_there_is(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(member_of(cast.alice.tenant, Role.OWNER))
    succeeded(cast.alice.tenant)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    # By its id, so that the index of the tenant is taken.
    assert [
        entry["sql"] for entry in queries if "EXPLAIN" in entry["sql"] and "accounts_" in entry["sql"]
    ] == []
    for _number in range(3):
        succeeded(cast.alice.tenant, api_key=cast.alice.row)
    with django_assert_num_queries(len(queries)):
        client.get(LIST)


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_markup_of_clients_is_inert_in_the_list(root: Client, cast: Cast, markup: str) -> None:
    cast.alice.tenant.name = markup
    cast.alice.tenant.save()
    succeeded(cast.alice.tenant, api_key_name=markup, reference=markup)

    for query in ({}, {"q": markup}):
        assert markup not in root.get(LIST, query).content.decode()


def test_a_member_of_several_is_offered_the_keys_of_the_tenant_that_is_chosen(cast: Cast) -> None:
    user = member_of(cast.alice.tenant, Role.VIEWER)
    membership_set(tenant=cast.bob.tenant, user=user, role=Role.VIEWER)
    client = client_of(user)
    keys = {cast.alice.row.label, cast.bob.row.label}
    for query, offered in (
        ({}, keys),
        ({"tenant__id__exact": str(cast.bob.tenant.pk)}, {cast.bob.row.label}),
    ):
        page = client.get(LIST, query).content.decode()
        assert {label for label in keys if label in page} == offered
