"""Espeak-ng's spectra turned into those of the English speakers.

    python -m tts.training.timbre --english DIR --out FILE.npz [--seed 7]

espeak-ng speaks sentences of the English shards; its phones are laid over the speaker's, which gives pairs of frames.
From those a small network learns, for each speaker, what its spectrum is where espeak-ng's is such and such. It sees
no phoneme, so it also serves Mandarin. What regression flattens is stretched again to the speaker's variance (Toda,
Black and Tokuda, Voice conversion based on maximum-likelihood estimation, 2007, with global variance).
"""

import argparse
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path

import numpy as np
import pyworld
from numpy.typing import NDArray

from tts.training.analysis import find_envelopes
from tts.training.envelopes import to_cepstra
from tts.training.espeak_timing import Phone, TimingError, speak_timed
from tts.training.frames import frame_count
from tts.training.utterance import CEPSTRA, HOP, SAMPLE_RATE, Utterance, read_utterances

Frames = NDArray[np.float32]

SOURCE_PITCH_HZ = (60.0, 150.0)
CONTEXT = (-3, 0, 3)
"""Frames of the source that one target frame is made of."""

SENTENCES_PER_SPEAKER = 160
STEPS = 1500
BATCH = 2048
HIDDEN = 160
LEAST_MATCH = 0.9
LEAST_FRICATIVE_FRAMES = 4
ENGLISH_FRICATIVES = "sʃfh"
MOST_STRETCH = 1.3

CLOSURE_SECONDS = 0.039
"""What espeak-ng leaves silent before a plosive and counts to the phone before it."""

PLOSIVES = frozenset("pbtdkɡg")
VOICELESS = frozenset("ptkfsSXhθʃxʔ")
"""First letters of phones without voice, in espeak-ng's names and in IPA."""

