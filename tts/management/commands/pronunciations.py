"""`manage.py pronunciations import|export TENANT FILE`.

Where a written or spoken form begins with = + - or @, the file has an apostrophe before it, so that spreadsheets take
it for text; reading takes one away again.
"""

import csv
import re
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Tenant
from tts.services.lexicons import entries_import, entries_in_force
from tts.text.lexicon import Kind, LexiconEntry, Match

COLUMNS = ("written", "spoken", "kind", "match", "case_sensitive", "language")
NEEDED = {"written", "spoken"}
TRUE, FALSE = ("1", "true", "yes"), ("0", "false", "no", "")
LINES_NAMED = 10

_FORMULA = re.compile(r"'*[=+\-@＝＋－＠]")
"""What a spreadsheet may take for a formula, after any apostrophes."""


class Command(BaseCommand):
    help = f"Read or write a tenant's pronunciation dictionary as CSV with the columns {', '.join(COLUMNS)}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, told in (
            ("import", "add the entries of FILE, and change those it has other words for, in one version"),
            ("export", "write the entries in force to FILE"),
        ):
            action = actions.add_parser(name, help=told)
            action.add_argument("tenant", help="slug of the tenant")
            action.add_argument("file", type=Path, help="CSV in UTF-8 with a line of column names")
            if name == "import":
                action.add_argument(
                    "--remove-others", action="store_true", help="end the entries that FILE does not have"
                )

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']}")
        try:
            if options["action"] == "export":
                self._export(tenant, options["file"])
            else:
                self._import(tenant, options["file"], remove_others=options["remove_others"])
        except OSError as problem:
            raise CommandError(f"{options['file']}: {problem.strerror}") from problem

    def _export(self, tenant: Tenant, path: Path) -> None:
        entries = entries_in_force(tenant=tenant)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for entry in entries:
                case = TRUE[1] if entry.case_sensitive else FALSE[1]
                written, spoken = _guarded(entry.written), _guarded(entry.spoken)
                writer.writerow((written, spoken, entry.kind, entry.match, case, entry.language))
        self.stdout.write(f"{len(entries)} entries written")

    def _import(self, tenant: Tenant, path: Path, *, remove_others: bool) -> None:
        try:
            rows = list(_read(path))
            result = entries_import(
                tenant=tenant,
                entries=[entry for _, entry in rows],
                now=timezone.now(),
                remove_others=remove_others,
            )
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        except UnicodeDecodeError as problem:
            raise CommandError(f"{path} is not UTF-8: byte {problem.start} cannot be read") from problem
        self.stdout.write(
            f"{result.created} created, {result.changed} changed, {result.unchanged} unchanged, "
            f"{result.removed} removed"
        )
        if lines := [line for line, entry in rows if entry.match is Match.WORD and not entry.language]:
            self.stderr.write(self.style.WARNING(_anywhere(lines)))


def _anywhere(lines: Iterable[int]) -> str:
    """A warning about the entries on these lines: the same letters may be another word in another language."""
    named = list(map(str, lines))
    shown = ", ".join(named[:LINES_NAMED]) + (", …" if len(named) > LINES_NAMED else "")
    return (
        f"{len(named)} entries that match whole words name no language, so they hold in text of every language "
        f"(line {shown}). The column language limits them: zh-CN, en-US."
    )


def _read(path: Path) -> Iterator[tuple[int, LexiconEntry]]:
    """The entries and the lines they end on."""
    # Spreadsheets begin UTF-8 files with a byte order mark.
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        names = reader.fieldnames or ()
        columns = set(names)
        if len(columns) < len(names):
            raise CommandError(f"{path} has a column twice: {', '.join(names)}")
        if not columns >= NEEDED or not columns <= set(COLUMNS):
            raise CommandError(
                f"{path} must have the columns {' and '.join(sorted(NEEDED))}, and may have "
                f"{', '.join(sorted(set(COLUMNS) - NEEDED))}; it has {', '.join(sorted(columns)) or 'none'}"
            )
        try:
            for row in reader:
                yield reader.line_num, _entry(row, f"{path}, line {reader.line_num}")
        except csv.Error as problem:
            raise CommandError(f"{path}, line {reader.line_num}: {problem}") from problem


def _guarded(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if _FORMULA.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _entry(row: dict[str, str | None], where: str) -> LexiconEntry:
    if None in row:
        raise CommandError(f"{where}: more fields than columns")
    fields = {name: value.strip() for name, value in row.items() if value is not None}
    case = fields.get("case_sensitive", "").lower()
    if case not in (*TRUE, *FALSE):
        raise CommandError(f"{where}: case_sensitive must be one of {', '.join(filter(None, TRUE + FALSE))}")
    try:
        kind, match = Kind(fields.get("kind") or Kind.SUBSTITUTION), Match(fields.get("match") or Match.WORD)
    except ValueError:
        raise CommandError(
            f"{where}: kind must be one of {', '.join(Kind)}, match one of {', '.join(Match)}"
        ) from None
    return LexiconEntry(
        _unguarded(fields.get("written", "")),
        _unguarded(fields.get("spoken", "")),
        kind,
        match,
        case_sensitive=case in TRUE,
        language=fields.get("language", ""),
    )
