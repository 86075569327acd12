import numpy as np
import pytest

from tests.training.made_up import made_up_utterance
from tts.training.utterance import Utterance

pytest.importorskip(
    "pyworld", reason="the analysis behind the timbres needs pyworld (requirements/training.in)"
)

from tts.training.fricatives import HEADROOM, shifted, shifts
from tts.training.timbre import ENGLISH_FRICATIVES, Timbre


def timbre(level: float) -> Timbre:
    spectra = np.zeros((len(ENGLISH_FRICATIVES), 45), np.float32)
    spectra[:, 0] = level
    nothing = np.zeros(1, np.float32)
    fields = dict.fromkeys(Timbre.__slots__, nothing)
    return Timbre(**{**fields, "fricatives": spectra})


def levels(utterance: Utterance, symbol: str) -> list[float]:
    owners = np.repeat(utterance.symbols, utterance.durations)
    found: list[float] = utterance.cepstra[owners == symbol, 0].tolist()
    return found


def with_fricatives() -> Utterance:
    return next(u for u in map(made_up_utterance, range(50)) if u.symbols.count("s") > 1)


def test_a_fricative_is_moved_to_the_speakers_level_and_the_rest_stays() -> None:
    before = with_fricatives()
    after = shifted(before, shifts([before], timbre(-2.0)))
    assert np.mean(levels(before, "s")) == pytest.approx(-4.0)
    # Of four frames, the shift is two thirds grown in the middle ones.
    assert max(levels(after, "s")) == pytest.approx(-4.0 + 2.0 * 2 / 3, abs=0.01)
    assert all(levels(after, symbol) == levels(before, symbol) for symbol in set(before.symbols) - {"s"})


def test_edges_move_less_than_the_middle() -> None:
    before = with_fricatives()
    place = before.symbols.index("s")
    start = int(before.durations[:place].sum())
    moved = shifted(before, shifts([before], timbre(-2.0))).cepstra[:, 0] - before.cepstra[:, 0]
    assert 0 < moved[start] < moved[start + 2]


def test_a_frame_that_is_loud_already_is_not_made_louder() -> None:
    before = with_fricatives()
    start = int(before.durations[: before.symbols.index("s")].sum()) + 3
    before.cepstra[start, 0] = 1.0
    after = shifted(before, shifts([before], timbre(-2.0)))
    assert after.cepstra[start, 0] == pytest.approx(1.0)
    assert max(level for level in levels(after, "s") if level != 1.0) <= -2.0 + HEADROOM