_STRESS_AND_MARKS = frozenset("ˈˌ ^$,.?!;:")
_QUIET = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Frames of espeak-ng: `cepstra` (F, CEPSTRA), `voiced` (F,) 0 or 1, and its phones in samples."""

    cepstra: Frames
    voiced: Frames
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Timbre:
    """A learned mapping. `features` are normalised by `mean` and `deviation`; `stretch` (2, CEPSTRA) is applied around
    `centre` (2, CEPSTRA), the first row being for unvoiced frames.

    `silence` (CEPSTRA,) is the speaker's spectrum of a pause, `fricatives` (4, CEPSTRA) those of `ENGLISH_FRICATIVES`;
    `pitch_mean` and `pitch_deviation` are those of the natural logarithm of Hz.
    """

    mean: Frames
    deviation: Frames
    skip: Frames
    first: Frames
    first_bias: Frames
    second: Frames
    second_bias: Frames
    last: Frames
    last_bias: Frames
    centre: Frames
    stretch: Frames
    silence: Frames
    fricatives: Frames
    pitch_mean: Frames
    pitch_deviation: Frames

    def convert(self, source: Source) -> Frames:
        """Cepstra (F, CEPSTRA) of the speaker for each frame of `source`."""
        inputs = (features(source) - self.mean) / self.deviation
        hidden = np.maximum(inputs @ self.first + self.first_bias, 0)
        hidden = np.maximum(hidden @ self.second + self.second_bias, 0)
        flat = inputs @ self.skip + hidden @ self.last + self.last_bias
        kind = source.voiced.astype(np.int64)
        lively = self.centre[kind] + (flat - self.centre[kind]) * self.stretch[kind]
        return np.where(quiet(source)[:, None], self.silence, lively).astype(np.float32)


def speak_source(text: str, voice: str, rate: int = 175) -> Source:
    """espeak-ng in monotone: its pitch is known then, and the envelope is found without the errors of a tracker.

    Raises `TimingError`.
    """
    speech = speak_timed(text, voice, rate=rate, pitch_range=0, ipa=voice != "cmn")
    samples = speech.samples.astype(np.float64)
    phones = with_closures(speech.phones)
    voiced = _voiced(phones, frame_count(len(samples), SAMPLE_RATE))
    low, high = SOURCE_PITCH_HZ
    found, _ = pyworld.dio(samples, SAMPLE_RATE, f0_floor=low, f0_ceil=high)
    if not (found > 0).any():
        raise TimingError("espeak-ng's speech has no pitch")
    envelopes = find_envelopes(samples, SAMPLE_RATE, voiced * np.median(found[found > 0]))
    return Source(to_cepstra(envelopes.log_amplitude).astype(np.float32), voiced.astype(np.float32), phones)


def _voiced(phones: Sequence[Phone], frames: int) -> NDArray[np.float64]:
    voiced = np.zeros(frames)
    for phone in phones:
        name = phone.name.lstrip("',%=ˈˌ")
        if name and name[0] not in VOICELESS and name[0] != "_":
            voiced[round(phone.start / HOP) : round(phone.end / HOP)] = 1.0
    return voiced


def with_closures(phones: Sequence[Phone]) -> tuple[Phone, ...]:
    """`phones` with each plosive and affricate begun where its closure does."""
    closure = round(CLOSURE_SECONDS * SAMPLE_RATE)
    moved = list(phones)
    for place in range(1, len(moved)):
        before, phone = moved[place - 1], moved[place]
        if phone.name[:1] in PLOSIVES:
            start = phone.start - min(closure, (before.end - before.start) // 2)
            moved[place - 1] = Phone(before.name, before.start, start)
            moved[place] = Phone(phone.name, start, phone.end)
    return tuple(moved)


def features(source: Source) -> Frames:
    """(F, 3 · CEPSTRA + 1): cepstra at `CONTEXT` around each frame, and voicing."""
    count = len(source.cepstra)
    places = [np.clip(np.arange(count) + offset, 0, count - 1) for offset in CONTEXT]
    return np.concatenate([*(source.cepstra[place] for place in places), source.voiced[:, None]], axis=1)


def quiet(source: Source) -> NDArray[np.bool_]:
    """Frames some 35 dB below the loud ones and unvoiced: pauses."""
    level = source.cepstra[:, 0]
    found: NDArray[np.bool_] = (level < np.quantile(level, 0.9) - _QUIET) & (source.voiced == 0)
    return found


def frame_pairs(source: Source, target: Utterance) -> Iterator[tuple[int, int]]:
    """Frames of `source` and `target` that belong together: linear within each phone both have."""
    letters, owners = _letters(source.phones)
    symbols, places = _symbols(target)
    ends = np.cumsum(target.durations)
    matcher = SequenceMatcher(None, letters, symbols, autojunk=False)
    blocks = matcher.get_matching_blocks()
    if sum(block.size for block in blocks) < LEAST_MATCH * len(symbols):
        return
    spans: dict[int, list[int]] = defaultdict(list)
    for block in blocks:
        for offset in range(block.size):
            spans[owners[block.a + offset]].append(places[block.b + offset])
    for owner, matched in spans.items():
        phone = source.phones[owner]
        start = int(ends[matched[0]] - target.durations[matched[0]])
        length = int(ends[matched[-1]]) - start
        for frame in range(length):
            sample = phone.start + (frame + 0.5) / length * (phone.end - phone.start)
            yield min(round(sample / HOP), len(source.cepstra) - 1), start + frame


def _letters(phones: Sequence[Phone]) -> tuple[list[str], list[int]]:
    letters: list[str] = []
    owners: list[int] = []
    for owner, phone in enumerate(phones):
        spelled = [
            letter for letter in unicodedata.normalize("NFD", phone.name) if letter not in _STRESS_AND_MARKS
        ]
        letters += spelled
        owners += [owner] * len(spelled)
    return letters, owners


def _symbols(target: Utterance) -> tuple[list[str], list[int]]:
    kept = [place for place, symbol in enumerate(target.symbols) if symbol not in _STRESS_AND_MARKS]
    return [target.symbols[place] for place in kept], kept


def save(timbres: Sequence[Timbre], path: Path) -> None:
    arrays = {
        f"{speaker}.{field.name}": getattr(timbre, field.name)
        for speaker, timbre in enumerate(timbres)
        for field in fields(Timbre)
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path) -> list[Timbre]:
    """The speakers' mappings in the order of their numbers."""
    with np.load(path, allow_pickle=False) as arrays:
        speakers = sorted({int(name.split(".")[0]) for name in arrays.files})
        return [
            Timbre(**{field.name: arrays[f"{speaker}.{field.name}"] for field in fields(Timbre)})
            for speaker in speakers
        ]


