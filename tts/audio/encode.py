"""Samples to the bytes of an audio file."""

import io
from dataclasses import dataclass

import numpy as np
import soundfile

from tts.audio.formats import AudioFormat, audio_format_named, checked_rate
from tts.audio.levels import peak
from tts.audio.resample import resample
from tts.engines.base import Deadline, EngineTimeout, Samples

_OPUS_KBPS = 64
_FULL_SCALE = 32767
_BLOCK_SECONDS = 10


class NotEncodable(ValueError):
    """There are no samples, or some are not finite."""


@dataclass(frozen=True, slots=True)
class EncodedAudio:
    """A whole audio file, mono. `frames` samples at `sample_rate` Hz went into it, `seconds` long."""

    data: bytes
    content_type: str
    extension: str
    sample_rate: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate


def encode(
    samples: Samples,
    sample_rate: int,
    audio_format: str,
    *,
    target_rate: int | None = None,
    deadline: Deadline | None = None,
) -> EncodedAudio:
    """`samples` (mono, `sample_rate` Hz) as a file; wav, flac and pcm (little-endian) hold 16 bits.

    `target_rate` in Hz; None keeps the rate, or takes the next one up that the format can hold. Samples
    beyond full scale are scaled down as a whole, not clipped. Raises `UnknownFormat`,
    `SampleRateUnsupported`, `NotEncodable`, and `EngineTimeout` soon after `deadline` passes: Opus takes up to
    50 ms per second of audio.
    """
    chosen = audio_format_named(audio_format)
    rate = chosen.nearest_rate(sample_rate) if target_rate is None else checked_rate(chosen, target_rate)
    if not len(samples) or not np.isfinite(samples).all():
        raise NotEncodable("only finite samples, at least one, can be encoded")
    ready = _within_full_scale(resample(samples, sample_rate, rate))
    return EncodedAudio(
        _file_bytes(ready, rate, chosen, deadline),
        chosen.content_type(rate),
        chosen.extension,
        rate,
        len(ready),
    )


def _within_full_scale(samples: Samples) -> Samples:
    highest = peak(samples)
    return samples if highest <= 1.0 else np.asarray(samples / np.float32(highest), dtype=np.float32)


def _file_bytes(samples: Samples, rate: int, audio_format: AudioFormat, deadline: Deadline | None) -> bytes:
    if audio_format.name in ("pcm", "wav", "flac"):
        integers = np.rint(samples * _FULL_SCALE).astype("<i2")
        if audio_format.name == "pcm":
            return integers.tobytes()
        return _written(integers, rate, audio_format, deadline)
    if audio_format.name == "mp3":
        level = mp3_compression_level(rate, mp3_kbps(rate))
        return _written(
            samples, rate, audio_format, deadline, compression_level=level, bitrate_mode="CONSTANT"
        )
    level = opus_compression_level(_OPUS_KBPS)
    return _written(samples, rate, audio_format, deadline, compression_level=level)


def _written(
    samples: np.ndarray[tuple[int], np.dtype[np.float32 | np.int16]],
    rate: int,
    audio_format: AudioFormat,
    deadline: Deadline | None,
    **options: object,
) -> bytes:
    buffer = io.BytesIO()
    block = _BLOCK_SECONDS * rate
    with soundfile.SoundFile(
        buffer,
        "w",
        rate,
        channels=1,
        format=audio_format.container,
        subtype=audio_format.subtype,
        **options,
    ) as file:
        for start in range(0, len(samples), block):
            if deadline is not None and deadline.passed():
                raise EngineTimeout(f"not encoded in time: {start // rate} of {len(samples) // rate} s")
            file.write(samples[start : start + block])
    return buffer.getvalue()


def mp3_kbps(rate: int) -> int:
    """The constant bit rate that speech of `rate` Hz gets, one channel."""
    if rate < 16000:
        return 32
    if rate < 22050:
        return 48
    return 64 if rate < 32000 else 96


def mp3_compression_level(rate: int, kbps: int) -> float:
    """libsndfile's `compression_level` (0 … 1, linear over the MPEG version's bit rates) for `kbps`."""
    low, high = (8, 64) if rate < 16000 else (8, 160) if rate < 32000 else (32, 320)
    # libsndfile refuses exactly 1.0, the lowest bit rate.
    return min(0.9999, (high - kbps) / (high - low))


def opus_compression_level(kbps: int) -> float:
    """libsndfile's `compression_level` for `kbps` of one Opus channel (6 … 256, linear)."""
    return (256 - kbps) / 250
