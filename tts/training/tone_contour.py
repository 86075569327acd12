"""Pitch contours of Mandarin syllables by quantitative target approximation.

Each syllable pulls pitch towards a line of its own (Prom-on, Xu and Thipakorn, Modeling tone and intonation in Mandarin
and English as a process of target approximation, JASA 125, 2009): a third-order critically damped system that takes
over the height, slope and curvature the syllable before left behind. So tones colour their neighbours as they do in
speech, where espeak-ng repeats the same stylised contour.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tts.text.zh.pinyin import NEUTRAL
from tts.training.frames import FRAMES_PER_SECOND

Contour = NDArray[np.float64]
"""Semitones above the speaker's reference, one per frame."""

_WEAK, _NORMAL = 26.0, 46.0
_DECLINATION_PER_SECOND = -0.55
_MOST_DECLINATION = -2.5
_PHRASE_RESET = 1.2
# Voices cannot go on falling: what is below the floor is pressed together.
_FLOOR, _BELOW_FLOOR = -7.0, 0.3
_QUESTION_RISE = 2.0
_QUESTION_SYLLABLES = 3


@dataclass(frozen=True, slots=True)
class TimedTone:
    """A tone over the frames of its syllable: onset from `start`, rime from `rime` to `end`. `closes` is the mark that
    follows, or empty."""

    tone: int
    start: int
    rime: int
    end: int
    closes: str = ""


@dataclass(frozen=True, slots=True)
class _Target:
    """The line from `begin` to `finish` (semitones) that is approached with `strength` (1/s) for a `share` of the
    rime; the first target of a syllable has its onset too."""

    begin: float
    finish: float
    strength: float
    share: float = 1.0


# Heights and strengths make each tone clear in its middle and at its end, whatever comes before it.
_LEVEL = _Target(4.5, 4.5, 51.0)
_RISING = (_Target(-3.5, -3.0, _NORMAL, 0.15), _Target(-2.5, 7.0, 51.0, 0.85))
_LOW = _Target(-5.5, -6.5, _NORMAL)
_DIPPING = (_Target(-5.5, -7.0, _NORMAL, 0.6), _Target(-6.5, -2.0, _NORMAL, 0.4))
_FALLING = (_Target(6.5, 6.0, 51.0, 0.15), _Target(4.0, -7.5, _NORMAL, 0.85))
# What follows a neutral tone's host: mid-low, but high after a third tone.
_NEUTRAL_AFTER = {1: -1.0, 2: 0.0, 3: 2.5, 4: -5.0, NEUTRAL: -2.0}


def contour(
    tones: Sequence[TimedTone], frames: int, *, width: float = 1.0, question: bool = False
) -> Contour:
    """Semitones for `frames` frames; `width` stretches the range of the tones around the reference.

    Phrases decline until a mark. Of a `question`, the last syllables are spoken higher.
    """
    pitch = np.zeros(frames)
    state = np.zeros(3)
    before = 0
    for index, tone in enumerate(tones):
        opens = index == 0 or bool(tones[index - 1].closes)
        targets = _targets(tone, 0 if opens else before)
        if opens:
            state = np.array([targets[0].begin * 0.6, 0.0, 0.0])
        start = tone.start
        for target, end in zip(targets, _ends(tone, targets), strict=True):
            pitch[start:end], state = _approach(target, end - start, state)
            start = end
        before = tone.tone
    free = width * _bridged(pitch, tones) + _intonation(tones, frames, question=question)
    return np.where(free < _FLOOR, _FLOOR + _BELOW_FLOOR * (free - _FLOOR), free)


def _targets(tone: TimedTone, before: int) -> tuple[_Target, ...]:
    if tone.tone == 1:
        return (_LEVEL,)
    if tone.tone == 2:
        return _RISING
    if tone.tone == 3:
        return _DIPPING if tone.closes else (_LOW,)
    if tone.tone == 4:
        return _FALLING
    height = _NEUTRAL_AFTER.get(before, -2.0)
    return (_Target(height, height - 1.0, _WEAK),)


def _ends(tone: TimedTone, targets: Sequence[_Target]) -> list[int]:
    shares = np.cumsum([target.share for target in targets])
    return [tone.rime + round(float(share / shares[-1]) * (tone.end - tone.rime)) for share in shares]


def _approach(target: _Target, frames: int, state: Contour) -> tuple[Contour, Contour]:
    """Pitch over `frames`, and value, slope and curvature after them (equation 1 of the paper)."""
    seconds = max(frames, 1) / FRAMES_PER_SECOND
    slope = (target.finish - target.begin) / seconds
    rate = target.strength
    c1 = state[0] - target.begin
    c2 = state[1] + c1 * rate - slope
    c3 = (state[2] + 2 * c2 * rate - c1 * rate**2) / 2
    time = np.arange(frames + 1) / FRAMES_PER_SECOND
    decay = np.exp(-rate * time)
    bend = c1 + c2 * time + c3 * time**2
    bend_slope = c2 + 2 * c3 * time
    value = slope * time + target.begin + bend * decay
    speed = slope + (bend_slope - rate * bend) * decay
    curvature = (2 * c3 - 2 * rate * bend_slope + rate**2 * bend) * decay
    return value[:-1], np.array([value[-1], speed[-1], curvature[-1]])


def _bridged(pitch: Contour, tones: Sequence[TimedTone]) -> Contour:
    """`pitch` with straight lines where no syllable is."""
    covered = np.zeros(len(pitch), dtype=bool)
    for tone in tones:
        covered[tone.start : tone.end] = True
    if not covered.any():
        return pitch
    places = np.flatnonzero(covered)
    return np.interp(np.arange(len(pitch)), places, pitch[places])


def _intonation(tones: Sequence[TimedTone], frames: int, *, question: bool) -> Contour:
    line = np.zeros(frames)
    first = 0
    for index, tone in enumerate(tones):
        if not tone.closes and index < len(tones) - 1:
            continue
        start, end = tones[first].start, tone.end
        time = np.arange(end - start) / FRAMES_PER_SECOND
        reset = _PHRASE_RESET if first == 0 else _PHRASE_RESET / 2
        line[start:end] = reset + np.maximum(time * _DECLINATION_PER_SECOND, _MOST_DECLINATION)
        first = index + 1
    if question and tones:
        rise = tones[-min(len(tones), _QUESTION_SYLLABLES)].start
        line[rise : tones[-1].end] += np.linspace(0.0, _QUESTION_RISE, tones[-1].end - rise)
    return _bridged(line, tones)
