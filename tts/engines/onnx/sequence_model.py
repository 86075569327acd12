"""A loaded voice of any family but Piper: a front end that makes ids of runs, and a graph that makes samples of ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tts.engines.base import CancelToken, Deadline, EngineError, Samples
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.speaking import SMOKE_UNITS, check_ids, check_speaker, joined, smoke_test
from tts.engines.phoneme_log import phonemes_log
from tts.text.types import Run
from tts.voices.description import VoiceDescription
from tts.voices.problems import VoiceIncompatible


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is said: ids without the blanks between them and the frame around them, and a tone for each where the
    graph takes tones. `marks` and `gaps` are the places in `ids` after a punctuation mark and after a word."""

    ids: tuple[int, ...]
    tones: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()
    gaps: tuple[int, ...] = ()

    def pieces(self, most: int) -> "Iterator[Utterance]":
        """Utterances of at most `most` ids: cut after the last mark that fits, else after the last word, else
        anywhere."""
        start = 0
        while len(self.ids) - start > most:
            end = self._cut(start, most)
            yield Utterance(self.ids[start:end], self.tones[start:end])
            start = end
        yield Utterance(self.ids[start:], self.tones[start:])

    def _cut(self, start: int, most: int) -> int:
        for places in (self.marks, self.gaps):
            # A mark right at the start would cut off next to nothing and keep the long part.
            fitting = [place for place in places if start + most // 3 < place <= start + most]
            if fitting:
                return max(fitting)
        return start + most


@dataclass(slots=True)
class UtteranceBuilder:
    """An utterance while it grows."""

    ids: list[int] = field(default_factory=list)
    tones: list[int] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)

    def add(self, ids: Sequence[int], tones: Sequence[int] = (), *, is_mark: bool = False) -> None:
        """One word or mark."""
        if ids:
            self.ids.extend(ids)
            self.tones.extend(tones)
            (self.marks if is_mark else self.gaps).append(len(self.ids))

    def done(self) -> Utterance:
        return Utterance(tuple(self.ids), tuple(self.tones), tuple(self.marks), tuple(self.gaps))


class FrontEnd(Protocol):
    """Runs of text to what the graph takes."""

    @property
    def symbols(self) -> int:
        """How many ids there are."""
        ...

    def utterance(
        self, runs: Sequence[Run], *, speaker: int, phonemizer: Phonemizer, deadline: Deadline
    ) -> Utterance:
        """Of what no sound is known the utterance is empty. Raises what the phonemizer raises."""
        ...

    def sample(self) -> Utterance:
        """A dozen sounds of the voice, for the test before first use. Raises `VoiceIncompatible` where it has none."""
        ...


class Graph(Protocol):
    """Ids to samples."""

    def run(
        self, utterance: Utterance, *, speaker: int, speed: float, deadline: Deadline, cancel: CancelToken
    ) -> Samples:
        """Samples from one run, shape (n,), with blanks and frame added.

        `utterance` has ids below the front end's `symbols`, and `speaker` exists.

        Raises what `session.run` raises, and `EngineError` for a speed that is absurd.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SequenceModel:
    """See `VoiceModel`. Each run of `graph` gets at most `most` ids."""

    description: VoiceDescription
    front_end: FrontEnd
    graph: Graph
    most: int

    def say(
        self,
        runs: Sequence[Run],
        *,
        phonemizer: Phonemizer,
        speaker: int,
        speed: float,
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Samples:
        # The front end may need the speaker, to know what accent it reads with.
        check_speaker(speaker, len(self.description.speakers))
        utterance = self.front_end.utterance(runs, speaker=speaker, phonemizer=phonemizer, deadline=deadline)
        phonemes_log(self.description.name, utterance.ids)
        return self.speak(utterance, speaker=speaker, speed=speed, deadline=deadline, cancel=cancel)

    def speak(
        self,
        utterance: Utterance,
        *,
        speaker: int = 0,
        speed: float = 1.0,
        deadline: Deadline,
        cancel: CancelToken,
    ) -> Samples:
        """Samples of `utterance`. Raises what `Graph.run` raises, `EngineError` for ids or a speaker that are not
        the voice's or for no ids at all."""
        check_speaker(speaker, len(self.description.speakers))
        if not utterance.ids:
            raise EngineError("no phoneme of the text is known to the voice")
        check_ids(utterance.ids, self.front_end.symbols)
        if utterance.tones and len(utterance.tones) != len(utterance.ids):
            raise EngineError(f"{len(utterance.tones)} tones for {len(utterance.ids)} ids")
        return joined(
            (
                self.graph.run(piece, speaker=speaker, speed=speed, deadline=deadline, cancel=cancel)
                for piece in utterance.pieces(self.most)
            ),
            self.description.sample_rate,
        )


def ready(model: SequenceModel, cancel: CancelToken) -> SequenceModel:
    """`model` after its first and last speaker have said something. Raises `VoiceIncompatible`, `SynthesisCanceled`."""
    sample = model.front_end.sample()
    if not sample.ids:
        raise VoiceIncompatible("its tokens hold no letter")

    def say(speaker: int, deadline: Deadline) -> Samples:
        return model.speak(sample, speaker=speaker, deadline=deadline, cancel=cancel)

    smoke_test(
        say,
        speakers=len(model.description.speakers),
        sample_rate=model.description.sample_rate,
        units=max(SMOKE_UNITS, len(sample.ids)),
        cancel=cancel,
    )
    return model


def as_ids(ids: Sequence[int]) -> NDArray[np.int64]:
    """Shape (1, n)."""
    return np.array([ids], dtype=np.int64)
