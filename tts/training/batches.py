"""Training sets in memory, and batches of them that depend on a seed and a step's number only."""

import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tts.training.symbols import SPACE, SymbolTable
from tts.training.utterance import CEPSTRA, Utterance, read_utterances

HELD_OUT_SHARE = 50
"""One sentence in so many is kept from training."""

_SHORTEST_FRAMES, _LONGEST_FRAMES = 20, 1400
_FEWEST_VOICED = 8
_LONGEST_PHRASE_FRAMES = 160
_FINAL_MARKS = frozenset(",.?!;:")
_WORD_ENDS = frozenset(" ˉˊˇˋ˙12345")
_TONE_LANGUAGES = frozenset({"zh-CN"})
_JOINED_SHARE, _INSERTED_SHARE, _UNMARKED_SHARE = 0.08, 0.12, 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An utterance as training reads it: `features` (F, CEPSTRA + 2) are cepstra, log f0 and voicing as float16."""

    language: str
    speaker: int
    symbols: tuple[str, ...]
    durations: NDArray[np.int32]
    features: NDArray[np.float16]
    held_out: bool

    @classmethod
    def of(cls, utterance: Utterance) -> "Example":
        columns = [utterance.cepstra, utterance.log_f0[:, None], utterance.voiced[:, None]]
        # By text, so that no speaker's reading of a held-out sentence is trained on.
        held_out = zlib.crc32(utterance.text.encode()) % HELD_OUT_SHARE == 0
        return cls(
            utterance.language,
            utterance.speaker,
            utterance.symbols,
            utterance.durations.astype(np.int32),
            np.concatenate(columns, axis=1).astype(np.float16),
            held_out,
        )

    @property
    def frames(self) -> int:
        return len(self.features)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Padded tensors: `ids` and `durations` (B, T), `features` (B, F, CEPSTRA + 2), masks (B, T or F, 1).

    `tonal` (B,) is 1.0 for sentences of a tone language.
    """

    ids: Tensor
    speaker: Tensor
    durations: Tensor
    features: Tensor
    symbol_mask: Tensor
    frame_mask: Tensor
    tonal: Tensor


def load_examples(directories: Iterable[Path]) -> list[Example]:
    """All usable utterances of the `.npz` files in `directories`, in the order of file names.

    Very short and very long ones and those next to unvoiced teach nothing and are left out. Raises `ValueError` when
    nothing remains.
    """
    # A data script writes to a hidden file first.
    paths = [path for directory in directories for path in sorted(directory.glob("[!.]*.npz"))]
    utterances = (utterance for path in paths for utterance in read_utterances(path))
    examples = [Example.of(utterance) for utterance in utterances if _is_usable(utterance)]
    if not examples:
        raise ValueError("no usable utterance in the data directories")
    return examples


def _is_usable(utterance: Utterance) -> bool:
    frames = len(utterance.cepstra)
    return _SHORTEST_FRAMES <= frames <= _LONGEST_FRAMES and float(utterance.voiced.sum()) >= _FEWEST_VOICED


def feature_statistics(examples: Sequence[Example], speakers: int) -> tuple[Tensor, Tensor]:
    """Mean and deviation (speakers, CEPSTRA + 1) of cepstra over all frames and of log f0 over voiced ones."""
    means = np.zeros((speakers, CEPSTRA + 1))
    deviations = np.ones((speakers, CEPSTRA + 1))
    for speaker in sorted({example.speaker for example in examples}):
        frames = np.concatenate([e.features for e in examples if e.speaker == speaker]).astype(np.float64)
        voiced = frames[frames[:, CEPSTRA + 1] > 0.5, CEPSTRA]
        means[speaker] = [*frames[:, :CEPSTRA].mean(axis=0), voiced.mean()]
        deviations[speaker] = [*frames[:, :CEPSTRA].std(axis=0), voiced.std()]
    return torch.tensor(means).float(), torch.tensor(np.maximum(deviations, 1e-3)).float()


def collate(examples: Sequence[Example], table: SymbolTable) -> Batch:
    """One padded batch."""
    symbols = max(len(example.symbols) for example in examples)
    frames = max(example.frames for example in examples)
    count = len(examples)
    ids, durations = torch.zeros(count, symbols).long(), torch.zeros(count, symbols).long()
    features = torch.zeros(count, frames, CEPSTRA + 2)
    symbol_mask, frame_mask = torch.zeros(count, symbols, 1), torch.zeros(count, frames, 1)
    for row, example in enumerate(examples):
        length = len(example.symbols)
        ids[row, :length] = torch.tensor(table.ids(example.symbols))
        durations[row, :length] = torch.from_numpy(example.durations.astype(np.int64))
        features[row, : example.frames] = torch.from_numpy(example.features.astype(np.float32))
        symbol_mask[row, :length] = 1.0
        frame_mask[row, : example.frames] = 1.0
    speaker = torch.tensor([example.speaker for example in examples])
    tonal = torch.tensor([float(example.language in _TONE_LANGUAGES) for example in examples])
    return Batch(ids, speaker, durations, features, symbol_mask, frame_mask, tonal)


