import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tts.exports.payloads import FORMULAS, HARMLESS
from tts.exports.defusing import defused, restored

SEPARATORS = [",", ";", "\t"]
"""What a program may split cells at, whatever the file says."""


def runs_as_a_formula(cell: str) -> bool:
    """Written apart from the code: what OWASP says, taken as widely as any program does."""
    if cell[:1] in ("\t", "\r", "\n"):
        return True
    for character in cell:
        if unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp") or character in '"“”„‟＂':
            continue
        # An apostrophe is where a cell becomes text.
        return unicodedata.normalize("NFKC", character)[:1] in ("=", "+", "-", "@") or character == "−"
    return False


@pytest.mark.parametrize("text", FORMULAS)
def test_no_formula_survives(text: str) -> None:
    assert not runs_as_a_formula(defused(text))


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("text", FORMULAS)
def test_nor_does_one_where_a_program_splits_at_something_else(text: str, separator: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(["2026-05-01", defused(text), "1"])
    for row in csv.reader(io.StringIO(buffer.getvalue(), newline=""), delimiter=separator):
        assert not [cell for cell in row if runs_as_a_formula(cell)]


def test_the_corpus_would_run_as_it_is() -> None:
    harmless_at_first = [text for text in FORMULAS if not runs_as_a_formula(text)]
    # What only runs where cells are split, and what an apostrophe hides from some programs.
    assert all(text[0] in "a'" for text in harmless_at_first)


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS])
def test_a_defused_text_can_be_restored(text: str) -> None:
    assert restored(defused(text)) == text


@given(st.text(alphabet=st.sampled_from(list("'\"=+-@;, \t\r\n\u200b＝a1;")) | st.characters(), max_size=12))
def test_any_text_is_inert_and_can_be_restored(text: str) -> None:
    cell = defused(text)
    assert restored(cell) == text
    assert not runs_as_a_formula(cell)
    assert cell.replace("'", "") == text.replace("'", "")
