"""What usage adds up to."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """Requests that ended, characters charged, and seconds of audio, exact to the millisecond."""

    requests: int = 0
    characters: int = 0
    audio_seconds: Decimal = Decimal("0.000")

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.requests + other.requests,
            self.characters + other.characters,
            self.audio_seconds + other.audio_seconds,
        )
