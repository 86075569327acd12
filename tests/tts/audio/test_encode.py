import io
import struct

import numpy as np
import pytest
import soundfile

from tests.tts.audio.tones import hertz_of, tone
from tts.audio.encode import NotEncodable, encode, mp3_compression_level, mp3_kbps
from tts.audio.formats import SampleRateUnsupported, UnknownFormat
from tts.engines.base import Deadline, EngineTimeout, Samples

SECONDS = 2.0
CODEC_PADDING_SECONDS = 0.06


def decoded(data: bytes) -> tuple[Samples, int]:
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    assert samples.shape[1] == 1
    return samples[:, 0], rate


@pytest.mark.parametrize("voice_rate", [16000, 22050, 44100])
@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "ogg"])
def test_file_decodes_to_the_same_tone(name: str, voice_rate: int) -> None:
    encoded = encode(tone(SECONDS, rate=voice_rate, hertz=440), voice_rate, name)
    samples, rate = decoded(encoded.data)
    assert rate == encoded.sample_rate
    assert len(samples) / rate == pytest.approx(SECONDS, abs=CODEC_PADDING_SECONDS)
    assert encoded.seconds == pytest.approx(SECONDS, abs=1e-4)
    assert hertz_of(samples, rate) == pytest.approx(440, abs=2)
    assert float(np.sqrt(np.mean(np.square(samples)))) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize(("name", "rate"), [("wav", 22050), ("mp3", 22050), ("flac", 22050), ("ogg", 24000)])
def test_voice_rate_is_kept_where_the_format_can_hold_it(name: str, rate: int) -> None:
    encoded = encode(tone(0.5), 22050, name)
    assert encoded.sample_rate == rate
    assert soundfile.info(io.BytesIO(encoded.data)).samplerate == rate


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("name", ["wav", "flac", "mp3"])
def test_asked_rate_is_delivered(name: str, rate: int) -> None:
    encoded = encode(tone(0.5), 22050, name, target_rate=rate)
    info = soundfile.info(io.BytesIO(encoded.data))
    assert (info.samplerate, encoded.sample_rate, encoded.frames) == (rate, rate, rate // 2)


def test_rate_a_format_cannot_hold_is_refused() -> None:
    with pytest.raises(SampleRateUnsupported):
        encode(tone(0.5), 22050, "ogg", target_rate=22050)


def test_unknown_format_is_refused() -> None:
    with pytest.raises(UnknownFormat):
        encode(tone(0.5), 22050, "aiff")


def test_wav_header_states_the_true_sizes() -> None:
    data = encode(tone(0.5), 22050, "wav").data
    riff, riff_size, wave = struct.unpack_from("<4sI4s", data)
    assert (riff, wave, riff_size) == (b"RIFF", b"WAVE", len(data) - 8)
    start = data.index(b"data")
    (samples_size,) = struct.unpack_from("<I", data, start + 4)
    assert samples_size == len(data) - start - 8 == 2 * 11025


def test_pcm_is_bare_little_endian_16_bit() -> None:
    encoded = encode(np.array([0.0, 0.5, -1.0, 1.0], np.float32), 24000, "pcm")
    assert encoded.data == struct.pack("<4h", 0, 16384, -32767, 32767)
    assert encoded.content_type == "audio/L16; rate=24000; channels=1"


def test_pcm_and_wav_hold_the_same_samples() -> None:
    wav, pcm = (encode(tone(0.5), 22050, name).data for name in ("wav", "pcm"))
    assert wav.endswith(pcm)


@pytest.mark.parametrize("name", ["wav", "mp3", "ogg", "flac", "pcm"])
def test_nothing_to_encode_is_refused(name: str) -> None:
    with pytest.raises(NotEncodable):
        encode(np.zeros(0, np.float32), 22050, name)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(NotEncodable):
        encode(np.array([0.0, bad], np.float32), 22050, "wav")


def test_samples_beyond_full_scale_are_scaled_not_clipped() -> None:
    samples, rate = decoded(encode(tone(0.5, amplitude=3.0, hertz=441), 22050, "wav").data)
    assert float(np.abs(samples).max()) == pytest.approx(1.0, abs=1e-3)
    assert float(np.mean(np.abs(samples) > 0.99)) < 0.1
    assert hertz_of(samples, rate) == pytest.approx(441, abs=2)


@pytest.mark.parametrize(
    ("rate", "kbps"), [(8000, 32), (16000, 48), (22050, 64), (24000, 64), (44100, 96), (48000, 96)]
)
def test_mp3_has_the_constant_bit_rate_of_its_sample_rate(rate: int, kbps: int) -> None:
    assert mp3_kbps(rate) == kbps
    data = encode(tone(10.0, rate=rate), rate, "mp3").data
    assert len(data) * 8 / 10.0 / 1000 == pytest.approx(kbps, rel=0.03)


def test_lowest_mp3_bit_rate_is_one_libsndfile_accepts() -> None:
    assert mp3_compression_level(22050, 8) < 1.0


def test_encoding_ends_soon_after_its_deadline() -> None:
    clock = iter([0.0, 0.0, 0.0, 99.0])
    deadline = Deadline(1.0, lambda: next(clock))
    with pytest.raises(EngineTimeout, match="30 of 60 s"):
        encode(tone(60.0), 22050, "mp3", deadline=deadline)
