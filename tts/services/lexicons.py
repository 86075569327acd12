"""Pronunciation dictionaries of tenants: changed here, one version at a time, and read by who speaks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Tenant
from tts.models import PronunciationDictionary, PronunciationEntry
from tts.text.clean import clean
from tts.text.features import LEXICON
from tts.text.language import canonical_language
from tts.text.lexicon import (
    MAX_ENTRIES,
    MAX_SPOKEN,
    MAX_WRITTEN,
    EntryProblem,
    Lexicon,
    LexiconEntry,
    entry_problems,
    unknown_symbols,
)

CACHED_LEXICONS = 16
"""Dictionaries that each process keeps ready; one of 5 000 entries takes about 4 MB."""

_PROBLEMS: dict[EntryProblem, Promise] = {
    EntryProblem.EMPTY: _("This holds nothing that is left after cleaning."),
    EntryProblem.LINE_BREAK: _("This must be on one line."),
    EntryProblem.CONTROL_CHARACTER: _("This may hold no line breaks, tabs and other control characters."),
    EntryProblem.UNSPEAKABLE: _("This must hold a letter, digit or ideograph."),
    EntryProblem.UNKNOWN_LANGUAGE: _("This is no BCP 47 tag; zh-CN is one."),
}
_LIMIT = _("A dictionary may have at most %(limit)d entries.")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, in entries."""

    created: int
    changed: int
    unchanged: int
    removed: int


def entry_check(
    *, tenant: Tenant, entry: LexiconEntry, row: PronunciationEntry | None = None
) -> LexiconEntry:
    """`entry` as it would be kept: anew, or in the place of `row`. Raises `ValidationError` naming the field."""
    entry = _checked(entry)
    others = _in_force(tenant) if row is None else _in_force(tenant).exclude(pk=row.pk)
    if others.filter(written=entry.written, language=entry.language).exists():
        raise ValidationError({"written": _("There is an entry for this already.")})
    if row is None and others.count() >= MAX_ENTRIES:
        raise ValidationError(_LIMIT, params={"limit": MAX_ENTRIES})
    return entry


def entry_create(*, tenant: Tenant, entry: LexiconEntry, now: datetime) -> PronunciationEntry:
    """Add an entry, and with it a version. Raises `ValidationError` naming the field."""
    with transaction.atomic():
        dictionary = _locked(tenant)
        entry = entry_check(tenant=tenant, entry=entry)
        version = _next_version(dictionary)
        return _row(tenant, entry, version, created=now, now=now, save=True)


def entry_update(*, row: PronunciationEntry, entry: LexiconEntry, now: datetime) -> PronunciationEntry:
    """Make an entry read otherwise: the row that takes its place, or `row` itself when nothing changes.

    Raises `ValidationError` naming the field, and for an entry that was changed or deleted meanwhile.
    """
    with transaction.atomic():
        dictionary = _locked(row.tenant)
        entry = entry_check(tenant=row.tenant, entry=entry, row=row)
        if row.in_force and row.as_entry() == entry:
            return row
        version = dictionary.version + 1
        _end(row, version)
        _next_version(dictionary)
        return _row(row.tenant, entry, version, created=row.created_at, now=now, save=True)


def entry_delete(*, row: PronunciationEntry) -> None:
    """Take an entry out of force. Raises `ValidationError` when it was changed or deleted meanwhile."""
    with transaction.atomic():
        dictionary = _locked(row.tenant)
        _end(row, dictionary.version + 1)
        _next_version(dictionary)


def entries_import(
    *, tenant: Tenant, entries: Sequence[LexiconEntry], now: datetime, remove_others: bool = False
) -> ImportResult:
    """Add or change many entries in one version; with `remove_others`, those not among `entries` end.

    All or nothing. Raises `ValidationError` that tells which entry, counted from 1, and what is wrong with it.
    """
    wanted = _by_key(entries)
    with transaction.atomic():
        dictionary = _locked(tenant)
        present = {(row.written, row.language): row for row in _in_force(tenant)}
        gone = [row for key, row in present.items() if key not in wanted] if remove_others else []
        fresh = {key: entry for key, entry in wanted.items() if key not in present}
        changed = {
            key: entry for key, entry in wanted.items() if key in present and present[key].as_entry() != entry
        }
        if len(present) - len(gone) + len(fresh) > MAX_ENTRIES:
            raise ValidationError(_LIMIT, params={"limit": MAX_ENTRIES})
        if fresh or changed or gone:
            version = _next_version(dictionary)
            ended = [row.pk for row in gone] + [present[key].pk for key in changed]
            _in_force(tenant).filter(pk__in=ended).update(valid_to_version=version)
            PronunciationEntry.all_tenants.bulk_create(
                [_row(tenant, entry, version, created=now, now=now) for entry in fresh.values()]
                + [
                    _row(tenant, entry, version, created=present[key].created_at, now=now)
                    for key, entry in changed.items()
                ]
            )
    return ImportResult(len(fresh), len(changed), len(wanted) - len(fresh) - len(changed), len(gone))


