import numpy as np
import pytest

from tests.tts.audio.tones import hertz_of, silence, speech, tone
from tts.audio.join import TRIM_PAD_SECONDS, fade, join, limit, trim
from tts.audio.levels import dbfs_to_amplitude, peak, speech_dbfs
from tts.engines.base import Samples

RATE = 22050
PAD = round(TRIM_PAD_SECONDS * RATE)


def longest_silence_seconds(samples: Samples) -> float:
    quiet = np.abs(samples) < 1e-6
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]])))
    return float((edges[1::2] - edges[::2]).max()) / RATE


def largest_step(samples: Samples) -> float:
    return float(np.abs(np.diff(samples)).max())


def test_pieces_and_pauses_add_up() -> None:
    joined = join([speech(tone(1.0)), speech(tone(0.5))], [0.35, 0.0])
    assert joined.seconds == pytest.approx(1.85, abs=0.01)
    assert longest_silence_seconds(joined.samples) == pytest.approx(0.35, abs=0.01)


def test_the_lead_in_is_silent() -> None:
    joined = join([speech(tone(1.0))], [0.0], lead_in_seconds=0.4)
    assert joined.seconds == pytest.approx(1.4, abs=0.01)
    assert peak(joined.samples[: round(0.39 * RATE)]) == 0.0


def test_voices_come_out_equally_loud() -> None:
    quiet, loud = speech(tone(1.0, amplitude=0.1), voice="a"), speech(tone(1.0, amplitude=0.4), voice="b")
    joined = join([quiet, loud, quiet], [0.2, 0.2, 0.0])
    first, second = joined.samples[:RATE], joined.samples[round(1.2 * RATE) : round(2.2 * RATE)]
    assert peak(second) / peak(first) == pytest.approx(1.0, rel=0.02)


def test_silence_of_the_pieces_gives_way_to_the_pauses_asked_for() -> None:
    padded = np.concatenate([silence(0.4), tone(1.0), silence(0.7)])
    joined = join([speech(padded), speech(padded)], [0.2, 0.0])
    assert joined.seconds == pytest.approx(2.2 + 4 * TRIM_PAD_SECONDS, abs=0.02)


def test_joins_do_not_click() -> None:
    # Cut at the crest of the wave on either side, the worst place.
    crest = tone(1.0 + 1 / 880)[25:]
    joined = join([speech(crest), speech(crest), speech(crest)], [0.0, 0.1, 0.0])
    inside = largest_step(crest) * peak(joined.samples) / peak(crest)
    assert largest_step(np.concatenate([[0.0], joined.samples, [0.0]])) <= inside * 1.2


def test_without_fades_the_same_join_would_click() -> None:
    crest = tone(1.0 + 1 / 880)[25:]
    assert largest_step(np.concatenate([crest, silence(0.1), crest])) > largest_step(crest) * 3


def test_lower_sample_rates_are_brought_to_the_highest() -> None:
    joined = join(
        [speech(tone(1.0, rate=16000, hertz=440), rate=16000), speech(tone(1.0, hertz=440))], [0.0, 0.0]
    )
    assert joined.sample_rate == RATE
    assert joined.seconds == pytest.approx(2.0, abs=0.01)
    assert hertz_of(joined.samples[:RATE], RATE) == pytest.approx(440, abs=2)


def test_one_gain_keeps_the_balance_between_sentences() -> None:
    joined = join([speech(tone(1.0, amplitude=0.1)), speech(tone(1.0, amplitude=0.4))], [0.2, 0.0])
    quiet, loud = joined.samples[:RATE], joined.samples[-RATE:]
    assert peak(loud) / peak(quiet) == pytest.approx(4.0, rel=0.01)


@pytest.mark.parametrize("amplitude", [0.03, 0.3, 0.99])
def test_recordings_come_out_at_one_loudness(amplitude: float) -> None:
    joined = join([speech(tone(2.0, amplitude=amplitude))], [0.0])
    assert speech_dbfs(joined.samples, RATE) == pytest.approx(-20.0, abs=0.5)


def test_peaks_stay_below_the_limit() -> None:
    clicks = tone(2.0, amplitude=0.02)
    clicks[::2205] = 1.0
    assert peak(limit(join([speech(clicks)], [0.0]).samples)) <= dbfs_to_amplitude(-1.0) + 1e-6


def test_a_whisper_is_not_raised_without_bound() -> None:
    whisper = tone(1.0, amplitude=0.003)
    assert peak(join([speech(whisper)], [0.0]).samples) == pytest.approx(0.03, rel=0.01)


def test_trim_keeps_a_short_pad_around_the_sound() -> None:
    trimmed = trim(np.concatenate([silence(0.5), tone(1.0), silence(0.5)]), RATE)
    assert len(trimmed) == pytest.approx(RATE + 2 * PAD, abs=0.011 * RATE)


def test_trim_leaves_a_tight_piece_alone() -> None:
    piece = tone(0.3)
    assert trim(piece, RATE).tolist() == piece.tolist()


def test_trim_of_silence_leaves_two_pads() -> None:
    assert len(trim(silence(1.0), RATE)) == 2 * PAD


def test_fade_starts_and_ends_at_zero_and_leaves_the_middle() -> None:
    samples = np.ones(RATE, np.float32)
    faded = fade(samples, RATE)
    assert faded[0] == faded[-1] == 0.0
    assert (faded[200:-200] == 1.0).all()
    assert (samples == 1.0).all()


@pytest.mark.parametrize("length", [0, 1, 5])
def test_very_short_pieces_can_be_joined(length: int) -> None:
    joined = join([speech(tone(1.0)[:length]), speech(tone(1.0))], [0.1, 0.0])
    assert np.isfinite(joined.samples).all()
    assert joined.seconds == pytest.approx(1.1, abs=0.01)


def test_voices_are_listed_once_in_order_of_appearance() -> None:
    pieces = [speech(tone(0.1), voice=name) for name in ("b", "a", "b")]
    assert join(pieces, [0.0] * 3).voice == "b,a"


def test_a_list_of_voices_too_long_for_history_holds_whole_ids_only() -> None:
    pieces = [speech(tone(0.1), voice=name * 90) for name in "abc"]
    assert join(pieces, [0.0] * 3).voice == f"{'a' * 90},{'b' * 90}"


def test_nothing_to_join_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        join([], [])


def test_a_pause_for_each_piece_is_required() -> None:
    with pytest.raises(ValueError, match="zip"):
        join([speech(tone(0.1))], [])
