"""Mandarin training data: espeak-ng's phones and spectra in the timbre of the English speakers.

    python -m tts.training.make_mandarin --timbres FILE.npz --out DIR [--seed 7] [--part k/n]

writes shards of `Utterance`. espeak-ng gives segments and durations; pitch comes from `tts.training.tone_contour`,
spectra from `tts.training.timbre`. Each sentence is written for two of the four speakers, a woman and a man.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tts.training.espeak_timing import TimingError
from tts.training.frames import LEAD_FRAMES
from tts.training.fricatives import Shift, shifted, shifts
from tts.training.mandarin_timing import align, espeak_text, timeline
from tts.training.sentences_zh import MandarinSentence, training_sentences
from tts.training.timbre import Source, Timbre, load, speak_source
from tts.training.tone_contour import contour
from tts.training.utterance import HOP, SAMPLE_RATE, Utterance, write_utterances

SHARD_SENTENCES = 100
SHIFT_SENTENCES = 80
RATES = (165, 200)
"""Words per minute, drawn for each sentence: 3.6 to 4.4 syllables per second."""

USUAL_SPREAD_SEMITONES = 2.4
"""Standard deviation of English pitch for which tones get `USUAL_WIDTH`; those of lively speakers are wider."""

USUAL_WIDTH = 0.78
"""Of `tone_contour`, for a standard deviation of 3.5 semitones over running speech."""

RANGE_PER_SEMITONE = 0.2
RANGE_LIMITS = (0.7, 0.95)


def utterance(
    name: str, speaker: int, sentence: MandarinSentence, source: Source, timbre: Timbre, chance: random.Random
) -> Utterance:
    """One sentence by one speaker. Raises `TimingError` where espeak-ng's phones do not fit."""
    timed = align(sentence.syllables, source.phones)
    offset = LEAD_FRAMES * HOP - timed[0].start
    line = timeline(sentence, timed, offset)
    frames = int(line.ends[-1])
    places = np.arange(frames) - round(offset / HOP)
    inside = (places >= 0) & (places < len(source.cepstra))
    places = np.clip(places, 0, len(source.cepstra) - 1)
    cepstra = np.where(inside[:, None], timbre.convert(source)[places], timbre.silence)
    spread = float(timbre.pitch_deviation) * 12 / np.log(2)
    width = USUAL_WIDTH + RANGE_PER_SEMITONE * (spread - USUAL_SPREAD_SEMITONES)
    width = min(RANGE_LIMITS[1], max(RANGE_LIMITS[0], width)) * chance.uniform(0.95, 1.05)
    question = sentence.phrases[-1].mark == "?"
    semitones = contour(line.tones, frames, width=width, question=question) + chance.uniform(-0.6, 0.6)
    return Utterance(
        name=name,
        language="zh-CN",
        speaker=speaker,
        text=sentence.text,
        symbols=line.symbols,
        durations=np.diff(line.ends, prepend=0).astype(np.int32),
        log_f0=(float(timbre.pitch_mean) + semitones * np.log(2) / 12).astype(np.float32),
        voiced=(source.voiced[places] * inside).astype(np.float32),
        cepstra=cepstra.astype(np.float32),
    )


def fricative_shifts(
    sentences: Sequence[MandarinSentence], timbres: Sequence[Timbre], seed: int
) -> list[dict[str, Shift]]:
    """For each speaker, from the first sentences of the set."""
    spoken = [
        (sentence, speak_source(espeak_text(sentence), "cmn")) for sentence in sentences[:SHIFT_SENTENCES]
    ]
    return [
        shifts(
            (
                utterance("shift", speaker, sentence, source, timbre, _chance(seed, -1))
                for sentence, source in spoken
            ),
            timbre,
        )
        for speaker, timbre in enumerate(timbres)
    ]


def make(
    sentences: Sequence[tuple[int, MandarinSentence]],
    timbres: Sequence[Timbre],
    shift: Sequence[Mapping[str, Shift]],
    seed: int,
) -> Iterator[Utterance]:
    """Utterances of numbered sentences; those that espeak-ng says otherwise are left out with a message."""
    for number, sentence in tqdm(sentences, mininterval=10):
        chance = _chance(seed, number)
        try:
            source = speak_source(espeak_text(sentence), "cmn", chance.randint(*RATES))
            for speaker in (number % 2, 2 + number // 2 % 2):
                name = f"zh-{number:05d}-{speaker}"
                spoken = utterance(name, speaker, sentence, source, timbres[speaker], chance)
                yield shifted(spoken, shift[speaker])
        except TimingError as problem:
            sys.stderr.write(f"sentence {number} left out: {problem}\n")


def _chance(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed}/{number}")  # noqa: S311 - not a secret


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make_mandarin", description="Write the Mandarin shards.")
    parser.add_argument("--timbres", type=Path, required=True, help="file made by tts.training.timbre")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--part", default="1/1", help="k/n: the k-th of n parts")
    options = parser.parse_args(arguments)
    part, parts = (int(number) for number in options.part.split("/"))
    timbres = load(options.timbres)
    sentences = training_sentences(options.seed)
    shift = fricative_shifts(sentences, timbres, options.seed)
    numbered = list(enumerate(sentences))
    for start in range(0, len(numbered), SHARD_SENTENCES):
        path = options.out / f"zh-{start // SHARD_SENTENCES:03d}.npz"
        if start // SHARD_SENTENCES % parts != part - 1 or path.exists():
            continue
        scratch = path.with_suffix(".part.npz")
        count = write_utterances(
            scratch, make(numbered[start : start + SHARD_SENTENCES], timbres, shift, options.seed)
        )
        scratch.replace(path)
        sys.stdout.write(f"{path.name}: {count} utterances, {SAMPLE_RATE} Hz\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
