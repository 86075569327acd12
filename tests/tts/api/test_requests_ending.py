"""`POST /api/requests/{id}/cancel` and `DELETE /api/requests/{id}`."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, UsagePeriod
from accounts.scopes import ALL_SCOPES, Scope
from accounts.services.keys import key_issue
from tests.cast import Cast, member
from tests.system import wait_for
from tests.tts.rows import OUTCOME, SPOKEN, admitted, claimed, event_names, fresh
from tests.tts.services.kept import content, files, kept
from tts.engines.base import Deadline
from tts.models import SynthesisRequest, UsageEvent
from tts.services.answers import answer_wait
from tts.services.cancellation import cancellation_announced
from tts.services.erasure import request_erase
from tts.services.states import request_succeed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


def cancel(cast: Cast, row: SynthesisRequest, headers: dict[str, str] | None = None) -> Any:
    return Client().post(f"/api/requests/{row.id}/cancel", headers=headers or cast.alice.headers)


def delete(cast: Cast, row: SynthesisRequest, headers: dict[str, str] | None = None) -> Any:
    return Client().delete(f"/api/requests/{row.id}", headers=headers or cast.alice.headers)


def reserved(cast: Cast) -> int:
    return UsagePeriod.objects.of(cast.alice.tenant).get(api_key=None).reserved_characters


@pytest.mark.parametrize("make", [admitted, claimed])
def test_what_has_not_ended_is_canceled_and_costs_nothing(cast: Cast, make: Any) -> None:
    row = make(cast.alice)
    assert reserved(cast) == 6
    response = cancel(cast, row)
    assert response.status_code == 200
    assert (response.json()["id"], response.json()["status"]) == (str(row.id), "canceled")
    assert response.json()["error"]["code"] == "canceled"
    assert reserved(cast) == 0
    used = UsageEvent.all_tenants.get(request=row)
    assert (used.outcome, used.characters) == ("canceled", 0)


def test_the_worker_at_it_and_who_waits_are_told(cast: Cast) -> None:
    row = claimed(cast.alice)
    cancel(cast, row)
    assert cancellation_announced(request_id=row.id)
    answer = answer_wait(request_id=row.id, deadline=Deadline.after(1))
    assert answer is not None
    assert answer.code == "canceled"
    # What it has spoken by then is nobody's.
    assert not request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_the_audio_is_answered_at_once(db: None) -> None:
    one = member("one")

    def speak() -> Any:
        try:
            return Client().post(
                "/api/tts", {"text": "你好", "timeout": 15}, "application/json", headers=one.headers
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(speak)
        row = wait_for(SynthesisRequest.all_tenants.first, what="the request is on record")
        Client().post(f"/api/requests/{row.id}/cancel", headers=one.headers)
        # Long before its deadline.
        response = waiting.result(timeout=10)
    assert (response.status_code, response.json()["code"]) == (499, "canceled")
    assert fresh(row).status == "canceled"


def test_what_has_ended_stays_as_it_is(cast: Cast) -> None:
    row = claimed(cast.alice)
    request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    response = cancel(cast, row)
    assert (response.status_code, response.json()["status"]) == (200, "succeeded")
    assert response.json()["attempts"]
    again = cancel(cast, claimed(cast.alice))
    assert again.status_code == 200


def test_text_and_audio_are_gone_and_the_record_and_its_usage_stay(cast: Cast, audio_folder: Path) -> None:
    row = kept(cast.alice.tenant, days=1, characters=321)
    response = delete(cast, row)
    assert (response.status_code, response.content) == (204, b"")
    assert content(row) == (False, False)
    assert files(audio_folder) == set()
    assert event_names(row)[-1] == "erased"
    assert row.events.get(name="erased").data == {"by": "key"}
    assert UsageEvent.all_tenants.get(request=row).characters == 321

    shown = Client().get(f"/api/requests/{row.id}", headers=cast.alice.headers).json()
    assert (shown["status"], shown["links"]["audio"]) == ("succeeded", None)
    audio = Client().get(f"/api/requests/{row.id}/audio", headers=cast.alice.headers)
    assert (audio.status_code, audio.json()["code"]) == (410, "audio_expired")


@pytest.mark.usefixtures("audio_folder")
def test_deleting_again_is_no_error_and_no_other_event(cast: Cast) -> None:
    row = kept(cast.alice.tenant, days=1)
    assert [delete(cast, row).status_code for _ in range(2)] == [204, 204]
    assert event_names(row).count("erased") == 1


def test_what_has_not_ended_is_canceled_first(cast: Cast) -> None:
    row = claimed(cast.alice)
    assert delete(cast, row).status_code == 204
    assert (fresh(row).status, fresh(row).text) == ("canceled", "")
    assert event_names(row)[-2:] == ["canceled", "erased"]


def test_storage_that_refuses_leaves_all_as_it_was(
    cast: Cast, audio_folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    row = kept(cast.alice.tenant, days=1)
    working = settings.STORAGES
    stubborn = {**working["audio"], "BACKEND": "tests.tts.services.kept.Stubborn"}
    settings.STORAGES = {**working, "audio": stubborn}
    response = delete(cast, row)
    assert (response.status_code, response.json()["code"]) == (503, "dependency_unavailable")
    assert response["Retry-After"] == "5"
    assert "signature" not in caplog.text + response.content.decode()
    assert content(row) == (True, True)
    settings.STORAGES = working
    assert delete(cast, row).status_code == 204


@pytest.mark.usefixtures("audio_folder")
def test_keys_leave_no_trace_in_the_audit_log(cast: Cast) -> None:
    """It never forgets, and a tenant may erase every request it makes; their timelines tell."""
    delete(cast, kept(cast.alice.tenant, days=1))
    assert not AuditEvent.objects.of(cast.alice.tenant).filter(action="request.erase").exists()


@pytest.mark.parametrize(("act", "scope"), [(cancel, Scope.SPEECH_WRITE), (delete, Scope.HISTORY_DELETE)])
@pytest.mark.usefixtures("audio_folder")
def test_each_needs_its_scope_and_no_other(cast: Cast, act: Any, scope: str) -> None:
    row = kept(cast.alice.tenant, days=1)
    others = [name for name in ALL_SCOPES if name != scope]
    for scopes, allowed in ((others, False), ([scope], True)):
        _, text = key_issue(tenant=cast.alice.tenant, name="k", scopes=scopes)
        response = act(cast, row, {"Authorization": f"Bearer {text}"})
        assert (response.status_code < 300) is allowed
        assert allowed or response.json()["code"] == "scope_missing"
        assert content(row) == (not (allowed and act is delete),) * 2


def test_who_may_not_read_the_history_learns_how_a_request_stands_and_no_more(cast: Cast) -> None:
    waiting, done = admitted(cast.alice, reference="secret"), claimed(cast.alice, reference="secret")
    request_succeed(row=done, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())
    _, text = key_issue(tenant=cast.alice.tenant, name="k", scopes=[Scope.SPEECH_WRITE])

    for row, status in ((waiting, "canceled"), (done, "succeeded")):
        response = cancel(cast, row, {"Authorization": f"Bearer {text}"})
        assert (response.status_code, response.json()) == (200, {"id": str(row.id), "status": status})
    _, text = key_issue(tenant=cast.alice.tenant, name="k", scopes=[Scope.SPEECH_WRITE, Scope.HISTORY_READ])
    assert cancel(cast, done, {"Authorization": f"Bearer {text}"}).json()["reference"] == "secret"


@pytest.mark.usefixtures("audio_folder")
def test_what_staff_had_spoken_again_is_deleted_with_it(cast: Cast) -> None:
    row = kept(cast.alice.tenant, days=1)
    again = kept(cast.alice.tenant, days=0, repeats=row, origin="rerun")
    last = kept(cast.alice.tenant, days=0, repeats=again, origin="comparison")

    assert delete(cast, row).status_code == 204
    assert [content(one) for one in (row, again, last)] == [(False, False)] * 3
    assert last.events.get(name="erased").data == {"by": "key"}


def test_deleting_again_completes_what_storage_refused(
    cast: Cast, audio_folder: Path, settings: Settings
) -> None:
    row = kept(cast.alice.tenant, days=1)
    again = kept(cast.alice.tenant, days=0, repeats=row, origin="rerun")
    request_erase(row=row, now=timezone.now())
    working = settings.STORAGES
    settings.STORAGES = {
        **working,
        "audio": {**working["audio"], "BACKEND": "tests.tts.services.kept.Stubborn"},
    }
    assert delete(cast, row).status_code == 503
    settings.STORAGES = working
    assert delete(cast, row).status_code == 204
    assert content(again) == (False, False)


@pytest.mark.parametrize("act", [cancel, delete])
@pytest.mark.usefixtures("audio_folder")
def test_another_tenants_request_is_like_none(cast: Cast, act: Any) -> None:
    row, waiting = kept(cast.alice.tenant, days=1), admitted(cast.alice)
    for one in (row, waiting):
        response = act(cast, one, cast.bob.headers)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert content(row) == (True, True)
    assert fresh(waiting).status == "queued"
