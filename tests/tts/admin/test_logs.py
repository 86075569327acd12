"""The log page: both sources in one list, its filters, its pages, and who may read it."""

import re
from datetime import timedelta
from html import unescape
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.roles import Role
from tests.admin_cast import client_of, member_of, operator
from tests.cast import Cast
from tests.tts.admin.history import failed, succeeded
from tts.models import LogRecord
from tts.services import logs_search

pytestmark = pytest.mark.django_db

LOG = "/admin/tts/logrecord/"
NOW = timezone.now()


def record(message: str, *, ago: float = 0.0, **fields: Any) -> LogRecord:
    values: dict[str, Any] = {"level": "warning", "logger": "tts.test", "process": "web.1@here"}
    return LogRecord.objects.create(
        at=timezone.now() - timedelta(seconds=ago), message=message, **(values | fields)
    )


def page(client: Client, **query: Any) -> str:
    answer = client.get(LOG, query)
    assert answer.status_code == 200
    return answer.content.decode()


def sources(text: str) -> list[str]:
    """What each line is from, in the order of the page."""
    shown = re.findall(r'<td class="log-source"><span class="identifier">(.*?)</span>', text)
    return [name.replace("<wbr>", "") for name in shown]


def said(text: str) -> list[str]:
    return [
        unescape(found.strip())
        for found in re.findall(r'<td class="log-message">(.*?)</td>', text, re.DOTALL)
    ]


def test_events_and_records_are_one_list_the_newest_first(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, at=timezone.now() - timedelta(seconds=30))
    record("before", ago=60)
    record("after", ago=-60)
    text = page(root)
    assert sources(text)[0] == sources(text)[-1] == "tts.test"
    assert said(text)[0] == "after"
    assert {"received", "claimed", "attempt", "succeeded"} <= set(sources(text))
    assert f"?request_id={row.pk}" in text


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("error", {"failed", "tts.bad"}),
        ("warning", {"tts.test"}),
        ("info", {"tts.info"}),
        ("debug", set()),
        ("access", {"received", "claimed", "voxgate.access"}),
    ],
)
def test_a_level_shows_its_own_lines_only(root: Client, cast: Cast, level: str, expected: set[str]) -> None:
    failed(cast.alice.tenant)
    record("a warning")
    record("an error", level="error", logger="tts.bad")
    record("a word", level="info", logger="tts.info")
    record("a refusal", level="access", logger="voxgate.access")
    assert set(sources(page(root, level=level))) == expected


def test_either_id_of_a_request_finds_all_its_lines(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, request_id="from-the-client")
    other = succeeded(cast.alice.tenant, request_id="another")
    record("by the web", request_id="from-the-client")
    record("by the worker", request_id=str(row.pk))
    record("of another", request_id="another")
    by_row, by_http = page(root, request_id=row.pk), page(root, request_id="from-the-client")
    for text in (by_row, by_http):
        assert {"by the web", "by the worker"} <= set(said(text))
        assert "of another" not in said(text)
        assert "succeeded" in sources(text)
        assert str(other.pk) not in text
    assert sources(page(root, request_id="from-the-clien")) == []


def test_an_id_that_others_reuse_leads_from_a_request_to_its_own_time_only(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, request_id="test")
    record("now", request_id="test")
    record("a day ago", request_id="test", ago=86_400)
    assert {"now", "a day ago"} <= set(said(page(root, request_id="test")))
    assert "a day ago" not in said(page(root, request_id=row.pk))
    assert "now" in said(page(root, request_id=row.pk))


def test_a_tenant_has_its_own_lines(root: Client, cast: Cast) -> None:
    succeeded(cast.alice.tenant)
    record("alice's", tenant_slug="alice")
    record("bob's", tenant_slug="bob")
    record("nobody's")
    assert said(page(root, tenant="bob")) == ["bob's"]
    assert {"alice's"} < set(said(page(root, tenant="alice")))
    assert "There is no tenant of that name." in page(root, tenant="carol")


def test_an_engine_has_the_events_that_name_it(root: Client, cast: Cast) -> None:
    succeeded(cast.alice.tenant, fallback="timeout")
    record("espeak has crashed")
    assert sorted(sources(page(root, engine="espeak"))) == ["attempt", "succeeded"]
    assert sources(page(root, engine="piper")) == ["attempt"]


