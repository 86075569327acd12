"""`manage.py pronunciations`: a dictionary out to a file and back."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from tests.cast import Cast
from tts.services.lexicons import entries_in_force, entry_create
from tts.text.lexicon import Kind, LexiconEntry, Match

pytestmark = pytest.mark.django_db

ENTRIES = (
    LexiconEntry("C++", "see, plus plus", match=Match.EXACT),
    LexiconEntry("Polish", "Poe-lish", case_sensitive=True, language="en-US"),
    LexiconEntry("Voxgate", "vˈɒksɡeɪt", Kind.PHONEMES),
    LexiconEntry("重庆", "虫庆"),
)


def run(*arguments: str) -> str:
    out = io.StringIO()
    with translation.override("en"):
        call_command("pronunciations", *arguments, stdout=out)
    return out.getvalue().strip()


def test_what_is_exported_can_be_imported(cast: Cast, tmp_path: Path) -> None:
    for entry in ENTRIES:
        entry_create(tenant=cast.alice.tenant, entry=entry, now=timezone.now())
    file = str(tmp_path / "alice.csv")
    assert run("export", "alice", file) == "4 entries written"
    assert run("import", "bob", file) == "4 created, 0 changed, 0 unchanged, 0 removed"
    assert entries_in_force(tenant=cast.bob.tenant) == entries_in_force(tenant=cast.alice.tenant)
    assert set(entries_in_force(tenant=cast.bob.tenant)) == set(ENTRIES)


def test_formulas_are_text_in_the_file_and_come_back_as_they_were(cast: Cast, tmp_path: Path) -> None:
    entries = {
        LexiconEntry("+", "@plus", match=Match.EXACT),
        LexiconEntry("=cmd", "-equals", match=Match.EXACT),
        LexiconEntry("a", "＝b"),
        LexiconEntry("b", "'=c"),
        LexiconEntry("'d", "''e"),
    }
    for entry in entries:
        entry_create(tenant=cast.alice.tenant, entry=entry, now=timezone.now())
    file = tmp_path / "alice.csv"
    run("export", "alice", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        cells = {cell for row in csv.reader(lines) for cell in row}
    assert cells >= {"'+", "'@plus", "'=cmd", "'-equals", "'＝b", "''=c", "'d", "''e"}
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))]
    run("import", "bob", str(file))
    assert set(entries_in_force(tenant=cast.bob.tenant)) == entries


def test_two_columns_are_enough_and_a_spreadsheet_may_have_written_them(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_bytes("\ufeffspoken,written\r\nsequel,SQL\r\n".encode())
    assert run("import", "alice", str(file)).startswith("1 created")
    assert entries_in_force(tenant=cast.alice.tenant) == [LexiconEntry("SQL", "sequel")]


def test_others_are_removed_when_asked(cast: Cast, tmp_path: Path) -> None:
    entry_create(tenant=cast.alice.tenant, entry=ENTRIES[0], now=timezone.now())
    file = tmp_path / "words.csv"
    file.write_text("written,spoken\nSQL,sequel\n")
    assert run("import", "alice", str(file), "--remove-others").endswith("1 removed")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "must have the columns"),
        (b"written,said\na,b\n", "must have the columns"),
        (b"written,spoken,spoken\na,b,c\n", "has a column twice: written, spoken, spoken"),
        (b"written,spoken\na,b\0c\n", "Entry 1: spoken: This may hold no line breaks"),
        (b"written,spoken,kind\na,[[b]],phonemes\n", "Entry 1: spoken: These are no IPA symbols"),
        (b"written,spoken,colour\na,b,red\n", "it has colour"),
        (b"written,spoken\na,b,c\n", "line 2: more fields than columns"),
        (b"written,spoken\n,b\n", "Entry 1: written"),
        (b"written,spoken\na\n", "Entry 1: spoken"),
        (b"written,spoken,kind\na,b,song\n", "line 2: kind must be one of substitution, phonemes"),
        (b"written,spoken,case_sensitive\na,b,maybe\n", "line 2: case_sensitive must be"),
        (b'written,spoken\na,"b\n', "line"),
        (b"written,spoken\n\xff,b\n", "not UTF-8"),
    ],
)
def test_a_file_that_makes_no_sense_changes_nothing(
    cast: Cast, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "words.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        run("import", "alice", str(file))
    assert entries_in_force(tenant=cast.alice.tenant) == []


def test_unknown_tenants_and_files_are_refused_in_one_line(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no tenant nobody"):
        run("export", "nobody", str(tmp_path / "x.csv"))
    with pytest.raises(CommandError, match="No such file"):
        run("import", "alice", str(tmp_path / "x.csv"))
