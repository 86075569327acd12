"""What every adapter of a model family gives the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tts.engines.base import CancelToken, Deadline, Samples
from tts.engines.onnx.phonemizer import Phonemizer
from tts.text.types import Run
from tts.voices.description import VoiceDescription


class VoiceModel(Protocol):
    """A voice in memory. Threads may share it; the same call gives the same samples."""

    @property
    def description(self) -> VoiceDescription: ...

    def say(
        self,
        runs: Sequence[Run],
        *,
        phonemizer: Phonemizer,
        speaker: int,
        speed: float,
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Samples:
        """Samples of `runs`, one clause or sentence in languages the voice reads, `speed` times as fast.

        Raises `EngineError` when no sound of it is known to the voice, `EngineTimeout` soon after `deadline`, the
        token's reason soon after it is canceled.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LoadedVoice:
    """A voice ready to speak: one speaker of a model. `id` is what clients know it by."""

    id: str
    model: VoiceModel
    speaker: int
