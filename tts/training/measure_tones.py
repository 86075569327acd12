"""How many Mandarin tones of a voice come out right.

    python -m tts.training.measure_tones --voice FILE.onnx --speaker 0
    python -m tts.training.measure_tones --engine espeak --speaker 1
    python -m tts.training.measure_tones --calibrate

Speaks the two-syllable words of `data/tones_zh.txt`, finds the rimes, and compares the tone heard in each pitch contour
with that of the dictionary; a third tone before another counts as right when it rises. A rime is found by laying
espeak-ng's rendering of the same syllables, whose timing is known, over the voice's by dynamic time warping of their
spectra. That costs some accuracy where the two differ much, so figures are if anything too low.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from tts.engines.base import Speech
from tts.text.zh.pinyin import NEUTRAL, Syllable
from tts.training.espeak_timing import speak_timed
from tts.training.mandarin_timing import align, espeak_text
from tts.training.measure_words import add_source_options, speaker_of
from tts.training.pitch import PitchTrack, track_pitch
from tts.training.sentences_zh import MandarinSentence, Phrase, Word, syllable_inventory
from tts.training.speaking import Speak
from tts.training.time_warp import Warp, warp_onto
from tts.training.tones import Shape, Thresholds, VoiceRange, shape_of, tone_of, voice_range

WORDS = Path(__file__).parent / "data" / "tones_zh.txt"
CALIBRATION_WORDS = 240
CALIBRATION_VOICES = ("cmn", "cmn+f3", "cmn+f5", "cmn+m3")
REFERENCE_RATE = 175


@dataclass(frozen=True, slots=True)
class ToneWord:
    """A word and the syllables the dictionary gives it, without sandhi."""

    text: str
    syllables: tuple[Syllable, ...]

    @property
    def tones(self) -> tuple[int, ...]:
        return tuple(syllable.tone for syllable in self.syllables)

    @property
    def spoken(self) -> tuple[int, ...]:
        """Tones with third-tone sandhi."""
        following = (*self.tones[1:], 0)
        return tuple(
            2 if tone == after == 3 else tone for tone, after in zip(self.tones, following, strict=True)
        )


@dataclass(frozen=True, slots=True)
class HeardTone:
    expected: int
    shape: Shape | None


@dataclass(frozen=True, slots=True)
class ToneResult:
    """`confusion` counts (expected, heard), heard being 0 where there was no pitch. Neutral tones are not in it."""

    confusion: Counter[tuple[int, int]]

    @property
    def right(self) -> int:
        return sum(count for (expected, heard), count in self.confusion.items() if expected == heard)

    @property
    def total(self) -> int:
        return self.confusion.total()

    @property
    def rate(self) -> float:
        return self.right / self.total if self.total else 0.0

    def __str__(self) -> str:
        rows = [
            f"tone {expected}: " + " ".join(f"{self.confusion[expected, heard]:5d}" for heard in range(5))
            for expected in range(1, 5)
        ]
        head = f"{self.right}/{self.total} tones right: {self.rate:.1%}\nheard      none     1     2     3     4\n"
        return head + "\n".join(rows)


def read_words(path: Path = WORDS) -> list[ToneWord]:
    """Words of a list with a word and its pinyin syllables per line."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return [
        ToneWord(fields[0], tuple(Syllable(field[:-1], int(field[-1])) for field in fields[1:]))
        for fields in lines
        if fields and not fields[0].startswith("#")
    ]


def rimes(word: ToneWord, speech: Speech) -> list[tuple[float, float]]:
    """Where each syllable's rime begins and ends in `speech`, in seconds."""
    spoken = tuple(
        Syllable(syllable.spelled, tone) for syllable, tone in zip(word.syllables, word.spoken, strict=True)
    )
    sentence = MandarinSentence((Phrase((Word(word.text, spoken),), "."),))
    reference = speak_timed(espeak_text(sentence), "cmn", rate=REFERENCE_RATE)
    warp: Warp = warp_onto(reference.samples, speech.samples, speech.sample_rate)
    return [
        (warp.seconds(timed.vowels), warp.seconds(timed.end)) for timed in align(spoken, reference.phones)
    ]


