"""What a voice sounds like, in numbers: pitch, pace, brightness, and how far its speakers are apart.

    python -m tts.training.measure_voice --voice FILE.onnx [--language zh-CN] [--spectrograms DIR]
    python -m tts.training.measure_voice --engine espeak

Each speaker says the first sentences of the test set. Spectrograms need matplotlib.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tts.audio.resample import resample
from tts.engines.base import Samples, Speech
from tts.engines.espeak.process import EspeakProcess
from tts.text.zh.mandarin_ipa import TONE_MARKS
from tts.training.measure_words import TEST_SENTENCES, read_sentences
from tts.training.pitch import FRAME_SECONDS, track_pitch
from tts.training.speaking import (
    Speak,
    ipa_of,
    load_voice,
    speak_espeak,
    speak_voice,
)
from tts.training.time_warp import RATE, band_levels

SENTENCES = 12
STANDARD_SPEAKERS = 4
HIGH_BAND_HZ = 4_000.0
SENTENCE_FILES = {"en-US": TEST_SENTENCES, "zh-CN": TEST_SENTENCES.with_name("test_sentences_zh.txt")}

_VOWELS = re.compile("[aeiouyæɐɑɒɔəɚɛɜɤɪʅɿʊʌᵻ]+ː?")
_TONES = re.compile(f"[{''.join(TONE_MARKS.values())}]")
_LOUD_DB = -40.0


@dataclass(frozen=True, slots=True)
class Portrait:
    """Measures of one speaker over some sentences.

    `pitch_hz` is the geometric mean, `pitch_spread` the standard deviation in semitones, `syllables_per_second` counts
    pauses in, `unvoiced` is the share of sounding frames without pitch, `high_band_db` the power above 4 kHz over all,
    `contrast_db` the standard deviation of a voiced frame's mel bands: what a network blurs, it lowers.
    """

    pitch_hz: float
    pitch_spread: float
    syllables_per_second: float
    unvoiced: float
    high_band_db: float
    contrast_db: float

    def __str__(self) -> str:
        return (
            f"pitch {self.pitch_hz:.0f} Hz ± {self.pitch_spread:.1f} semitones, "
            f"{self.syllables_per_second:.1f} syllables/s, {self.unvoiced:.0%} unvoiced, "
            f"above 4 kHz {self.high_band_db:.1f} dB, contrast {self.contrast_db:.1f} dB"
        )


def syllables(ipa: str) -> int:
    """Of a phoneme string: its tone marks where it has some, else its groups of vowels."""
    return len(_TONES.findall(ipa)) or len(_VOWELS.findall(ipa))


def syllable_total(sentences: Sequence[str], process: EspeakProcess) -> int:
    """Of all `sentences` in IPA."""
    return sum(syllables(ipa_of(sentence, process)) for sentence in sentences)


def portrait(speeches: Sequence[Speech], syllable_count: int) -> Portrait:
    heights, voiced, sounding = [], 0, 0
    levels = []
    for speech in speeches:
        track = track_pitch(speech.samples, speech.sample_rate)
        bands = band_levels(_at_rate(speech))
        steps = np.minimum(np.arange(len(bands)), len(track.voiced) - 1)
        loud = bands.max(axis=1) > bands.max() + _LOUD_DB
        sounding += int(loud.sum())
        voiced += int((loud & track.voiced[steps]).sum())
        heights.append(track.semitones(0.0, len(track.hz) * FRAME_SECONDS))
        levels.append(bands[loud & track.voiced[steps]])
    pitch, voiced_levels = np.concatenate(heights), np.concatenate(levels)
    return Portrait(
        pitch_hz=float(2 ** (pitch.mean() / 12)),
        pitch_spread=float(pitch.std()),
        syllables_per_second=syllable_count / sum(speech.seconds for speech in speeches),
        unvoiced=1 - voiced / max(1, sounding),
        high_band_db=high_band(speeches),
        contrast_db=float((voiced_levels - voiced_levels.mean(axis=0)).std(axis=1).mean()),
    )


def high_band(speeches: Sequence[Speech]) -> float:
    """Power above 4 kHz in dB relative to all power."""
    total = high = 0.0
    for speech in speeches:
        power = np.abs(np.fft.rfft(speech.samples)) ** 2
        first = round(HIGH_BAND_HZ * len(speech.samples) / speech.sample_rate)
        total += float(power.sum())
        high += float(power[first:].sum())
    return 10 * float(np.log10((high + 1e-12) / (total + 1e-12)))


def average_spectrum(speeches: Sequence[Speech]) -> NDArray[np.float64]:
    """Mean level of each mel band in dB over the sounding frames, without the overall level."""
    bands = np.concatenate([band_levels(_at_rate(speech)) for speech in speeches])
    loud = bands.max(axis=1) > bands.max() + _LOUD_DB
    average = bands[loud].mean(axis=0)
    centred: NDArray[np.float64] = average - average.mean()
    return centred


def spectral_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Mean absolute difference of two average spectra in dB."""
    return float(np.abs(first - second).mean())