def entries_in_force(*, tenant: Tenant) -> list[LexiconEntry]:
    """The entries of the current version, by written form."""
    return [row.as_entry() for row in _in_force(tenant)]


def lexicon_version(*, tenant: Tenant) -> int | None:
    """The version of a tenant's dictionary, None where there is none or the feature is switched off. One query."""
    if LEXICON in settings.TTS_TEXT_OFF:
        return None
    rows = PronunciationDictionary.objects.of(tenant).filter(version__gt=0)
    return rows.values_list("version", flat=True).first()


def lexicon_at(*, tenant_id: UUID, version: int | None) -> Lexicon | None:
    """What a version of a dictionary says; kept in this process once read. None for no version."""
    return None if version is None else _lexicon(tenant_id, version)


@lru_cache(maxsize=CACHED_LEXICONS)
def _lexicon(tenant_id: UUID, version: int) -> Lexicon:
    # Safe to keep: what a version says never changes.
    rows = PronunciationEntry.objects.of(tenant_id).filter(
        Q(valid_to_version=None) | Q(valid_to_version__gt=version), valid_from_version__lte=version
    )
    return Lexicon(version, [row.as_entry() for row in rows])


def _checked(entry: LexiconEntry) -> LexiconEntry:
    problems = entry_problems(entry)
    if problems:
        raise ValidationError({field: _told(problem, field, entry) for field, problem in problems.items()})
    return replace(
        entry,
        written=clean(entry.written),
        spoken=entry.spoken.strip(),
        language=canonical_language(entry.language) if entry.language else "",
    )


def _told(problem: EntryProblem, field: str, entry: LexiconEntry) -> str | Promise:
    match problem:
        case EntryProblem.TOO_LONG:
            limit = MAX_WRITTEN if field == "written" else MAX_SPOKEN
            return _("This may have at most %(limit)d characters.") % {"limit": limit}
        case EntryProblem.UNKNOWN_SYMBOL:
            symbols = " ".join(unknown_symbols(entry.spoken)[:10])
            return _("These are no IPA symbols that voices know: %(symbols)s") % {"symbols": symbols}
        case _:
            return _PROBLEMS[problem]


def _by_key(entries: Iterable[LexiconEntry]) -> dict[tuple[str, str], LexiconEntry]:
    found: dict[tuple[str, str], LexiconEntry] = {}
    for number, entry in enumerate(entries, start=1):
        try:
            checked = _checked(entry)
            if (checked.written, checked.language) in found:
                raise ValidationError({"written": _("There is an entry for this already.")})
        except ValidationError as problem:
            told = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in problem.message_dict.items())
            raise ValidationError(
                _("Entry %(number)d: %(problem)s") % {"number": number, "problem": told}
            ) from problem
        found[checked.written, checked.language] = checked
    return found


def _in_force(tenant: Tenant) -> QuerySet[PronunciationEntry]:
    return PronunciationEntry.objects.of(tenant).filter(valid_to_version=None)


def _locked(tenant: Tenant) -> PronunciationDictionary:
    PronunciationDictionary.all_tenants.get_or_create(tenant=tenant)
    return PronunciationDictionary.objects.of(tenant).select_for_update().get()


def _next_version(dictionary: PronunciationDictionary) -> int:
    dictionary.version += 1
    dictionary.save(update_fields=["version", "updated_at"])
    return dictionary.version


def _end(row: PronunciationEntry, version: int) -> None:
    if not _in_force(row.tenant).filter(pk=row.pk).update(valid_to_version=version):
        raise ValidationError(_("This entry was changed or deleted meanwhile; look at it again."))


def _row(
    tenant: Tenant,
    entry: LexiconEntry,
    version: int,
    *,
    created: datetime,
    now: datetime,
    save: bool = False,
) -> PronunciationEntry:
    row = PronunciationEntry(
        tenant=tenant,
        written=entry.written,
        spoken=entry.spoken,
        kind=entry.kind,
        match=entry.match,
        case_sensitive=entry.case_sensitive,
        language=entry.language,
        valid_from_version=version,
        created_at=created,
        updated_at=now,
    )
    if save:
        row.save(force_insert=True)
    return row
