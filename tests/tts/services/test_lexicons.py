"""Dictionaries change one version at a time, and every version can be spoken again."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Tenant
from tests.cast import Cast
from tests.tts.rows import admitted, together
from tts.models import PronunciationDictionary, PronunciationEntry
from tts.services import lexicons
from tts.services.lexicons import (
    entries_import,
    entries_in_force,
    entry_create,
    entry_delete,
    entry_update,
    lexicon_at,
    lexicon_version,
)
from tts.text import prepare
from tts.text.lexicon import Kind, LexiconEntry, Match

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

SQL = LexiconEntry("SQL", "sequel")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Messages follow the language of the server, which is Chinese."""
    with translation.override("en"):
        yield


def create(tenant: Tenant, entry: LexiconEntry = SQL) -> PronunciationEntry:
    return entry_create(tenant=tenant, entry=entry, now=timezone.now())


def said(tenant: Tenant, version: int | None, text: str = "SQL") -> str:
    return prepare(text, lexicon=lexicon_at(tenant_id=tenant.pk, version=version)).normalized


def test_each_change_is_a_version_and_every_version_stays_readable(cast: Cast) -> None:
    tenant = cast.alice.tenant
    assert lexicon_version(tenant=tenant) is None
    row = create(tenant)
    row = entry_update(row=row, entry=replace(SQL, spoken="es queue el"), now=timezone.now())
    create(tenant, LexiconEntry("GIF", "jif"))
    entry_delete(row=row)

    assert lexicon_version(tenant=tenant) == 4
    assert [said(tenant, version, "SQL GIF") for version in (1, 2, 3, 4)] == [
        "sequel GIF",
        "es queue el GIF",
        "es queue el jif",
        "SQL jif",
    ]


def test_a_changed_entry_remembers_when_it_was_made(cast: Cast) -> None:
    first = create(cast.alice.tenant)
    second = entry_update(row=first, entry=replace(SQL, spoken="S Q L"), now=timezone.now())
    assert second.pk != first.pk
    assert second.created_at == first.created_at
    assert second.updated_at > first.updated_at
    first.refresh_from_db()
    assert (first.valid_from_version, first.valid_to_version, first.in_force) == (1, 2, False)


def test_a_change_that_changes_nothing_makes_no_version(cast: Cast) -> None:
    row = create(cast.alice.tenant)
    assert entry_update(row=row, entry=replace(SQL, spoken=" sequel "), now=timezone.now()) == row
    assert lexicon_version(tenant=cast.alice.tenant) == 1


def test_dictionaries_of_tenants_do_not_meet(cast: Cast) -> None:
    create(cast.alice.tenant)
    create(cast.bob.tenant, replace(SQL, spoken="squirrel"))
    assert said(cast.alice.tenant, 1) == "sequel"
    assert said(cast.bob.tenant, 1) == "squirrel"


def test_an_entry_is_kept_as_texts_are_compared_with_it(cast: Cast) -> None:
    row = create(cast.alice.tenant, LexiconEntry(" ＳＱＬ ", "sequel", language="ZH-hans"))
    assert (row.written, row.language) == ("SQL", "zh-CN")


@pytest.mark.parametrize(
    ("entry", "field", "told"),
    [
        (LexiconEntry("", "x"), "written", "nothing that is left"),
        (LexiconEntry("a" * 101, "x"), "written", "at most 100 characters"),
        (LexiconEntry("a", "…"), "spoken", "letter, digit"),
        (LexiconEntry("a", "x" * 201), "spoken", "at most 200 characters"),
        (LexiconEntry("a", "Q!", Kind.PHONEMES), "spoken", "no IPA symbols that voices know: ! Q"),
        (LexiconEntry("a", "x", language="!"), "language", "BCP 47"),
        (LexiconEntry("sql", "x"), "", ""),
        (replace(SQL, spoken="x", match=Match.EXACT), "written", "an entry for this already"),
    ],
)
def test_entries_are_checked_and_the_field_is_named(
    cast: Cast, entry: LexiconEntry, field: str, told: str
) -> None:
    create(cast.alice.tenant)
    if not field:
        create(cast.alice.tenant, entry)
        return
    with pytest.raises(ValidationError) as caught:
        create(cast.alice.tenant, entry)
    assert told in " ".join(caught.value.message_dict[field])
    assert lexicon_version(tenant=cast.alice.tenant) == 1


def test_one_form_may_be_said_differently_in_each_language(cast: Cast) -> None:
    create(cast.alice.tenant, LexiconEntry("die", "di", language="de"))
    create(cast.alice.tenant, LexiconEntry("die", "dai", language="en"))
    assert len(entries_in_force(tenant=cast.alice.tenant)) == 2


