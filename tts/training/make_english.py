"""Makes the English training data: `python -m tts.training.make_english --out DIR --seed 7 --part 0/1`.

Writes shards of `Utterance` named after their teacher, `slt-000.npz` and so on. A shard that is there is not made
again, so a run that was stopped goes on where it was; parts `0/2` and `1/2` may run side by side.
"""

import argparse
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from tts.engines.base import Deadline
from tts.engines.espeak.phonemes import phonemize
from tts.engines.espeak.process import EspeakProcess
from tts.training.alignment import align
from tts.training.analysis import filled_log_pitch, find_envelopes, find_pitch, resampled_pitch
from tts.training.bandwidth import UpperBand, learn_upper_band
from tts.training.envelopes import Array, Envelopes, loudness, to_cepstra
from tts.training.frames import frame_count, frame_durations, trimmed
from tts.training.sentences_en import training_sentences
from tts.training.speakers import SPEAKERS, in_the_voice_of
from tts.training.teachers import FLITE_FRAME_SECONDS, Festival, Flite, Recital, Teacher
from tts.training.utterance import Utterance, write_utterances

LANGUAGE = "en-US"
ESPEAK_VOICE = "en-us"
SENTENCES = 3_500
SHARD = 200
SPEECH_RMS = 0.1
"""Loudness of the voiced frames that every sentence is brought to; full scale is 1."""

UPPER_BAND_SENTENCES = 80
MIN_VOICED_FRAMES = 8
PHONEMIZE_SECONDS = 10.0
# flite's statistical voices hum through every phone but a pause; a flap (ɾ) really is voiced.
_VOICELESS = frozenset("ptkfθsʃxʔ^$,.?!;: ")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A teacher, the sentences it says (by index), and the range in which its pitch is looked for, in Hz."""

    teacher: Callable[[], Teacher]
    sentences: range
    pitch_range_hz: tuple[float, float]
    full_band: bool


SOURCES: Mapping[str, Source] = {
    "rms": Source(lambda: Flite("rms"), range(1_100, SENTENCES), (50, 300), full_band=False),
    "slt": Source(Festival, range(2_500), (90, 450), full_band=True),
}


class Maker:
    """Turns sentences into utterances of every speaker that has the source for a teacher."""

    def __init__(self, espeak: EspeakProcess, source: Source, upper_band: UpperBand | None) -> None:
        self._espeak = espeak
        self._source = source
        self._teacher = source.teacher()
        self._upper_band = upper_band
        self.rejected = 0

    def make(self, first: int, sentences: Sequence[str]) -> Iterator[Utterance]:
        """`first` is the number of the first sentence, for the names."""
        for number, (text, recital) in enumerate(
            zip(sentences, self._teacher.recite(sentences), strict=True), start=first
        ):
            plain = self._plain(f"{self._teacher.name}-{number:05d}", text, recital)
            if plain is None:
                self.rejected += 1
                continue
            for speaker in SPEAKERS:
                if speaker.teacher == self._teacher.name:
                    yield in_the_voice_of(speaker, plain)

    def envelopes(self, recital: Recital, voiceless: NDArray[np.bool_] | None = None) -> Envelopes:
        """Envelopes of a recital, full band. Where `voiceless` (F,) there is no voice, whatever the teacher says."""
        pitch = self._pitch(recital)
        envelopes = find_envelopes(recital.samples, recital.sample_rate, pitch)
        if voiceless is not None and recital.pitch is not None:
            envelopes = replace(envelopes, pitch=np.where(voiceless, 0.0, pitch))
        if self._upper_band is not None and not self._source.full_band:
            envelopes = self._upper_band.fill(envelopes)
        return envelopes

    def _pitch(self, recital: Recital) -> Array:
        if recital.pitch is None:
            return find_pitch(recital.samples, recital.sample_rate, *self._source.pitch_range_hz)
        count = frame_count(len(recital.samples), recital.sample_rate)
        return resampled_pitch(recital.pitch, FLITE_FRAME_SECONDS, count)

    def _plain(self, name: str, text: str, recital: Recital) -> Utterance | None:
        """The teacher's own voice, or None if the sentence cannot be used."""
        ipa = phonemize(self._espeak, text, ESPEAK_VOICE, deadline=Deadline.after(PHONEMIZE_SECONDS))
        symbols = ("^", *ipa, "$")
        alignment = align(symbols, recital.phones)
        durations = frame_durations(alignment.ends, frame_count(len(recital.samples), recital.sample_rate))
        voiceless = np.repeat([symbol in _VOICELESS for symbol in symbols], durations)
        envelopes = self.envelopes(recital, voiceless)
        if not alignment.good or envelopes.voiced.sum() < MIN_VOICED_FRAMES:
            return None
        kept = trimmed(durations, ipa)
        level = np.log(SPEECH_RMS / loudness(envelopes.log_amplitude, envelopes.voiced))
        return Utterance(
            name=name,
            language=LANGUAGE,
            speaker=0,
            text=text,
            symbols=symbols,
            durations=durations,
            log_f0=filled_log_pitch(envelopes.pitch)[kept].astype(np.float32),
            voiced=envelopes.voiced[kept].astype(np.float32),
            cepstra=to_cepstra(envelopes.log_amplitude + level)[kept].astype(np.float32),
        )


def upper_band(folder: Path, espeak: EspeakProcess, sentences: Sequence[str]) -> UpperBand:
    """What the full-band teacher says about the upper band; kept in `folder`."""
    path = folder / "upper-band.npy"
    if not path.exists():
        maker = Maker(espeak, SOURCES["slt"], None)
        recitals = SOURCES["slt"].teacher().recite(sentences[:UPPER_BAND_SENTENCES])
        learn_upper_band([maker.envelopes(recital) for recital in recitals]).save(path)
    return UpperBand.load(path)


def shards(part: int, parts: int) -> Iterator[tuple[str, int, range]]:
    """Teacher, number of the shard and sentences of every shard of a part, the quicker teacher first."""
    every = [
        (teacher, number, source.sentences[start : start + SHARD])
        for teacher, source in SOURCES.items()
        for number, start in enumerate(range(0, len(source.sentences), SHARD))
    ]
    yield from every[part::parts]


def make(folder: Path, seed: int, part: int, parts: int) -> None:
    """Make every shard of a part that is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = training_sentences(seed, SENTENCES)
    espeak = EspeakProcess()
    try:
        band = upper_band(folder, espeak, sentences)
        makers = {name: Maker(espeak, source, band) for name, source in SOURCES.items()}
        for teacher, number, indices in shards(part, parts):
            path = folder / f"{teacher}-{number:03d}.npz"
            if path.exists():
                continue
            started = monotonic()
            texts = [sentences[index] for index in indices]
            unfinished = path.with_name(f".{path.stem}-{os.getpid()}.npz")
            count = write_utterances(unfinished, makers[teacher].make(indices.start, texts))
            os.replace(unfinished, path)
            logger.info(
                "%s: %d utterances in %.0f s, %d sentences rejected so far",
                path.name, count, monotonic() - started, makers[teacher].rejected,
            )  # fmt: skip
    finally:
        espeak.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the shards")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--part", default="0/1", metavar="K/N", help="make part K of N, counted from 0")
    arguments = parser.parse_args()
    part, parts = (int(number) for number in arguments.part.split("/"))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    make(arguments.out, arguments.seed, part, parts)


if __name__ == "__main__":
    main()
