"""The four standard speakers, two of them a teacher's own voice and two made from it by changing its parameters."""

from dataclasses import dataclass, replace

import numpy as np

from tts.training.envelopes import formant_scaling
from tts.training.utterance import Utterance


@dataclass(frozen=True, slots=True)
class Speaker:
    """How a teacher's voice becomes a speaker's.

    Frequencies of formants are multiplied by `formants`, pitch by `pitch`, and its distance in octaves from the
    teacher's middle `pitch_center_hz` by `pitch_range`, durations by `length`. `warmth` is added to the cepstrum's
    first coefficient: positive values raise the low frequencies against the high ones (0.1 is 0.9 dB each way).
    """

    number: int
    teacher: str
    pitch_center_hz: float
    formants: float = 1.0
    pitch: float = 1.0
    pitch_range: float = 1.0
    length: float = 1.0
    warmth: float = 0.0


# The centers are geometric means over the teachers' voiced frames.
SPEAKERS = (
    Speaker(0, "slt", 178.0),
    Speaker(1, "slt", 178.0, formants=0.94, pitch=0.87, pitch_range=0.95, length=1.06, warmth=0.12),
    Speaker(2, "rms", 99.6),
    Speaker(3, "rms", 99.6, formants=1.07, pitch=1.18, pitch_range=1.35, length=0.93, warmth=-0.05),
)


def in_the_voice_of(speaker: Speaker, utterance: Utterance) -> Utterance:
    """`utterance`, in the plain voice of the speaker's teacher, as the speaker says it."""
    center = np.log(speaker.pitch_center_hz)
    log_f0 = center + np.log(speaker.pitch) + speaker.pitch_range * (utterance.log_f0 - center)
    cepstra = utterance.cepstra @ formant_scaling(speaker.formants)
    cepstra[:, 1] += speaker.warmth
    changed = replace(
        utterance,
        name=f"{utterance.name}-{speaker.number}",
        speaker=speaker.number,
        log_f0=log_f0.astype(np.float32),
        cepstra=cepstra.astype(np.float32),
    )
    return stretched(changed, speaker.length)


def stretched(utterance: Utterance, factor: float) -> Utterance:
    """`utterance` with every duration multiplied by `factor`, rounded cumulatively."""
    if factor == 1.0:
        return utterance
    borders = np.rint(np.cumsum(utterance.durations) * factor).astype(np.int32)
    frames = np.arange(len(utterance.log_f0))
    positions = np.minimum(np.arange(borders[-1]) / factor, frames[-1])
    below = positions.astype(int)
    above = np.minimum(below + 1, frames[-1])
    part = (positions - below)[:, None]
    cepstra = utterance.cepstra[below] * (1 - part) + utterance.cepstra[above] * part
    return replace(
        utterance,
        durations=np.diff(borders, prepend=np.int32(0)).astype(np.int32),
        log_f0=np.interp(positions, frames, utterance.log_f0).astype(np.float32),
        voiced=utterance.voiced[np.rint(positions).astype(int)],
        cepstra=cepstra.astype(np.float32),
    )