def learn(
    utterances: Sequence[Utterance], sources: Mapping[str, Source], seed: int, steps: int = STEPS
) -> Timbre:
    """The mapping from `sources` (by text) to the speaker of `utterances`, fitted in `steps` steps."""
    from tts.training.timbre_fit import fit

    inputs, outputs = _pairs(utterances, sources)
    pitch = np.concatenate([utterance.log_f0[utterance.voiced > 0] for utterance in utterances])
    silence = np.mean(np.concatenate([_pause_frames(utterance) for utterance in utterances]), axis=0)
    statistics = {
        "silence": silence.astype(np.float32),
        "fricatives": np.stack([_phone_mean(utterances, symbol) for symbol in ENGLISH_FRICATIVES]),
        "pitch_mean": np.float32(pitch.mean()),
        "pitch_deviation": np.float32(pitch.std()),
    }
    return Timbre(
        **fit(inputs, outputs, seed, steps), **{name: np.asarray(value) for name, value in statistics.items()}
    )


def _pairs(utterances: Sequence[Utterance], sources: Mapping[str, Source]) -> tuple[Frames, Frames]:
    inputs, outputs = [], []
    for utterance in utterances:
        source = sources.get(utterance.text)
        if source is None:
            continue
        pairs = np.array(list(frame_pairs(source, utterance)), dtype=np.int64).reshape(-1, 2)
        kept = pairs[~quiet(source)[pairs[:, 0]]]
        inputs.append(features(source)[kept[:, 0]])
        outputs.append(utterance.cepstra[kept[:, 1]])
    return np.concatenate(inputs), np.concatenate(outputs)


def _pause_frames(utterance: Utterance) -> Frames:
    ends = np.cumsum(utterance.durations)
    first = utterance.cepstra[: max(1, int(ends[0]) // 2)]
    return first[first[:, 0] <= np.quantile(utterance.cepstra[:, 0], 0.2)].reshape(-1, CEPSTRA)


def _phone_mean(utterances: Sequence[Utterance], symbol: str) -> Frames:
    """Mean cepstra (CEPSTRA,) of a phone without its edges, over those of four frames and more."""
    frames = []
    for utterance in utterances:
        ends = np.cumsum(utterance.durations)
        for found, end, length in zip(utterance.symbols, ends, utterance.durations, strict=True):
            if found == symbol and length >= LEAST_FRICATIVE_FRAMES:
                frames.append(utterance.cepstra[end - length + 1 : end - 1])
    mean: Frames = np.concatenate(frames).mean(axis=0)
    return mean


def sources_of(texts: Iterable[str]) -> dict[str, Source]:
    """espeak-ng's English of each text it can speak."""
    sources = {}
    for text in texts:
        try:
            sources[text] = speak_source(text, "en-us")
        except TimingError as problem:
            sys.stderr.write(f"left out: {problem}\n")
    return sources


def read_speakers(directory: Path, per_speaker: int = SENTENCES_PER_SPEAKER) -> dict[int, list[Utterance]]:
    """The first `per_speaker` sentences of two seconds and more of each speaker in the shards of `directory`."""
    found: dict[int, list[Utterance]] = defaultdict(list)
    for path in sorted(directory.glob("*.npz")):
        for utterance in read_utterances(path):
            wanted = len(utterance.cepstra) * HOP >= 2 * SAMPLE_RATE
            if wanted and len(found[utterance.speaker]) < per_speaker:
                found[utterance.speaker].append(utterance)
    return dict(sorted(found.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="timbre", description="Learn the English speakers' timbres.")
    parser.add_argument("--english", type=Path, required=True, help="directory of English shards")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    speakers = read_speakers(options.english)
    texts = list(dict.fromkeys(utterance.text for group in speakers.values() for utterance in group))
    sys.stdout.write(f"{len(texts)} texts of {len(speakers)} speakers\n")
    sources = sources_of(islice(texts, None))
    save([learn(group, sources, options.seed) for group in speakers.values()], options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
