"""What a client may know about a voice."""

from dataclasses import dataclass
from enum import StrEnum


class VoiceState(StrEnum):
    """`ready` speaks now; `loading` will in a moment; the rest say why it does not."""

    READY = "ready"
    LOADING = "loading"
    MISSING = "missing"
    CORRUPT = "corrupt"
    INCOMPATIBLE = "incompatible"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """One voice as `GET /api/voices` lists it.

    `id` is what a client sends as `voice`: the model's file stem, followed by `:speaker` in models with several.
    `languages` are BCP 47 tags, `sample_rate` is in Hz, `speaker_id` is the standard speaker (0–3) it stands for or
    None. `problem` says, for operators, why `state` is not ready.
    """

    id: str
    name: str
    languages: tuple[str, ...]
    gender: str
    engine: str
    sample_rate: int
    licence: str
    speaker_id: int | None
    state: VoiceState
    problem: str = ""