class Batches:
    """An endless sequence of batches: `at(step)` is a function of the seed and the step.

    Sentences of similar length share a batch. So that long sentences, foreign words and missing marks are met, some are
    joined with another of the same speaker without the pause between them, some get a phrase of another language
    inserted, and some lose their final mark.
    """

    def __init__(self, examples: Sequence[Example], table: SymbolTable, *, size: int, seed: int) -> None:
        self._examples = list(examples)
        self._table = table
        self._size = min(size, len(self._examples))
        self._seed = seed
        self._by_speaker: dict[int, list[Example]] = {}
        self._phrases: dict[tuple[int, str], list[Example]] = {}
        for example in self._examples:
            self._by_speaker.setdefault(example.speaker, []).append(example)
            if example.frames <= _LONGEST_PHRASE_FRAMES:
                self._phrases.setdefault((example.speaker, example.language), []).append(example)
        self._epoch, self._order = -1, list[list[int]]()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return len(self._examples) // self._size

    def at(self, step: int) -> Batch:
        epoch, place = divmod(step, len(self))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._shuffled(epoch)
        chance = _chance(f"{self._seed}/{step}")
        varied = [self._varied(self._examples[number], chance) for number in self._order[place]]
        return collate(varied, self._table)

    def _shuffled(self, epoch: int) -> list[list[int]]:
        chance = _chance(f"{self._seed}/epoch {epoch}")
        numbers = list(range(len(self._examples)))
        chance.shuffle(numbers)
        numbers = numbers[: len(self) * self._size]
        numbers.sort(key=lambda number: self._examples[number].frames + chance.uniform(0.0, 40.0))
        batches = [numbers[start : start + self._size] for start in range(0, len(numbers), self._size)]
        chance.shuffle(batches)
        return batches

    def _varied(self, example: Example, chance: random.Random) -> Example:
        draw = chance.random()
        if draw < _JOINED_SHARE:
            other = chance.choice(self._by_speaker[example.speaker])
            fits = example.frames + other.frames <= _LONGEST_FRAMES
            return joined(example, other) if fits else example
        if draw < _JOINED_SHARE + _INSERTED_SHARE:
            return self._with_foreign_phrase(example, chance)
        return without_final_mark(example) if draw > 1.0 - _UNMARKED_SHARE else example

    def _with_foreign_phrase(self, example: Example, chance: random.Random) -> Example:
        """The same where there is no other language or no place for a phrase."""
        foreign = [
            phrases
            for (speaker, language), phrases in self._phrases.items()
            if speaker == example.speaker and language != example.language
        ]
        places = word_ends(example.symbols)
        if not foreign or not places or example.frames > _LONGEST_FRAMES - _LONGEST_PHRASE_FRAMES:
            return example
        return inserted(example, chance.choice(places), chance.choice(chance.choice(foreign)))


def _chance(key: str) -> random.Random:
    return random.Random(key)  # noqa: S311 - the order of sentences is no secret


def joined(first: Example, second: Example) -> Example:
    """Two utterances as one without a pause: the first one's end and final mark make room for a space."""
    end = _end_of_words(first)
    return _assembled(first, [(first, 0, end), None, (second, 1, len(second.symbols))])


def inserted(host: Example, place: int, guest: Example) -> Example:
    """`host` with the words of `guest` before its symbol number `place`, without pauses, between spaces."""
    parts: list[_Part | None] = [(host, 0, place), (guest, 1, _end_of_words(guest)), None]
    if host.symbols[place - 1] != SPACE:
        parts.insert(1, None)
    return _assembled(host, [*parts, (host, place, len(host.symbols))])


def word_ends(symbols: Sequence[str]) -> list[int]:
    """Places after a space or a tone, where another word may begin."""
    return [place for place in range(2, len(symbols) - 2) if symbols[place - 1] in _WORD_ENDS]


_Part = tuple[Example, int, int]


def _assembled(like: Example, parts: Sequence[_Part | None]) -> Example:
    """Stretches of symbols with their frames, and a space of no duration for each None."""
    symbols: list[str] = []
    durations, features = [], []
    for part in parts:
        if part is None:
            symbols.append(SPACE)
            durations.append(np.zeros(1, np.int32))
            continue
        example, first, last = part
        ends = np.concatenate([[0], np.cumsum(example.durations)])
        symbols += example.symbols[first:last]
        durations.append(example.durations[first:last])
        features.append(example.features[ends[first] : ends[last]])
    return replace(
        like, symbols=tuple(symbols), durations=np.concatenate(durations), features=np.concatenate(features)
    )


def _end_of_words(example: Example) -> int:
    return len(example.symbols) - (2 if example.symbols[-2] in _FINAL_MARKS else 1)


def without_final_mark(example: Example) -> Example:
    """The same without the mark before the end, whose frames the end takes over."""
    if example.symbols[-2] not in _FINAL_MARKS - {"?"}:
        return example
    durations = example.durations
    return replace(
        example,
        symbols=(*example.symbols[:-2], example.symbols[-1]),
        durations=np.concatenate([durations[:-2], durations[-2:].sum(keepdims=True)]),
    )


def held_out(examples: Iterable[Example]) -> Iterator[tuple[str, int, list[Example]]]:
    """Held-out examples by language and speaker."""
    groups: dict[tuple[str, int], list[Example]] = {}
    for example in examples:
        if example.held_out:
            groups.setdefault((example.language, example.speaker), []).append(example)
    for (language, speaker), group in sorted(groups.items(), key=lambda item: item[0]):
        yield language, speaker, group
