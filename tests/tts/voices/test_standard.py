from dataclasses import dataclass

import pytest

from tts.voices.standard import standard_voices
from tts.voices.voice import VoiceInfo, VoiceState


@dataclass(frozen=True)
class Known:
    """A voice to choose from; `standard` makes it a starter voice."""

    name: str
    gender: str = ""
    standard: int | None = None

    @property
    def starter(self) -> bool:
        return self.standard is not None

    @property
    def info(self) -> VoiceInfo:
        return VoiceInfo(
            self.name, self.name, ("zh-CN",), self.gender, "onnx", 22050, "", None, VoiceState.READY
        )


STARTERS = tuple(
    Known(f"starter{number}", gender, number)
    for number, gender in enumerate(("female", "female", "male", "male"))
)
ANNA, BELLA, CARL = Known("anna", "female"), Known("bella", "female"), Known("carl", "male")
X, Y = Known("x"), Known("y")


@pytest.mark.parametrize(
    ("voices", "expected"),
    [
        ((), ""),
        ((X,), "x x x x"),
        ((X, Y), "x y x y"),
        ((ANNA, CARL), "anna anna carl carl"),
        (STARTERS, "starter0 starter1 starter2 starter3"),
        (tuple(reversed(STARTERS)), "starter0 starter1 starter2 starter3"),
        ((*STARTERS, ANNA), "anna starter1 starter2 starter3"),
        ((CARL, *STARTERS), "starter0 starter1 carl starter3"),
        ((ANNA, BELLA, CARL, *STARTERS), "anna bella carl starter3"),
        ((X, *STARTERS), "x starter1 starter2 starter3"),
        ((STARTERS[2],), "starter2 starter2 starter2 starter2"),
    ],
)
def test_speakers_get_natural_voices_of_their_gender_before_starters(
    voices: tuple[Known, ...], expected: str
) -> None:
    assert " ".join(voice.name for voice in standard_voices(voices)) == expected