def draw_spectrogram(speech: Speech, title: str, path: Path) -> None:
    """A PNG with the narrow-band spectrogram and the pitch."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, 1, figsize=(14, 8), sharex=True)
    above.specgram(speech.samples, NFFT=512, noverlap=384, Fs=speech.sample_rate, vmin=-140)
    above.set(title=title, ylabel="Hz")
    track = track_pitch(speech.samples, speech.sample_rate)
    below.plot(np.arange(len(track.hz)) * FRAME_SECONDS, np.where(track.voiced, track.hz, np.nan))
    below.set(xlabel="s", ylabel="Hz")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    pyplot.close(figure)


def _at_rate(speech: Speech) -> Samples:
    return resample(speech.samples, speech.sample_rate, RATE)


def _speakers(options: argparse.Namespace, process: EspeakProcess) -> list[Speak]:
    if options.engine:
        return [speak_espeak(speaker, process) for speaker in range(STANDARD_SPEAKERS)]
    model = load_voice(options.voice)
    return [speak_voice(model, speaker, process) for speaker in range(len(model.config.speakers))]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="measure_voice", description="Pitch, pace and timbre of a voice.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--voice", type=Path, metavar="FILE.onnx", help="a Piper voice, with its .json beside it"
    )
    source.add_argument("--engine", choices=["espeak"], help="the fallback engine")
    parser.add_argument("--language", choices=sorted(SENTENCE_FILES), default="en-US")
    parser.add_argument(
        "--spectrograms", type=Path, metavar="DIR", help="draw the first sentence of each speaker"
    )
    options = parser.parse_args(arguments)
    sentences = read_sentences(SENTENCE_FILES[options.language])[:SENTENCES]
    process = EspeakProcess()
    try:
        count = syllable_total(sentences, process)
        spoken = [[speak(sentence) for sentence in sentences] for speak in _speakers(options, process)]
    finally:
        process.close()
    portraits = [portrait(speeches, count) for speeches in spoken]
    spectra = [average_spectrum(speeches) for speeches in spoken]
    for speaker, measured in enumerate(portraits):
        sys.stdout.write(f"speaker {speaker}: {measured}\n")
        if options.spectrograms:
            path = options.spectrograms / f"speaker-{speaker}-{options.language}.png"
            draw_spectrogram(spoken[speaker][0], f"speaker {speaker}, {options.language}", path)
    distances = {
        f"{a}-{b}": round(spectral_distance(spectra[a], spectra[b]), 2)
        for a, b in combinations(range(len(spectra)), 2)
    }
    facts = {"speakers": [asdict(measured) for measured in portraits], "spectral_distance_db": distances}
    sys.stdout.write(f"{json.dumps(facts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
