import csv
import io
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tts.exports.payloads import FORMULAS, HARMLESS
from tts.exports.defusing import defused, restored

SEPARATORS = [",", ";", "\t"]
"""What a program may split cells at, whatever the file says."""


NOT_SEEN = {0x115F, 0x1160, 0x2065, 0x2800, 0x3164, 0xFFA0, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)}
"""Default-ignorable code points (UCD) that are neither marks nor format characters, and braille without dots."""


def is_nothing_to_see(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp") or (
        ord(character) in NOT_SEEN
    )


def runs_as_a_formula(cell: str) -> bool:
    """Written apart from the code: what OWASP says, taken as widely as any program does."""
    if cell[:1] in ("\t", "\r", "\n"):
        return True
    for character in cell:
        if is_nothing_to_see(character) or character in '"“”„‟＂':
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


def test_no_character_that_is_not_seen_hides_a_formula() -> None:
    hidden = [chr(code) for code in range(0x110000) if is_nothing_to_see(chr(code))]
    assert len(hidden) > 4000
    assert [f"{ord(one):04X}" for one in hidden if not defused(f"{one}=1+1").startswith("'")] == []


@pytest.mark.parametrize("text", ["=1" * 20_000, ";= \t" * 20_000, " \ufe0f" * 40_000 + "=", ";" * 80_000])
def test_long_text_takes_no_longer_than_it_is_long(text: str) -> None:
    began = time.process_time()
    assert restored(defused(text)) == text
    assert time.process_time() - began < 2.0


@given(
    st.text(
        alphabet=st.sampled_from(list("'\"=+-@;, \t\r\n\u200b\ufe0f\u034f\uffa0＝a1;")) | st.characters(),
        max_size=12,
    )
)
def test_any_text_is_inert_and_can_be_restored(text: str) -> None:
    cell = defused(text)
    assert restored(cell) == text
    assert not runs_as_a_formula(cell)
    assert cell.replace("'", "") == text.replace("'", "")
