"""Sentences on their way: cut from cleaned text, each with its language and the manner it is said in."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tts.text.clauses import split_clauses
from tts.text.insets import Insets, at_borders, is_audible
from tts.text.language import LanguageDetector, canonical_language, is_written_in, primary_subtag, settle
from tts.text.runs import Clause
from tts.text.script import Passage, Script
from tts.text.sentences import pause_after, split_sentences

_EAST_ASIAN = frozenset({"zh", "ja", "ko"})
_LEADING_MARKS = re.compile(r"\s*(?:[，、。；：！？…）”」』》】]|[,.;:!?)](?![0-9A-Za-z])){1,8}\s*")


@dataclass(slots=True)
class Draft:
    """A sentence before the rules: see `Sentence`. `passage` counts the passages of the script from 0."""

    clauses: list[Clause]
    language: str
    passage: int
    pause_after_seconds: float
    break_before_seconds: float = 0.0
    break_after_seconds: float = 0.0

    @property
    def text(self) -> str:
        return "".join(clause.text for clause in self.clauses)


class Drafter:
    """Cuts one cleaned text. `language` is that of the request, None to detect it."""

    def __init__(self, script: Script, language: str | None, insets: Insets) -> None:
        self._script = script
        self._insets = insets
        self.detectors = [
            LanguageDetector(_language_of(passage, script, language)) for passage in script.passages
        ]

    def drafts(self, text: str, *, clauses: bool) -> list[Draft]:
        """The sentences of `text`; with `clauses` those in English inside East Asian ones stand apart."""
        drafts: list[Draft] = []
        waiting: float | None = None
        silent = ""
        for number, passage_text in at_borders(text):
            waiting = _sum(waiting, self._script.passages[number].break_before_seconds)
            marks = _leading_marks(passage_text) if drafts and waiting is None else ""
            rest = passage_text[len(marks) :]
            if drafts:
                _extend(drafts[-1], marks)
            if not is_audible(rest):
                silent = self._keep_silent(silent + rest, drafts)
                continue
            found = self._cut(silent + rest, number)
            _join_at_border(drafts, found, waiting)
            drafts += found
            silent, waiting = "", None
        drafts[-1].break_after_seconds = _sum(waiting, self._script.break_after_seconds) or 0.0
        self._name_languages(drafts)
        if clauses:
            self._split_clauses(drafts)
        return drafts

    def language_at(self, text: str) -> Callable[[int], str]:
        """Tells the language of the run at an index of `text`; all runs are found when it is first asked."""
        found: list[tuple[int, str]] = []

        def language_at(index: int) -> str:
            if not found:
                found.extend(self._run_ends(text))
            return found[min(bisect_right(found, index, key=lambda run: run[0]), len(found) - 1)][1]

        return language_at

    def _run_ends(self, text: str) -> Iterator[tuple[int, str]]:
        segments = [
            (number, segment.text)
            for number, passage_text in at_borders(text)
            for segment in split_sentences(passage_text)
        ]
        position = before = 0
        for (number, segment), language in zip(segments, self._languages(segments), strict=True):
            # A border is a character of `text` too.
            position += number - before
            before = number
            for tag, run in self.detectors[number].runs(segment, language):
                position += len(run)
                yield position, tag

    def _languages(self, segments: Sequence[tuple[int, str]]) -> list[str]:
        """The language of each (number of its passage, sentence)."""
        return settle(
            [self.detectors[number].sentence(self._insets.shown(text)) for number, text in segments]
        )

    def _keep_silent(self, text: str, drafts: list[Draft]) -> str:
        """Where marks and spaces of a silent passage go: to the sentence before, else they wait for the next."""
        if not drafts:
            return text
        _extend(drafts[-1], text)
        return ""

    def _cut(self, text: str, number: int) -> list[Draft]:
        return [
            Draft([Clause(segment.text, "")], "", number, segment.pause_after_seconds)
            for segment in split_sentences(text)
        ]

    def _name_languages(self, drafts: Sequence[Draft]) -> None:
        languages = self._languages([(draft.passage, draft.text) for draft in drafts])
        for draft, language in zip(drafts, languages, strict=True):
            draft.language = draft.clauses[0].language = language

    def _split_clauses(self, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            is_detected = self.detectors[draft.passage].forced is None
            if is_detected and primary_subtag(draft.language) in _EAST_ASIAN:
                draft.clauses = [Clause(*part) for part in split_clauses(draft.text, draft.language)]


def _language_of(passage: Passage, script: Script, language: str | None) -> str | None:
    if passage.language:
        return canonical_language(passage.language)
    document = canonical_language(script.language) if script.language else ""
    if document and is_written_in(document, passage.written):
        return document
    return canonical_language(language) if language else None


def _join_at_border(drafts: Sequence[Draft], found: Sequence[Draft], waiting: float | None) -> None:
    """Settle the silence between the last sentence of one passage and the first of the next.

    A break replaces the pause that punctuation asks for, as in SSML 1.1, 3.2.3.
    """
    if waiting is not None:
        found[0].break_before_seconds = waiting
    if drafts:
        drafts[-1].pause_after_seconds = 0.0 if waiting is not None else pause_after(drafts[-1].text)


def _leading_marks(text: str) -> str:
    marks = _LEADING_MARKS.match(text)
    return marks[0] if marks else ""


def _extend(draft: Draft, text: str) -> None:
    draft.clauses[-1].text += text


def _sum(one: float | None, other: float | None) -> float | None:
    return one if other is None else (one or 0.0) + other