def test_a_full_dictionary_takes_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicons, "MAX_ENTRIES", 1)
    row = create(cast.alice.tenant)
    with pytest.raises(ValidationError, match="at most"):
        create(cast.alice.tenant, LexiconEntry("GIF", "jif"))
    with pytest.raises(ValidationError, match="at most"):
        entries_import(tenant=cast.alice.tenant, entries=[LexiconEntry("GIF", "jif")], now=timezone.now())
    entry_update(row=row, entry=replace(SQL, spoken="S Q L"), now=timezone.now())


def test_what_was_changed_meanwhile_is_not_changed_again(cast: Cast) -> None:
    row = create(cast.alice.tenant)
    entry_update(row=row, entry=replace(SQL, spoken="S Q L"), now=timezone.now())
    row.refresh_from_db()
    for change in (
        lambda: entry_delete(row=row),
        lambda: entry_update(row=row, entry=LexiconEntry("GIF", "jif"), now=timezone.now()),
    ):
        with pytest.raises(ValidationError, match="meanwhile"):
            change()
    assert lexicon_version(tenant=cast.alice.tenant) == 2


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_make_two_versions(cast: Cast) -> None:
    tenant = cast.alice.tenant
    together(*(lambda n=n: create(tenant, LexiconEntry(f"word{n}", "x")) for n in range(4)))
    versions = PronunciationEntry.all_tenants.filter(tenant=tenant).values_list(
        "valid_from_version", flat=True
    )
    assert sorted(versions) == [1, 2, 3, 4]
    assert PronunciationDictionary.all_tenants.get(tenant=tenant).version == 4


def test_an_import_is_one_version(cast: Cast) -> None:
    tenant = cast.alice.tenant
    create(tenant)
    create(tenant, LexiconEntry("GIF", "jif"))
    entries = [replace(SQL, spoken="S Q L"), LexiconEntry("GIF", "jif"), LexiconEntry("JSON", "jason")]
    result = entries_import(tenant=tenant, entries=entries, now=timezone.now())
    assert (result.created, result.changed, result.unchanged, result.removed) == (1, 1, 1, 0)
    assert lexicon_version(tenant=tenant) == 3
    assert said(tenant, 3, "SQL GIF JSON") == "S Q L jif jason"

    result = entries_import(tenant=tenant, entries=entries[:1], now=timezone.now(), remove_others=True)
    assert (result.unchanged, result.removed) == (1, 2)
    assert [entry.written for entry in entries_in_force(tenant=tenant)] == ["SQL"]

    assert entries_import(tenant=tenant, entries=entries[:1], now=timezone.now()).unchanged == 1
    assert lexicon_version(tenant=tenant) == 4


def test_a_bad_entry_spoils_the_whole_import(cast: Cast) -> None:
    entries = [LexiconEntry("a", "b"), LexiconEntry("c", "…")]
    with pytest.raises(ValidationError, match="Entry 2: spoken: "):
        entries_import(tenant=cast.alice.tenant, entries=entries, now=timezone.now())
    with pytest.raises(ValidationError, match="Entry 2: written: "):
        entries_import(tenant=cast.alice.tenant, entries=entries[:1] * 2, now=timezone.now())
    assert lexicon_version(tenant=cast.alice.tenant) is None


def test_a_version_is_read_from_the_database_once(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tenant = cast.alice.tenant
    create(tenant)
    lexicons._lexicon.cache_clear()
    with django_assert_num_queries(1):
        assert lexicon_version(tenant=tenant) == 1
    with django_assert_num_queries(1):
        first = lexicon_at(tenant_id=tenant.pk, version=1)
    with django_assert_num_queries(0):
        assert lexicon_at(tenant_id=tenant.pk, version=1) is first
        assert lexicon_at(tenant_id=tenant.pk, version=None) is None


def test_a_request_records_the_version_it_was_accepted_with(cast: Cast, settings: Settings) -> None:
    assert admitted(cast.alice).lexicon_version is None
    create(cast.alice.tenant)
    assert admitted(cast.alice).lexicon_version == 1
    assert admitted(cast.bob).lexicon_version is None
    settings.TTS_TEXT_OFF = frozenset({"lexicon"})
    assert admitted(cast.alice).lexicon_version is None


def test_threads_share_what_is_cached(cast: Cast) -> None:
    create(cast.alice.tenant)
    lexicon = lexicon_at(tenant_id=cast.alice.tenant.pk, version=1)
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(prepare("SQL", lexicon=lexicon).normalized))
    thread.start()
    thread.join(10)
    assert found == ["sequel"]
