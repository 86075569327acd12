"""Rotation: a new secret under the same id, the old one for a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts import keys
from accounts.actors import Actor
from accounts.models import ApiKey, AuditEvent
from accounts.selectors import caller_by_key
from accounts.services.key_rotation import LONGEST_OVERLAP, key_rotate
from accounts.services.keys import KeyEnded, key_issue, key_lock, key_revoke, key_update
from tests.cast import Cast
from tests.system import wait_for

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def works(text: str, now: datetime | None = None) -> bool:
    return caller_by_key(text=text, now=now or timezone.now()) is not None


@pytest.mark.django_db
def test_the_new_text_has_the_old_id_and_another_secret(cast: Cast) -> None:
    row, text = key_rotate(key=cast.alice.row, overlap=HOUR)
    parsed = keys.parse(text)
    assert parsed is not None
    assert (parsed.environment, parsed.public_id) == ("live", cast.alice.row.public_id)
    assert text != cast.alice.key
    assert row.pk == cast.alice.row.pk
    assert text.rpartition("_")[2] not in str(ApiKey.all_tenants.filter(pk=row.pk).values().get())


@pytest.mark.django_db
def test_the_old_text_works_until_the_overlap_ends(cast: Cast) -> None:
    row, text = key_rotate(key=cast.alice.row, overlap=HOUR)
    assert row.rotated_at is not None
    end = row.rotated_at + HOUR
    assert row.previous_until == end
    assert [works(cast.alice.key, moment) for moment in (end - INSTANT, end)] == [True, False]
    assert works(text, end - INSTANT)
    assert works(text, end)
    caller = caller_by_key(text=cast.alice.key, now=end - INSTANT)
    assert caller is not None
    assert caller.key == cast.alice.row


@pytest.mark.django_db
def test_without_an_overlap_the_old_text_ends_at_once_and_its_digest_goes(cast: Cast) -> None:
    row, text = key_rotate(key=cast.alice.row, overlap=timedelta(0))
    assert works(text)
    assert not works(cast.alice.key)
    assert (row.previous_digest, row.previous_pepper_number, row.previous_until) == ("", None, None)


@pytest.mark.django_db
def test_rotating_again_keeps_the_last_two(cast: Cast) -> None:
    _, second = key_rotate(key=cast.alice.row, overlap=HOUR)
    _, third = key_rotate(key=cast.alice.row, overlap=HOUR)
    assert [works(text) for text in (cast.alice.key, second, third)] == [False, True, True]
    _, fourth = key_rotate(key=cast.alice.row, overlap=timedelta(0))
    assert [works(text) for text in (second, third, fourth)] == [False, False, True]


@pytest.mark.django_db
def test_no_text_outlives_its_key(cast: Cast) -> None:
    end = timezone.now() + HOUR
    key_update(key=cast.alice.row, expires_at=end)
    _, text = key_rotate(key=cast.alice.row, overlap=2 * HOUR)
    assert [works(key, end) for key in (cast.alice.key, text)] == [False, False]
    key_revoke(key=cast.alice.row)
    assert [works(key) for key in (cast.alice.key, text)] == [False, False]


@pytest.mark.django_db
def test_what_has_ended_cannot_be_rotated(cast: Cast) -> None:
    past = timezone.now() - timedelta(seconds=1)
    expired, _ = key_issue(tenant=cast.alice.tenant, name="old", expires_at=past)
    key_revoke(key=cast.bob.row)
    for row in (expired, cast.bob.row):
        before = ApiKey.all_tenants.filter(pk=row.pk).values().get()
        with pytest.raises(KeyEnded):
            key_rotate(key=row, overlap=HOUR)
        assert ApiKey.all_tenants.filter(pk=row.pk).values().get() == before


@pytest.mark.django_db
@pytest.mark.parametrize("overlap", [-INSTANT, LONGEST_OVERLAP + INSTANT, timedelta.max, timedelta.min])
def test_an_overlap_is_neither_negative_nor_for_ever(cast: Cast, overlap: timedelta) -> None:
    with pytest.raises(ValidationError) as raised:
        key_rotate(key=cast.alice.row, overlap=overlap)
    assert list(raised.value.message_dict) == ["overlap"]
    assert works(cast.alice.key)


@pytest.mark.django_db
def test_a_rotation_is_audited_without_digests(cast: Cast) -> None:
    row, _ = key_rotate(key=cast.alice.row, overlap=HOUR, actor=Actor.of_command("rotate_key"))
    event = AuditEvent.all_tenants.get(action="key.rotate")
    assert (event.target_id, event.actor_name, event.tenant_slug) == (str(row.pk), "rotate_key", "alice")
    assert row.rotated_at is not None
    assert row.previous_until is not None
    assert event.before == {"rotated_at": None, "previous_until": None}
    assert event.after == {
        "rotated_at": row.rotated_at.isoformat(),
        "previous_until": row.previous_until.isoformat(),
    }


@pytest.mark.django_db
def test_each_text_is_checked_with_the_pepper_it_was_signed_with(cast: Cast, settings: Settings) -> None:
    ((_, first),) = settings.VOXGATE_KEY_PEPPERS.items()
    settings.VOXGATE_KEY_PEPPERS = {"1": first, "2": "ab" * 32}
    row, text = key_rotate(key=cast.alice.row, overlap=HOUR)
    assert (row.pepper_number, row.previous_pepper_number) == (2, 1)
    assert works(cast.alice.key)
    assert works(text)
    settings.VOXGATE_KEY_PEPPERS = {"2": "ab" * 32}
    assert not works(cast.alice.key)
    assert works(text)


@pytest.mark.django_db
def test_a_key_without_an_old_secret_takes_no_empty_one(cast: Cast) -> None:
    """An empty column must never match, whatever time it is said to work until."""
    ApiKey.all_tenants.filter(pk=cast.alice.row.pk).update(
        digest="", previous_digest="", previous_pepper_number=1, previous_until=timezone.now() + HOUR
    )
    assert not works(cast.alice.key)


def waiting() -> int:
    """How many transactions wait for another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        count: int = cursor.fetchone()[0]
    return count


def at_once(row: ApiKey, *tasks: Callable[[], str]) -> list[str]:
    """Results of `tasks`, each on a connection of its own, all held up at `row` until the last one is."""

    def run(task: Callable[[], str]) -> str:
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        with transaction.atomic():
            key_lock(key=row)
            running = [pool.submit(run, task) for task in tasks]
            wait_for(lambda: waiting() == len(tasks), what="all tasks at the row")
        return [future.result(20) for future in running]


@pytest.mark.django_db(transaction=True)
def test_of_many_rotations_at_once_the_last_two_texts_work(cast: Cast) -> None:
    def rotate() -> str:
        return key_rotate(key=cast.alice.row, overlap=HOUR)[1]

    texts = at_once(cast.alice.row, *[rotate] * 4)

    assert len({*texts, cast.alice.key}) == 5
    assert sum(works(text) for text in texts) == 2
    assert not works(cast.alice.key)
    assert AuditEvent.all_tenants.filter(action="key.rotate").count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_key_revoked_and_rotated_at_once_is_revoked(cast: Cast) -> None:
    def rotate() -> str:
        try:
            return key_rotate(key=cast.alice.row, overlap=HOUR)[1]
        except KeyEnded:
            return ""

    def revoke() -> str:
        key_revoke(key=cast.alice.row)
        return ""

    texts = at_once(cast.alice.row, rotate, revoke, rotate)

    assert not any(works(text) for text in (cast.alice.key, *texts) if text)
    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).revoked_at is not None
