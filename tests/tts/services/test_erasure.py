from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings
from rq.timeouts import JobTimeoutException

from accounts.actors import SYSTEM, Actor
from accounts.models import AuditEvent
from tests.admin_cast import superuser
from tests.cast import Cast, member
from tests.tts.admin.history import queued
from tests.tts.rows import claimed, elsewhere, event_names, fresh, together
from tests.tts.services.kept import content, files, kept
from tts.engines.base import Deadline
from tts.models import SynthesisRequest
from tts.models.request import audio_storage
from tts.services import erasure
from tts.services.answers import Answer, answer_publish, answer_wait
from tts.services.erasure import AudioNotRemoved, repetitions_erase, repetitions_kept, request_erase
from tts.services.states import request_cancel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


def test_tells_whether_there_was_anything(cast: Cast, audio_folder: Path) -> None:
    row = kept(cast.alice.tenant, days=1)
    assert request_erase(row=row, now=timezone.now())
    assert not request_erase(row=row, now=timezone.now())
    assert files(audio_folder) == set()
    assert row.events.get(name="erased").data == {"by": "system"}


def test_what_staff_erase_is_in_the_audit_log(cast: Cast, audio_folder: Path) -> None:
    row, user = kept(cast.alice.tenant, days=1), superuser()
    request_erase(row=row, now=timezone.now(), actor=Actor.of_user(user))
    event = AuditEvent.objects.of(cast.alice.tenant).get(action="request.erase")
    assert (event.actor_name, event.target_id, event.target_name) == ("root", str(row.pk), "")
    request_erase(row=row, now=timezone.now(), actor=Actor.of_user(user))
    assert AuditEvent.objects.of(cast.alice.tenant).filter(action="request.erase").count() == 1


def test_the_answer_in_redis_goes_as_well(cast: Cast, audio_folder: Path) -> None:
    row = kept(cast.alice.tenant, days=0)
    answer_publish(request_id=row.id, answer=Answer("ok", audio=b"speech"))
    request_erase(row=row, now=timezone.now())
    assert answer_wait(request_id=row.id, deadline=Deadline.after(0.05)) is None


def test_killed_between_file_and_row_it_is_completed_by_the_next(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = kept(cast.alice.tenant, days=1)
    erasure.audio_remove(name=str(row.audio))
    assert content(row) == (True, True)
    assert request_erase(row=row, now=timezone.now())
    assert content(row) == (False, False)


def test_a_row_read_before_the_worker_was_done_is_erased_all_the_same(cast: Cast, audio_folder: Path) -> None:
    row = claimed(cast.alice)
    stale = fresh(row)
    request_cancel(request_id=row.id, now=timezone.now())
    assert request_erase(row=stale, now=timezone.now())
    assert event_names(row).count("canceled") == 1


def test_a_storage_that_refuses_says_no_more_than_its_kind(
    cast: Cast, audio_folder: Path, settings: Settings
) -> None:
    row = kept(cast.alice.tenant, days=1)
    stubborn = {**settings.STORAGES["audio"], "BACKEND": "tests.tts.services.kept.Stubborn"}
    settings.STORAGES = {**settings.STORAGES, "audio": stubborn}
    with pytest.raises(AudioNotRemoved, match=r"^RuntimeError$"):
        request_erase(row=row, now=timezone.now(), actor=SYSTEM)
    assert "erased" not in event_names(row)


def test_a_text_goes_though_retention_takes_the_audio_in_between(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = kept(cast.alice.tenant, days=1)
    remove = erasure.audio_remove

    def removed_by_both(*, name: str) -> None:
        remove(name=name)
        SynthesisRequest.objects.of(row.tenant_id).filter(pk=row.pk).update(audio="")

    monkeypatch.setattr(erasure, "audio_remove", removed_by_both)
    assert request_erase(row=row, now=timezone.now())
    assert content(row) == (False, False)


def test_a_job_whose_time_is_up_while_it_deletes_ends_as_such(
    cast: Cast, audio_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_time(name: str) -> None:
        raise JobTimeoutException(f"while deleting {name}")

    monkeypatch.setattr(audio_storage(), "delete", out_of_time)
    with pytest.raises(JobTimeoutException):
        erasure.audio_remove(name="a/b.wav")


@pytest.fixture
def family(cast: Cast, audio_folder: Path) -> list[SynthesisRequest]:
    """A request, two that repeat it, one that repeats the first of these, and a stranger."""
    first = kept(cast.alice.tenant, days=1)
    again, compared = (kept(cast.alice.tenant, days=0, repeats=first, origin="rerun") for _ in range(2))
    return [
        first,
        again,
        compared,
        kept(cast.alice.tenant, days=0, repeats=again),
        kept(cast.bob.tenant, days=0),
    ]


def test_what_repeats_a_request_is_found_through_what_is_gone_already(family: list[SynthesisRequest]) -> None:
    first, again, compared, last, stranger = family
    request_erase(row=again, now=timezone.now())

    assert set(repetitions_kept(rows=[first])) == {compared, last}
    assert set(repetitions_kept(rows=[again, stranger])) == {last}
    assert repetitions_kept(rows=[last]) == []


def test_what_repeats_an_erased_request_is_erased_after_it(family: list[SynthesisRequest]) -> None:
    first, *others, _stranger = family
    actor = Actor.of_user(superuser())
    request_erase(row=first, now=timezone.now(), actor=actor)

    assert repetitions_erase(row=first, now=timezone.now(), actor=actor) == 3
    assert [content(row) for row in family] == [(False, False)] * 4 + [(True, True)]
    assert repetitions_erase(row=first, now=timezone.now(), actor=actor) == 0
    told = (
        AuditEvent.objects.of(first.tenant).filter(action="request.erase").values_list("target_id", flat=True)
    )
    assert sorted(told) == sorted(str(row.pk) for row in (first, *others))


def test_a_repetition_that_waits_is_canceled_first(cast: Cast, audio_folder: Path) -> None:
    first = kept(cast.alice.tenant, days=1)
    waiting = queued(cast.alice.tenant, repeats=first)

    assert repetitions_erase(row=first, now=timezone.now()) == 1
    assert (fresh(waiting).status, content(waiting)) == ("canceled", (False, False))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_erases(db: None, audio_folder: Path) -> None:
    row = kept(member("one").tenant, days=1)
    done = together(*[partial(request_erase, row=row, now=timezone.now())] * 4)
    assert sorted(done) == [False, False, False, True]
    assert elsewhere(lambda: event_names(row).count("erased")) == 1
