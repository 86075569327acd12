"""What a valid request asks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechParameters:
    """A request for speech after validation; fields are those of `POST /api/tts`.

    `text` is SSML where `is_ssml` says so. `characters` is its billed count; `timeout_seconds` counts from the moment
    of acceptance.
    """

    text: str
    characters: int
    audio_format: str
    timeout_seconds: float
    is_ssml: bool = False
    speaker_id: int | None = None
    voice: str = ""
    speed: float = 1.0
    sample_rate: int | None = None
    language: str = ""
    normalize: bool = True
    engine: str = "auto"
    reference: str = ""
