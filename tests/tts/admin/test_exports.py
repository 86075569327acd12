"""Exports in the admin: the form, what is sent at once, what a job writes, and whose files are whose."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.actors import SYSTEM
from accounts.models import AuditEvent, Membership
from tests.admin_cast import client_of, member_of, operator, staff
from tests.cast import Cast
from tests.tts.exports.stored import requested, spec_of
from tests.tts.exports.usage import spoken, used_in_may
from tts.connections import background_queue
from tts.exports.checking import SIDE_FILE
from tts.models import UsageExport
from tts.services import export_files
from tts.services.export_bounds import Asker
from tts.services.export_links import export_token
from tts.services.exports import SETTLING, export_request, export_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

LIST = "/admin/tts/usageexport/"
ADD = f"{LIST}add/"
MAY = {"first": "2026-05-01", "last": "2026-05-31", "detail": "lines", "file_format": "csv"}
USAGE = ("tts.view_usageevent", "tts.view_usageexport", "tts.add_usageexport")
Role = Membership.Role
Status = UsageExport.Status


@pytest.fixture(autouse=True)
def some_use(cast: Cast, exports_folder: Path) -> None:
    used_in_may(cast)


@pytest.fixture
def finance() -> Client:
    return client_of(operator("finance", *USAGE))


@pytest.fixture
def alices(cast: Cast) -> Client:
    return client_of(member_of(cast.alice.tenant, Role.VIEWER))


def asked(client: Client, tenant: object = "", **changes: str) -> Any:
    return client.post(ADD, {**MAY, "tenant": str(tenant), **changes})


def lines(response: Any) -> list[dict[str, str]]:
    assert isinstance(response, StreamingHttpResponse)
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO("\n".join(line for line in text.splitlines() if line[0] != "#"))))


def written(export: UsageExport) -> UsageExport:
    export_run(export_id=export.pk, clock=timezone.now)
    export.refresh_from_db()
    return export


def file_link(page: str, part: str = "export-file") -> str:
    found = re.search(rf'class="{part}" href="([^"]+)"', page)
    assert found is not None, page
    return found.group(1).replace("&amp;", "&")


def test_a_small_export_is_the_answer_to_the_form(finance: Client, cast: Cast) -> None:
    response = asked(finance, cast.alice.tenant.pk)
    assert (
        response["Content-Disposition"]
        == 'attachment; filename="usage-alice-2026-05-01-2026-05-31-lines.csv"'
    )
    assert [row["characters"] for row in lines(response)] == ["10", "10", "10"]
    assert not UsageExport.all_tenants.exists()
    event = AuditEvent.objects.of(cast.alice.tenant).get(action="usage.export")
    assert (event.actor_name, event.target_name) == ("finance", "usage-alice-2026-05-01-2026-05-31-lines.csv")


def test_finance_and_operators_may_take_all_tenants_at_once(finance: Client) -> None:
    assert {row["tenant"] for row in lines(asked(finance))} == {"alice", "bob"}
    event = AuditEvent.all_tenants.get(action="usage.export")
    assert (event.tenant_id, event.target_name) == (None, "usage-all-2026-05-01-2026-05-31-lines.csv")


def test_days_begin_in_the_tenants_time_zone_or_the_one_that_is_asked_for(
    finance: Client, cast: Cast
) -> None:
    spoken(cast.alice, datetime(2026, 4, 30, 17, tzinfo=UTC))
    assert len(lines(asked(finance, cast.alice.tenant.pk))) == 4
    assert len(lines(asked(finance, cast.alice.tenant.pk, time_zone="UTC"))) == 3


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"last": "2026-04-01"}, "before the first day"),
        ({"first": "2020-01-01"}, "At most 400 days"),
        ({"time_zone": "Mars/Olympus"}, "no IANA time zone"),
        ({"first": "2011-12-30", "last": "2011-12-30", "time_zone": "Pacific/Apia"}, "no such day"),
        ({"file_format": "pdf"}, "not one of the available choices"),
        ({"tenant": "00000000-0000-0000-0000-000000000000"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(finance: Client, changes: dict[str, str], told: str) -> None:
    response = asked(finance, **changes)
    assert response.status_code == 200
    assert told in response.content.decode()


def test_a_large_one_is_written_by_a_job_and_waits_in_the_list(
    finance: Client, cast: Cast, settings: Settings
) -> None:
    settings.EXPORT_ROWS = 2
    response = asked(finance, cast.alice.tenant.pk, file_format="ndjson")
    assert (response.status_code, response["Location"]) == (302, LIST)
    export = UsageExport.all_tenants.get()
    assert background_queue().get_job_ids() == [f"export-{export.pk}"]
    page = finance.get(LIST).content.decode()
    assert "export-progress" in page
    assert "NDJSON" in page
    written(export)
    page = finance.get(LIST).content.decode()
    assert "export-progress" not in page
    response = finance.get(file_link(page))
    assert (
        response["Content-Disposition"]
        == 'attachment; filename="usage-alice-2026-05-01-2026-05-31-lines.ndjson"'
    )
    first, *rows, _ = response.getvalue().splitlines()
    assert (json.loads(first)["manifest"]["rows"], len(rows)) == (3, 3)


def test_workbooks_have_a_limit_of_their_own(finance: Client, cast: Cast, settings: Settings) -> None:
    settings.EXPORT_XLSX_ROWS = 2
    assert asked(finance, cast.alice.tenant.pk, file_format="xlsx").status_code == 302
    assert len(lines(asked(finance, cast.alice.tenant.pk))) == 3


def test_a_workbook_that_takes_too_long_is_left_to_a_job(
    finance: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "WHOLE_SECONDS", 0)
    assert asked(finance, cast.alice.tenant.pk, file_format="xlsx").status_code == 302
    assert UsageExport.all_tenants.get().file_format == "xlsx"
    assert len(lines(asked(finance, cast.alice.tenant.pk))) == 3


def test_the_manifest_of_a_stored_file_is_a_link_of_its_own(
    finance: Client, cast: Cast, exports_folder: Path
) -> None:
    export = written(requested(cast.alice.tenant))
    page = finance.get(LIST).content.decode()
    side = finance.get(file_link(page, "export-manifest"))
    assert side["Content-Type"] == "application/json"
    assert json.loads(side.getvalue())["file"]["sha256"] == export.sha256
    assert (exports_folder / f"{export.file.name}{SIDE_FILE}").exists()


def test_the_page_of_an_export_tells_what_is_in_it(finance: Client, cast: Cast) -> None:
    export = written(requested(cast.alice.tenant))
    page = finance.get(f"{LIST}{export.pk}/change/").content.decode()
    for shown in ("2026-05-01 – 2026-05-31", export.sha256, "Asia/Shanghai", "4.500", "in all", "asker"):
        assert shown in page
    assert finance.get(file_link(page)).getvalue().count(b"\r\n") > 3


def test_a_download_is_told_to_the_audit_log(finance: Client, cast: Cast) -> None:
    export = written(requested(cast.alice.tenant))
    finance.get(file_link(finance.get(LIST).content.decode())).getvalue()
    event = AuditEvent.objects.of(cast.alice.tenant).get(action="usage.download")
    assert (event.target_id, event.actor_name) == (str(export.pk), "finance")


@pytest.mark.parametrize("token", ["", "nonsense", "another's"])
def test_a_link_without_the_persons_own_token_leads_back_to_the_list(
    finance: Client, cast: Cast, token: str
) -> None:
    export = written(requested(cast.alice.tenant))
    if token == "another's":
        token = export_token(export=export, user=User.objects.get(username="asker"))
    response = finance.get(f"{LIST}{export.pk}/file/", {"token": token})
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert not AuditEvent.all_tenants.filter(action="usage.download").exists()


def test_a_file_that_is_gone_leads_back_to_the_list(
    finance: Client, cast: Cast, exports_folder: Path
) -> None:
    export = written(requested(cast.alice.tenant))
    link = file_link(finance.get(LIST).content.decode())
    (exports_folder / str(export.file.name)).unlink()
    assert finance.get(link)["Location"] == LIST
    assert "no longer kept" in finance.get(LIST).content.decode()


def test_a_failed_one_says_why_and_can_be_tried_again(finance: Client, cast: Cast) -> None:
    export = requested(cast.alice.tenant)
    UsageExport.all_tenants.filter(pk=export.pk).update(
        status=Status.RUNNING, started_at=timezone.now(), created_at=timezone.now() - 2 * SETTLING
    )
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    page = finance.get(LIST).content.decode()
    retry = f"{LIST}{export.pk}/retry/"
    assert retry in page
    assert "The worker that wrote it is gone." in finance.get(f"{LIST}{export.pk}/change/").content.decode()
    assert finance.get(retry).status_code == 405
    assert finance.post(retry)["Location"] == LIST
    assert written(export).status == Status.SUCCEEDED


def test_nobody_edits_or_deletes_one(finance: Client, cast: Cast) -> None:
    export = requested(cast.alice.tenant)
    for action in ("change", "delete"):
        assert finance.post(f"{LIST}{export.pk}/{action}/", {"post": "yes"}).status_code == 403
    assert UsageExport.all_tenants.get() == export


def test_a_member_exports_the_own_tenant_and_no_other(alices: Client, cast: Cast) -> None:
    assert {row["tenant"] for row in lines(asked(alices, cast.alice.tenant.pk))} == {"alice"}
    for tenant in (cast.bob.tenant.pk, ""):
        response = asked(alices, tenant)
        assert response.status_code == 200
        assert "errornote" in response.content.decode()
    page = alices.get(ADD).content.decode()
    assert str(cast.alice.tenant.pk) in page
    assert str(cast.bob.tenant.pk) not in page
    assert "all tenants" not in page


def test_a_member_sees_and_fetches_files_of_the_own_tenant_only(alices: Client, cast: Cast) -> None:
    own, others, everybodys = map(written, map(requested, (cast.alice.tenant, cast.bob.tenant, None)))
    page = alices.get(LIST).content.decode()
    assert str(own.pk) in page
    user = User.objects.get(username="viewer-alice")
    for hidden in (others, everybodys):
        assert str(hidden.pk) not in page
        token = {"token": export_token(export=hidden, user=user)}
        assert alices.get(f"{LIST}{hidden.pk}/file/", token).status_code == 404
        assert alices.post(f"{LIST}{hidden.pk}/retry/").status_code == 404
        assert alices.get(f"{LIST}{hidden.pk}/change/").status_code == 302
    assert b"alice" in alices.get(file_link(page)).getvalue()


def test_without_the_permissions_there_is_no_way_in(cast: Cast) -> None:
    export = written(requested(cast.alice.tenant))
    looker = client_of(operator("looker", "tts.view_usageexport"))
    assert looker.get(LIST).status_code == 200
    assert asked(looker, cast.alice.tenant.pk).status_code == 403
    assert looker.post(f"{LIST}{export.pk}/retry/").status_code == 403
    nobody = client_of(staff("nobody", *USAGE[2:]))
    for address in (LIST, ADD, f"{LIST}{export.pk}/file/", f"{LIST}{export.pk}/change/"):
        assert nobody.get(address).status_code == 403


def test_the_list_takes_the_same_queries_for_any_number_of_exports(
    finance: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        written(requested(cast.alice.tenant))
    # Session, user, two of permissions, exports without a job, tenants, count, rows.
    with django_assert_num_queries(8):
        finance.get(LIST)
    # Whoever looks again at once looks after nothing.
    with django_assert_num_queries(7):
        finance.get(LIST)


def test_one_that_a_key_asked_for_names_the_key(finance: Client, cast: Cast) -> None:
    export_request(
        spec=spec_of(cast.alice.tenant), asker=Asker(key=cast.alice.row), actor=SYSTEM, now=timezone.now()
    )
    assert cast.alice.row.label in finance.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("bound", "value", "told"),
    [
        ("EXPORTS_AT_ONCE_OF_ASKER", 1, "No more than 1 exports of yours may wait or be written at once."),
        ("EXPORTS_AT_ONCE", 1, "No more than 1 exports may wait or be written at once."),
        ("EXPORTS_PER_DAY", 2, "No more than 2 exports may be asked for in 24 hours."),
        ("EXPORT_KEPT_MB", 3, "room there is (3 MB)"),
    ],
)
def test_one_too_many_is_refused_with_what_to_do(
    finance: Client, cast: Cast, settings: Settings, bound: str, value: int, told: str
) -> None:
    setattr(settings, bound, value)
    settings.EXPORT_ROWS = 2
    kept = requested(cast.alice.tenant)
    UsageExport.all_tenants.filter(pk=kept.pk).update(
        status=Status.SUCCEEDED,
        file_bytes=3_000_000,
        expires_at=timezone.now() + timedelta(days=3),
        requested_by=finance.session["_auth_user_id"],
    )
    if bound != "EXPORT_KEPT_MB":
        UsageExport.all_tenants.filter(pk=kept.pk).update(file_bytes=1)
        assert asked(finance, cast.alice.tenant.pk).status_code == 302
    before = UsageExport.all_tenants.count()
    answer = finance.post(ADD, {**MAY, "tenant": str(cast.alice.tenant.pk)}, follow=True)
    page = answer.content.decode()
    assert told in page
    assert "Ask again" in page
    assert UsageExport.all_tenants.count() == before


def test_trying_again_is_refused_likewise(finance: Client, cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE = 1
    failed = requested(cast.alice.tenant)
    UsageExport.all_tenants.filter(pk=failed.pk).update(status=Status.FAILED)
    requested(cast.alice.tenant)
    page = finance.post(f"{LIST}{failed.pk}/retry/", follow=True)
    assert "No more than 1 exports may wait" in page.content.decode()
    failed.refresh_from_db()
    assert failed.status == Status.FAILED


def test_the_form_is_filled_in_by_links_to_it(finance: Client, cast: Cast) -> None:
    page = finance.get(
        ADD,
        {"tenant": str(cast.bob.tenant.pk), "first": "2026-05-01", "last": "2026-05-09", "detail": "lines"},
    ).content.decode()
    assert f'<option value="{cast.bob.tenant.pk}" selected>' in page
    assert 'value="2026-05-09"' in page


@pytest.mark.parametrize(
    "days", [{"first": "0001-01-01"}, {"last": "9999-12-31"}, {"first": "9999-12-31", "last": "9999-12-31"}]
)
def test_days_at_the_ends_of_the_calendar_are_refused_by_name(finance: Client, days: dict[str, str]) -> None:
    answer = asked(finance, **days)
    assert answer.status_code == 200
    assert set(days) <= set(answer.context["adminform"].form.errors)
