from collections.abc import Iterator

import numpy as np
import pytest

from tts.engines.base import Deadline
from tts.engines.espeak.phonemes import phonemize
from tts.engines.espeak.process import EspeakProcess
from tts.training.alignment import align
from tts.training.teachers import Phone


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


def phones(text: str, seconds: float = 0.1) -> list[Phone]:
    """Phones of equal length."""
    return [Phone(name, (index + 1) * seconds) for index, name in enumerate(text.split())]


def symbols_of(process: EspeakProcess, text: str) -> list[str]:
    return ["^", *phonemize(process, text, "en-us", deadline=Deadline.after(10)), "$"]


def lengths(symbols: list[str], spoken: list[Phone]) -> dict[str, float]:
    """Seconds of every symbol; symbols must differ."""
    ends = align(symbols, spoken).ends
    return dict(zip(symbols, np.diff(ends, prepend=0.0).round(3).tolist(), strict=True))


def test_equal_rows_align_one_to_one() -> None:
    assert lengths(list("^kæt.$"), phones("pau k ae t pau")) == {
        "^": 0.1, "k": 0.1, "æ": 0.1, "t": 0.1, ".": 0.1, "$": 0.0,
    }  # fmt: skip


def test_stress_and_length_take_no_time_and_diphthongs_share_theirs() -> None:
    found = lengths(list("^ˈiːoʊ$"), phones("pau iy ow pau"))
    assert found == {"^": 0.1, "ˈ": 0.0, "i": 0.1, "ː": 0.0, "o": 0.05, "ʊ": 0.05, "$": 0.1}


def test_a_space_takes_time_only_where_the_teacher_pauses() -> None:
    assert lengths(list("^k æ$"), phones("pau k ae pau"))[" "] == 0.0
    assert lengths(list("^k æ$"), phones("pau k pau ae pau"))[" "] == 0.1


def test_a_pause_belongs_to_the_mark_rather_than_to_the_space_after_it() -> None:
    found = lengths(list("^k, æ$"), phones("pau k pau ae pau"))
    assert (found[","], found[" "]) == (0.1, 0.0)


def test_the_last_pause_belongs_to_the_final_mark_or_else_to_the_end() -> None:
    assert lengths(list("^k.$"), phones("pau k pau"))["."] == 0.1
    assert lengths(list("^k$"), phones("pau k pau"))["$"] == 0.1


def test_two_phones_may_be_one_sound() -> None:
    found = lengths(["^", "b", "n", "\u0329", "$"], phones("pau b ax n pau"))
    assert found == {"^": 0.1, "b": 0.1, "n": 0.2, "\u0329": 0.0, "$": 0.1}


def test_a_phone_the_other_side_lacks_goes_to_the_sound_before() -> None:
    assert lengths(list("^kæs$"), phones("pau k ae t s pau"))["æ"] == 0.2


def test_no_time_is_lost() -> None:
    spoken = phones("pau hh ax l ow w er l d pau", seconds=0.07)
    alignment = align(list("^həlˈoʊ wˈɜːld.$"), spoken)
    assert alignment.ends[-1] == pytest.approx(0.7)
    assert (np.diff(alignment.ends) >= 0).all()
    assert alignment.good


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("hello world.", "pau hh ax l ow w er l d pau"),
        ("The better button.", "pau dh ax b eh t er b ah t ax n pau"),
        ("A large orange fire?", "pau ax l aa r jh ao r ax n jh f ay er pau"),
        ("Yes, you measure the judge!", "pau y eh s pau y uw m eh zh er dh ax jh ah jh pau"),
    ],
)
def test_what_the_engines_say_aligns_well(espeak: EspeakProcess, text: str, spoken: str) -> None:
    alignment = align(symbols_of(espeak, text), phones(spoken))
    assert alignment.good
    assert alignment.ends[-1] == pytest.approx(0.1 * len(spoken.split()))


def test_another_sentence_aligns_badly(espeak: EspeakProcess) -> None:
    symbols = symbols_of(espeak, "My uncle sold eleven yellow boats.")
    assert not align(symbols, phones("pau dh ax b eh t er b ah t ax n ih z s ao f t pau")).good


def test_a_symbol_nobody_knows_is_never_taken_for_a_phone() -> None:
    assert not align(list("^β$"), phones("pau k pau")).good
