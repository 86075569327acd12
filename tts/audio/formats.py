"""The audio formats a client may ask for, and the sample rates each can hold."""

from dataclasses import dataclass

OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
"""Hz; RFC 6716 section 2."""

MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Hz; MPEG-1, MPEG-2 and the MPEG-2.5 extension of layer III."""


class UnknownFormat(ValueError):
    """No such audio format."""


class SampleRateUnsupported(ValueError):
    """The format cannot hold that sample rate; `allowed` lists those it can, in Hz."""

    def __init__(self, audio_format: str, sample_rate: int, allowed: tuple[int, ...]) -> None:
        self.allowed = allowed
        listed = ", ".join(map(str, allowed))
        super().__init__(f"{audio_format} cannot hold {sample_rate} Hz; it can hold {listed} Hz")


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """`name` is what a client sends; `sample_rates` in Hz, None where any will do.

    `container` and `subtype` are libsndfile's names; both empty for bare samples.
    """

    name: str
    media_type: str
    extension: str
    container: str
    subtype: str
    sample_rates: tuple[int, ...] | None = None

    def content_type(self, sample_rate: int) -> str:
        """The `Content-Type` of mono audio at `sample_rate` Hz."""
        if self.name == "pcm":
            return f"{self.media_type}; rate={sample_rate}; channels=1"
        return self.media_type

    def nearest_rate(self, sample_rate: int) -> int:
        """The lowest rate the format can hold that loses nothing of `sample_rate`, else its highest."""
        if self.sample_rates is None:
            return sample_rate
        return min((rate for rate in self.sample_rates if rate >= sample_rate), default=self.sample_rates[-1])


FORMATS: dict[str, AudioFormat] = {
    entry.name: entry
    for entry in (
        AudioFormat("wav", "audio/wav", "wav", "WAV", "PCM_16"),
        AudioFormat("mp3", "audio/mpeg", "mp3", "MP3", "MPEG_LAYER_III", MP3_RATES),
        AudioFormat("ogg", "audio/ogg", "ogg", "OGG", "OPUS", OPUS_RATES),
        AudioFormat("flac", "audio/flac", "flac", "FLAC", "PCM_16"),
        # RFC 2586 wants L16 in network byte order; the contract of this API, like the speech APIs it is
        # compatible with, is little-endian.
        AudioFormat("pcm", "audio/L16", "pcm", "", ""),
    )
}


def audio_format_named(name: str) -> AudioFormat:
    """Raises `UnknownFormat`."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownFormat(f"unknown audio format; known are {', '.join(FORMATS)}") from None


def sample_rate_problem(audio_format: str, sample_rate: int) -> str | None:
    """Why `audio_format` cannot hold `sample_rate` Hz, in a sentence for the client; None where it can."""
    try:
        checked_rate(audio_format_named(audio_format), sample_rate)
    except SampleRateUnsupported as problem:
        return str(problem)
    return None


def checked_rate(audio_format: AudioFormat, sample_rate: int) -> int:
    """`sample_rate` itself. Raises `SampleRateUnsupported`."""
    allowed = audio_format.sample_rates
    if allowed is not None and sample_rate not in allowed:
        raise SampleRateUnsupported(audio_format.name, sample_rate, allowed)
    return sample_rate
