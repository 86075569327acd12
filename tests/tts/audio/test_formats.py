import pytest

from tts.audio.formats import FORMATS, SampleRateUnsupported, UnknownFormat, audio_format_named, checked_rate
from tts.audio.formats import sample_rate_problem as problem_of


def test_contract_names_content_types_and_extensions() -> None:
    assert {name: entry.content_type(24000) for name, entry in FORMATS.items()} == {
        "wav": "audio/wav",
        "mp3": "audio/mpeg",
        "ogg": "audio/ogg",
        "flac": "audio/flac",
        "pcm": "audio/L16; rate=24000; channels=1",
    }
    assert all(entry.extension == name for name, entry in FORMATS.items())


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_every_rate_of_the_contract_is_possible_but_two_for_opus(rate: int) -> None:
    impossible = {name for name in FORMATS if problem_of(name, rate) is not None}
    assert impossible == ({"ogg"} if rate in (22050, 44100) else set())


def test_problem_names_the_format_the_rate_and_what_is_allowed() -> None:
    assert (
        problem_of("ogg", 22050)
        == "ogg cannot hold 22050 Hz; it can hold 8000, 12000, 16000, 24000, 48000 Hz"
    )


def test_unsupported_rate_carries_the_allowed_rates() -> None:
    with pytest.raises(SampleRateUnsupported) as caught:
        checked_rate(FORMATS["ogg"], 44100)
    assert caught.value.allowed == (8000, 12000, 16000, 24000, 48000)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("name", "rate", "nearest"),
    [
        ("ogg", 22050, 24000),
        ("ogg", 24000, 24000),
        ("ogg", 96000, 48000),
        ("mp3", 20000, 22050),
        ("wav", 20000, 20000),
    ],
)
def test_nearest_rate_is_the_next_one_up(name: str, rate: int, nearest: int) -> None:
    assert FORMATS[name].nearest_rate(rate) == nearest


def test_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFormat, match="wav, mp3, ogg, flac, pcm"):
        audio_format_named("aiff")
