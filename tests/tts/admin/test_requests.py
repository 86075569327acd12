from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.services.tenants import tenant_create
from tests.admin_cast import english_client
from tests.cast import Cast
from tests.tts.admin.history import failed, queued, succeeded
from tts.models import SynthesisRequest
from tts.services.voices import voices_sync
from tts.voices.voice import VoiceInfo, VoiceState

LIST = "/admin/tts/synthesisrequest/"
LIST_QUERIES = 6
"""Session, user, engines, tenants, count, rows."""
PAGE_QUERIES = 8
"""Session, user, request, tenant, audit event, content type, attempts, events."""


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


def test_list_reads_no_texts_and_counts_no_more_than_the_cap(root: Client, cast: Cast) -> None:
    succeeded(cast.alice.tenant)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        root.get(LIST)

    statements = [entry["sql"] for entry in queries if "tts_synthesisrequest" in entry["sql"]]
    assert len(statements) == 2
    assert "LIMIT 10000" in next(sql for sql in statements if "COUNT(" in sql)
    assert not [sql for sql in statements if '"tts_synthesisrequest"."text"' in sql]


def test_page_takes_the_same_queries_for_any_number_of_attempts(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for row in (succeeded(cast.alice.tenant), succeeded(cast.alice.tenant, fallback="timeout")):
        # Whichever test ran before may have filled it.
        ContentType.objects.clear_cache()
        with django_assert_num_queries(PAGE_QUERIES):
            root.get(page_of(row))


def test_page_shows_text_times_attempts_and_events(viewer: Client, cast: Cast) -> None:
    row = succeeded(
        cast.alice.tenant,
        fallback="timeout",
        text="<b>今天</b>",
        reference="book-1",
        api_key_name="web player",
    )

    page = viewer.get(page_of(row)).content.decode()

    assert "&lt;b&gt;今天&lt;/b&gt;" in page
    assert "<b>今天" not in page
    for shown in ("book-1", "web player", "worker-1", "0.310 s", "no answer", "Traceback: &lt;deep&gt;"):
        assert shown in page
    for name in ("received", "claimed", "attempt", "stored", "succeeded"):
        assert f"<p>{name}</p>" in page
    assert "engine=espeak" in page
    assert "fallback=timeout" in page


def test_page_tells_why_a_request_failed(viewer: Client, cast: Cast) -> None:
    page = viewer.get(page_of(failed(cast.alice.tenant))).content.decode()

    assert "synthesis_failed: every engine failed" in page
    assert "<audio" not in page


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


def test_page_offers_no_button_that_writes(root: Client, cast: Cast) -> None:
    page = root.get(page_of(succeeded(cast.alice.tenant))).content.decode()

    assert 'name="_save"' not in page
    assert "deletelink" not in page
    assert "addlink" not in root.get(LIST).content.decode().split('id="content"')[1]


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
    assert f'value="{today.isoformat()}"' in page
    assert '<input type="hidden" name="fallback" value="none">' in page


@pytest.mark.parametrize("day", ["2026-02-31", "soon", "0001-01-01", "9999-12-31"])
def test_day_filter_refuses_what_is_no_day(root: Client, cast: Cast, day: str) -> None:
    answer = root.get(LIST, {"day": day})

    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")


def test_engine_filter_offers_the_engines_of_the_voices_on_record(root: Client, cast: Cast) -> None:
    voice = VoiceInfo("cmn", "Mandarin", ("zh-CN",), "", "espeak", 22050, "", None, VoiceState.READY)
    voices_sync(engine="espeak", found=[voice])

    assert "?engine_used=espeak" in root.get(LIST).content.decode()


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


def test_list_says_when_it_shows_only_the_newest(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        queued(cast.alice.tenant)
    whole = root.get(LIST).content.decode()
    monkeypatch.setattr("accounts.admin.paginator.CappedPaginator.cap", 2)
    capped = root.get(LIST).content.decode()

    assert "Older rows" not in whole
    assert "Older rows" in capped
    assert "2+" in capped


def test_page_in_chinese(root: Client, cast: Cast) -> None:
    row = succeeded(tenant_create(slug="initech", name="Initech"))

    page = root.get(page_of(row), headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()

    for shown in ("合成请求", "成功", "引擎尝试", "请求事件", "实时率", "排队耗时"):
        assert shown in page
    assert "Real-time factor" not in page
