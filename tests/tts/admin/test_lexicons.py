from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.admin_cast import client_of, operator
from tests.cast import Cast
from tts.models import PronunciationEntry
from tts.services.lexicons import entries_in_force, entry_check, entry_create, entry_delete, lexicon_version
from tts.text.lexicon import LexiconEntry

pytestmark = pytest.mark.django_db

LIST = "/admin/tts/pronunciationentry/"
ADD = f"{LIST}add/"
FIELDS = {"written": "SQL", "spoken": "sequel", "kind": "substitution", "match": "word", "language": ""}


@pytest.fixture
def row(cast: Cast) -> PronunciationEntry:
    return entry_create(tenant=cast.alice.tenant, entry=LexiconEntry("GIF", "jif"), now=timezone.now())


def page_of(row: PronunciationEntry, what: str = "change") -> str:
    return f"{LIST}{row.pk}/{what}/"


def test_an_entry_is_added_through_the_service(root: Client, cast: Cast) -> None:
    answer = root.post(ADD, {**FIELDS, "tenant": cast.alice.tenant.pk})
    assert answer.status_code == 302
    assert entries_in_force(tenant=cast.alice.tenant) == [LexiconEntry("SQL", "sequel")]
    assert lexicon_version(tenant=cast.alice.tenant) == 1


def test_a_change_makes_a_version_and_keeps_the_tenant(
    root: Client, cast: Cast, row: PronunciationEntry
) -> None:
    data = {**FIELDS, "written": "GIF", "spoken": "ghif", "tenant": cast.bob.tenant.pk}
    assert root.post(page_of(row), data).status_code == 302
    assert entries_in_force(tenant=cast.alice.tenant) == [LexiconEntry("GIF", "ghif")]
    assert lexicon_version(tenant=cast.alice.tenant) == 2
    assert lexicon_version(tenant=cast.bob.tenant) is None
    row.refresh_from_db()
    assert (row.spoken, row.valid_to_version) == ("jif", 2)


def test_deleting_ends_an_entry_and_keeps_its_row(root: Client, cast: Cast, row: PronunciationEntry) -> None:
    assert root.post(page_of(row, "delete"), {"post": "yes"}).status_code == 302
    assert entries_in_force(tenant=cast.alice.tenant) == []
    assert PronunciationEntry.all_tenants.get().valid_to_version == 2


def test_selected_entries_are_deleted_through_the_service(
    root: Client, cast: Cast, row: PronunciationEntry
) -> None:
    data = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    assert root.post(LIST, data).status_code == 302
    assert PronunciationEntry.all_tenants.get().valid_to_version == 2


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("written", "GIF", "There is an entry for this already."),
        ("written", "\U0001f600", "nothing that is left after cleaning"),
        ("written", "a" * 101, "at most 100 characters"),
        ("spoken", "", "This field is required."),
        ("spoken", "…", "must hold a letter"),
        ("kind", "phonemes", "no IPA symbols"),
        ("kind", "song", "not one of the available choices"),
        ("language", "!", "no BCP 47 tag"),
        ("tenant", "", "This field is required."),
    ],
)
def test_the_form_names_what_is_wrong_and_keeps_nothing(
    root: Client, cast: Cast, row: PronunciationEntry, field: str, value: str, told: str
) -> None:
    data = {**FIELDS, "spoken": "SEQUEL!", "tenant": cast.alice.tenant.pk, field: value}
    answer = root.post(ADD, data)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert PronunciationEntry.all_tenants.count() == 1


def test_what_somebody_else_changed_first_is_told(root: Client, row: PronunciationEntry) -> None:
    entry_delete(row=row)
    answer = root.post(page_of(row), {**FIELDS, "written": "GIF"}, follow=True)
    assert "doesn’t exist" in answer.content.decode()
    assert PronunciationEntry.all_tenants.count() == 1


def test_what_somebody_else_changed_while_it_was_checked_is_told(
    root: Client, row: PronunciationEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_and_delete(**options: Any) -> LexiconEntry:
        checked = entry_check(**options)
        entry_delete(row=row)
        return checked

    monkeypatch.setattr("tts.admin.lexicons.entry_check", check_and_delete)
    answer = root.post(page_of(row), {**FIELDS, "written": "GIF"}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "was changed or deleted meanwhile" in answer.content.decode()


def test_the_list_shows_what_is_in_force_and_is_searched(
    root: Client, cast: Cast, row: PronunciationEntry
) -> None:
    gone = entry_create(tenant=cast.alice.tenant, entry=LexiconEntry("JSON", "jason"), now=timezone.now())
    entry_delete(row=gone)
    assert "GIF" in (page := root.get(LIST).content.decode())
    assert "JSON" not in page
    assert "GIF" in root.get(LIST, {"q": "jif"}).content.decode()
    assert "jif" not in root.get(LIST, {"q": "nothing"}).content.decode()
    assert "jif" not in root.get(LIST, {"tenant__id__exact": str(cast.bob.tenant.pk)}).content.decode()


def test_the_list_takes_the_same_queries_for_any_number_of_entries(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        entry_create(tenant=cast.alice.tenant, entry=LexiconEntry(f"w{number}", "x"), now=timezone.now())
    # Session, user, tenants of the filter, count filtered, count in all, rows.
    with django_assert_num_queries(6):
        root.get(LIST)


@pytest.mark.parametrize("path", [LIST, ADD])
def test_staff_without_permission_is_kept_out(outsider: Client, path: str) -> None:
    assert outsider.get(path).status_code == 403


def test_staff_who_may_only_view_change_nothing(cast: Cast, row: PronunciationEntry) -> None:
    viewer = client_of(operator("reader", "tts.view_pronunciationentry"))
    assert viewer.get(page_of(row)).status_code == 200
    assert viewer.post(page_of(row), {**FIELDS, "spoken": "x"}).status_code == 403
    assert viewer.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    assert PronunciationEntry.all_tenants.get().in_force