def test_an_engine_has_the_records_of_the_requests_it_was_asked_to_speak(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout", request_id="from-the-client")
    primary = succeeded(cast.bob.tenant, request_id="another")
    record("by the worker", request_id=str(row.pk))
    record("by the web", request_id="from-the-client", level="error")
    record("of piper alone", request_id="another")
    record("of piper's worker", request_id=str(primary.pk))
    record("of no request", request_id="unknown")
    record("of nothing")
    record("not quite an id", request_id=f"{row.pk}-")
    record("of the capital id", request_id=str(row.pk).upper())

    def records(**query: str) -> set[str]:
        return {text for text in said(page(root, **query)) if "=" not in text}

    of_espeak = {"by the worker", "by the web", "of the capital id"}
    assert records(engine="espeak") == of_espeak
    assert records(engine="piper") == of_espeak | {"of piper alone", "of piper's worker"}
    assert records(engine="espeak", level="error") == {"by the web"}
    assert records(engine="espeak", q="WORKER") == {"by the worker"}
    assert records(engine="espeak", request_id="from-the-client") == {"by the worker", "by the web"}
    assert records(engine="nonsense") == set()
    assert "by the worker" in said(newest(root, seen="0.0", engine="espeak")["rows"])


def test_requests_of_one_id_do_not_make_a_search_endless(root: Client, cast: Cast) -> None:
    """A client may send the same id for ever: so many of its requests are looked at, and no more."""
    for _number in range(logs_search.MOST_OF_ID + 3):
        succeeded(cast.alice.tenant, request_id="same")
    record("of them all", request_id="same")
    with CaptureQueriesContext(connection) as queries:
        assert "of them all" in said(page(root, engine="piper"))
    (asked,) = [
        entry["sql"]
        for entry in queries
        if 'FROM "tts_logrecord"' in entry["sql"] and "piper" in entry["sql"]
    ]
    assert f"LIMIT {logs_search.MOST_OF_ID}" in asked


@pytest.mark.parametrize("word", ["no ANSWER", "piper", "timeout"])
def test_words_are_found_in_what_an_engine_said(root: Client, cast: Cast, word: str) -> None:
    succeeded(cast.alice.tenant, fallback="timeout")
    record("unrelated")
    (found,) = [text for text in said(page(root, q=word)) if "engine=piper" in text]
    assert "no answer" in found


def test_words_are_found_in_messages_whatever_their_case_and_signs(root: Client) -> None:
    record("100% of the DISK is full")
    record("1000 of the disk")
    assert said(page(root, q="100% of the disk")) == ["100% of the DISK is full"]


def test_lines_of_a_time_are_from_its_first_to_before_its_last_moment(root: Client) -> None:
    local = timezone.localtime(NOW).replace(microsecond=0)
    for seconds in (-1, 0, 59, 60):
        LogRecord.objects.create(
            at=local + timedelta(seconds=seconds), level="info", logger="x", message=f"{seconds}"
        )
    wanted = page(
        root, since=f"{local:%Y-%m-%dT%H:%M:%S}", until=f"{local + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}"
    )
    assert said(wanted) == ["59", "0"]


def pages(client: Client, **query: str) -> list[list[str]]:
    """The messages of every page, as the links lead from one to the next."""
    found = []
    address: str | None = LOG
    while address is not None:
        answer = client.get(address, query)
        text = answer.content.decode()
        found.append(said(text))
        link = re.search(r'log-older"><a href="(\?[^"]+)"', text)
        address, query = (LOG + link[1].replace("&amp;", "&"), {}) if link else (None, {})
        assert len(found) < 50
    return found


def test_pages_follow_each_other_without_gap_or_repetition(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of lines at one instant as well."""
    for number in range(6):
        record(f"r{number}")
        succeeded(cast.alice.tenant, at=NOW, request_id=f"e{number}")
    whole = pages(root)
    monkeypatch.setattr(logs_search.log_page, "__kwdefaults__", {"before": None, "most": 5})
    small = pages(root)
    assert [len(lines) for lines in small[:-1]] == [5] * (len(small) - 1)
    assert list(chain(*small)) == list(chain(*whole))
    assert len(small) > 5


def test_a_search_stops_after_so_many_lines_and_goes_on_from_there(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_search, "MOST_SEARCHED", 10)
    for number in range(35):
        record("needle" if number % 17 == 0 else "hay", ago=number)
    succeeded(cast.alice.tenant, at=NOW - timedelta(hours=1), request_id="needle")
    first = page(root, q="needle")
    assert said(first) == ["needle"]
    assert "Search older lines" in first
    found = pages(root, q="needle")
    assert list(chain(*found)) == ["needle"] * 3
    assert len(found) >= 4


def test_a_line_of_a_record_shows_its_stack_and_the_requests_other_lines(root: Client, cast: Cast) -> None:
    row = failed(cast.alice.tenant)
    line = record("it broke", level="error", request_id=str(row.pk), stack="File one\n<two>")
    text = root.get(f"{LOG}{line.pk}/change/").content.decode()
    assert "it broke" in text
    assert "File one\n&lt;two&gt;" in text
    assert {"received", "claimed", "failed"} < set(sources(text))
    assert f"/admin/tts/synthesisrequest/{row.pk}/change/" in text


def test_a_line_of_an_attempt_shows_the_engines_stack(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, fallback="timeout")
    event = row.events.get(name="attempt", level="error")
    listed = page(root, request_id=row.pk)
    assert f'{LOG}event/{event.pk}/">stack' in listed
    text = root.get(f"{LOG}event/{event.pk}/").content.decode()
    assert "Traceback: &lt;deep&gt;" in text


def test_a_line_that_is_gone_leads_back_to_the_list(root: Client) -> None:
    for address in (
        f"{LOG}4711/change/",
        f"{LOG}nonsense/change/",
        f"{LOG}event/4711/",
        f"{LOG}event/{2**70}/",
    ):
        answer = root.get(address)
        assert (answer.status_code, answer["Location"]) == (302, LOG)


def newest(client: Client, **query: Any) -> dict[str, str]:
    answer = client.get(f"{LOG}newest/", query)
    assert answer.status_code == 200
    found: dict[str, str] = answer.json()
    return found


def test_following_brings_what_was_written_since_however_old_its_time(root: Client, cast: Cast) -> None:
    record("old")
    succeeded(cast.alice.tenant)
    start = newest(root, seen="0.0")
    assert "old" in said(start["rows"])
    assert newest(root, seen=start["newest"])["rows"].strip() == ""
    record("new", ago=3600)
    failed(cast.alice.tenant)
    came = newest(root, seen=start["newest"])
    assert "new" in said(came["rows"])
    assert "failed" in sources(came["rows"])
    assert "old" not in said(came["rows"])
    assert said(newest(root, seen=start["newest"], level="warning")["rows"]) == ["new"]
    assert newest(root) == {"rows": "", "newest": newest(root, seen="0.0")["newest"]}


def test_the_list_begins_to_follow_where_it_ends(root: Client) -> None:
    record("shown")
    seen = re.search(r'data-seen="([\d.]+)"', page(root))
    assert seen is not None
    assert newest(root, seen=seen[1])["rows"].strip() == ""
    assert seen[1] == newest(root, seen="0.0")["newest"]


@pytest.mark.parametrize(
    "query",
    [
        {"nonsense": "1"},
        {"message__regex": "("},
        {"before": "x"},
        {"before": "1.event.99999999999999999999"},
        {"before": f"{10**30}.event.1"},
        {"q": "\0"},
    ],
)
def test_addresses_that_no_link_leads_to_are_bad_requests(root: Client, query: dict[str, str]) -> None:
    assert root.get(LOG, query).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"seen": ""},
        {"seen": "1"},
        {"seen": "-1.0"},
        {"seen": "0.0", "level": "x"},
        {"seen": "0.0", "q": "\0"},
    ],
)
def test_following_asks_properly_or_is_refused(root: Client, query: dict[str, str]) -> None:
    assert root.get(f"{LOG}newest/", query).status_code == 400


def test_wrong_values_of_a_filter_are_told_beside_it(root: Client) -> None:
    record("hidden")
    text = page(root, since="yesterday", level="loud")
    assert text.count('class="errornote"') == 2
    assert said(text) == []


def test_only_who_sees_every_tenant_and_may_view_logs_reads_them(cast: Cast) -> None:
    line = record("secret")
    addresses = (LOG, f"{LOG}{line.pk}/change/", f"{LOG}newest/?seen=0.0", f"{LOG}event/1/")
    owner, finance = member_of(cast.alice.tenant, Role.OWNER), operator("finance", "tts.view_usageevent")
    for user in (owner, finance):
        assert {client_of(user).get(address).status_code for address in addresses} == {403}
        assert LOG not in client_of(user).get("/admin/").content.decode()
    reader = client_of(operator("reader", "tts.view_logrecord"))
    assert "secret" in page(reader)
    assert LOG in reader.get("/admin/").content.decode()


def test_nobody_changes_or_adds_lines(root: Client) -> None:
    line = record("kept")
    assert root.post(f"{LOG}{line.pk}/change/", {"message": "x"}).status_code == 403
    assert root.get(f"{LOG}add/").status_code == 403
    assert root.post(f"{LOG}{line.pk}/delete/", {"post": "yes"}).status_code == 403
    assert LogRecord.objects.get().message == "kept"


def test_pages_cost_the_same_number_of_queries_however_much_they_show(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        row = succeeded(cast.alice.tenant, fallback="timeout", request_id=f"r{number}")
        line = record("something", request_id=str(row.pk))
    # Session, person; two sources, attempts; both ends of the log; tenants and engines to choose from.
    with django_assert_num_queries(9):
        root.get(LOG)
    # And how far each source is to be searched.
    with django_assert_num_queries(11):
        root.get(LOG, {"q": "answer"})
    # The line, the request by either id, two sources, attempts.
    with django_assert_num_queries(8):
        root.get(f"{LOG}{line.pk}/change/")
    with django_assert_num_queries(7):
        root.get(f"{LOG}newest/", {"seen": "0.0"})


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1969-12-31T00:00"]
)
def test_a_moment_at_an_end_of_the_calendar_is_no_error_of_ours(root: Client, moment: str) -> None:
    for name in ("since", "until"):
        assert root.get(LOG, {name: moment}).status_code in (200, 400)