def hear(words: Sequence[ToneWord], speeches: Sequence[Speech]) -> list[HeardTone]:
    """One for each syllable, in order. The voice's range is taken from all words together."""
    tracks = [track_pitch(speech.samples, speech.sample_rate) for speech in speeches]
    voice = voice_range(tracks)
    return [
        heard
        for word, speech, track in zip(words, speeches, tracks, strict=True)
        for heard in _hear_word(word, speech, track, voice)
    ]


def _hear_word(word: ToneWord, speech: Speech, track: PitchTrack, voice: VoiceRange) -> Iterator[HeardTone]:
    for tone, (start, end) in zip(word.spoken, rimes(word, speech), strict=True):
        yield HeardTone(tone, shape_of(track.semitones(start, end), voice))


def judge(heard: Sequence[HeardTone], thresholds: Thresholds | None = None) -> ToneResult:
    """Neutral tones have no shape of their own and are left out."""
    confusion: Counter[tuple[int, int]] = Counter()
    for tone in heard:
        if tone.expected != NEUTRAL:
            found = 0 if tone.shape is None else tone_of(tone.shape, thresholds or Thresholds())
            confusion[tone.expected, found] += 1
    return ToneResult(confusion)


def measure(speak: Speak, words: Sequence[ToneWord]) -> ToneResult:
    return judge(hear(words, [speak(f"{word.text}.") for word in words]))


def calibrate(seed: int = 7) -> tuple[Thresholds, ToneResult]:
    """The thresholds that suit espeak-ng best on made-up words, and what they give there."""
    words = calibration_words(seed)
    heard: list[HeardTone] = []
    for number, voice in enumerate(CALIBRATION_VOICES):
        part = words[number :: len(CALIBRATION_VOICES)]
        heard += hear(part, [_espeak_speech(word, voice) for word in part])
    steps = np.arange(0.1, 0.65, 0.05).round(2).tolist()
    best = max(
        (Thresholds(*values) for values in product(steps[:7], steps[:7], steps, steps)),
        key=lambda thresholds: judge(heard, thresholds).right,
    )
    return best, judge(heard, best)


def calibration_words(seed: int) -> list[ToneWord]:
    """Pairs of syllables of which none is a word of the test list."""
    taken = {word.syllables for word in read_words()}
    inventory = syllable_inventory()
    draws = np.random.default_rng(seed).integers(len(inventory), size=(2 * CALIBRATION_WORDS, 2))
    pairs = (tuple(inventory[place] for place in draw) for draw in draws)
    return [ToneWord("", pair) for pair in pairs if pair not in taken][:CALIBRATION_WORDS]


def _espeak_speech(word: ToneWord, voice: str) -> Speech:
    text = "".join(
        f"{syllable.spelled}{tone}" for syllable, tone in zip(word.syllables, word.spoken, strict=True)
    )
    return Speech(speak_timed(f"{text}.", voice).samples, 22050, voice)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="measure_tones", description="Accuracy of Mandarin tones.")
    add_source_options(parser, extra=("--calibrate",))
    parser.add_argument("--words", type=Path, default=WORDS, help="a word and its pinyin per line")
    options = parser.parse_args(arguments)
    if options.calibrate:
        thresholds, result = calibrate()
        sys.stdout.write(f"{thresholds}\n{result}\n")
        return 0
    words = read_words(options.words)
    with speaker_of(options, [word.text for word in words]) as speak:
        result = measure(speak, words)
    table = {f"{expected}>{heard}": count for (expected, heard), count in sorted(result.confusion.items())}
    facts = {"right": result.right, "total": result.total, "rate": result.rate, "confusion": table}
    sys.stdout.write(f"{result}\n{json.dumps(facts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
