"""Stretches of one language inside sentences."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tts.text.insets import Inset, Insets
from tts.text.language import LanguageDetector, canonical_language
from tts.text.types import Run

_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Clause:
    """Part of a sentence on its way through the rules of one language (BCP 47)."""

    text: str
    language: str


def runs_of(clauses: Iterable[Clause], detector: LanguageDetector, insets: Insets) -> Iterator[Run]:
    """The runs of `clauses`, joined the texts of these with their insets in place. None is empty."""
    for clause in clauses:
        for language, text in detector.runs(clause.text, clause.language):
            if not insets:
                if text:
                    yield Run(language, text)
                continue
            for part in insets.parts(text):
                if isinstance(part, Inset):
                    yield _inset_run(part, clause.language, detector)
                else:
                    yield Run(language, part)


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """`runs` with neighbours of one language joined, and marks alone joined to a neighbour in any.

    Runs with phonemes stay as they are. Empty ones are left out.
    """
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if not run.text:
            continue
        if last is None or last.phonemes or run.phonemes:
            joined.append(run)
        elif last.language == run.language or not _has_words(run):
            joined[-1] = Run(last.language, last.text + run.text)
        elif not _has_words(last):
            joined[-1] = Run(run.language, last.text + run.text)
        else:
            joined.append(run)
    return tuple(joined)


def _has_words(run: Run) -> bool:
    return any(map(str.isalnum, run.text))


def with_single_spaces(runs: Iterable[Run]) -> tuple[Run, ...]:
    """`runs` with one space for white space of any length, and none at either end."""
    spaced: list[Run] = []
    for run in runs:
        text = run.text
        if "\n" in text or "  " in text:
            text = _SPACE.sub(" ", text)
        if not spaced or spaced[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if text:
            spaced.append(run if text is run.text else Run(run.language, text, run.phonemes))
    while spaced and spaced[-1].text.endswith(" "):
        last = spaced.pop()
        if last.text != " ":
            spaced.append(Run(last.language, last.text.rstrip(), last.phonemes))
    return merged(spaced)


def cut_clauses(clauses: Sequence[Clause], pieces: Iterable[str]) -> Iterator[list[Clause]]:
    """The parts of `clauses` that make up each of `pieces`, whose texts joined are those of `clauses`."""
    waiting = [Clause(clause.text, clause.language) for clause in reversed(clauses)]
    for piece in pieces:
        wanted, found = len(piece), list[Clause]()
        while wanted and waiting:
            clause = waiting.pop()
            found.append(Clause(clause.text[:wanted], clause.language))
            if len(clause.text) > wanted:
                waiting.append(Clause(clause.text[wanted:], clause.language))
            wanted -= len(found[-1].text)
        yield found


def _inset_run(inset: Inset, language: str, detector: LanguageDetector) -> Run:
    if inset.language:
        return Run(canonical_language(inset.language), inset.text, inset.phonemes)
    own, _ = next(detector.runs(inset.text, language))
    return Run(own, inset.text, inset.phonemes)
