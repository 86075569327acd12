import numpy as np
import pytest

from tests.tts.audio.tones import silence, speech, tone
from tts.engines.base import BadOutput
from tts.engines.checks import check_speech, duration_bounds

HAN = "今天的温度是三十五摄氏度"
ENGLISH = "the weather is fine today"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (HAN, 2.4),
        (ENGLISH, 1.5),
        ("好", 0.2),
        ("A", 0.4),
        ("12345", 2.5),
        ("こんにちは", 0.9),
        ("안녕하세요", 1.0),
    ],
)
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_speech_of_usual_pace_passes_at_any_speed(text: str, seconds: float, speed: float) -> None:
    check_speech(speech(tone(seconds / speed)), text, speed=speed)


@pytest.mark.parametrize("text", [HAN, ENGLISH])
def test_thirty_times_too_long_is_refused(text: str) -> None:
    with pytest.raises(BadOutput, match="characters"):
        check_speech(speech(tone(2.0 * 30)), text)


@pytest.mark.parametrize("text", [HAN, ENGLISH])
def test_a_blip_for_a_whole_sentence_is_refused(text: str) -> None:
    with pytest.raises(BadOutput, match="characters"):
        check_speech(speech(tone(0.1)), text)


def test_bounds_follow_the_speed() -> None:
    at_one, at_two = (duration_bounds(HAN, speed=speed)[0] for speed in (1.0, 2.0))
    assert at_two == pytest.approx(at_one / 2)


def test_silence_is_refused() -> None:
    with pytest.raises(BadOutput, match="silence"):
        check_speech(speech(silence(2.0)), HAN)


def test_speech_with_long_pauses_is_not_silence() -> None:
    check_speech(speech(np.concatenate([silence(1.0), tone(0.6), silence(1.0)])), HAN)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused(bad: float) -> None:
    samples = tone(2.0)
    samples[1000] = bad
    with pytest.raises(BadOutput, match="finite"):
        check_speech(speech(samples), HAN)


def test_a_square_wave_at_full_scale_is_refused() -> None:
    with pytest.raises(BadOutput, match="clipped"):
        check_speech(speech(np.sign(tone(2.0)).astype(np.float32)), HAN)


def test_a_voice_scaled_to_full_scale_passes() -> None:
    check_speech(speech(tone(2.0, amplitude=1.0)), HAN)


def test_no_samples_and_stereo_are_refused() -> None:
    for samples in (silence(0.0), np.stack([tone(2.0), tone(2.0)])):
        with pytest.raises(BadOutput, match="mono"):
            check_speech(speech(samples), HAN)


def test_messages_never_quote_the_text() -> None:
    with pytest.raises(BadOutput) as caught:
        check_speech(speech(tone(60.0)), "secret")
    assert "secret" not in str(caught.value)
