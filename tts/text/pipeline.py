"""From the text a client sent to the sentences an engine speaks."""

from collections.abc import Iterator
from dataclasses import dataclass

from tts.text import en, zh
from tts.text.belt import break_digits, break_words, limit_apostrophes
from tts.text.clean import CLEANING, is_speakable
from tts.text.count import count_characters
from tts.text.language import CHINESE, LanguageDetector, canonical_language, primary_subtag
from tts.text.rules import Rule
from tts.text.sentences import Segment, split_long, split_sentences
from tts.text.types import NothingToSpeak, PreparedText, Run, Sentence, Step
from tts.text.unicode import drop_surrogates, show_surrogates

_RULES: dict[str, tuple[Rule, ...]] = {"zh": zh.RULES, "en": en.RULES}
_BEFORE_RULES = (("limit-apostrophes", limit_apostrophes), ("break-long-numbers", break_digits))


@dataclass(slots=True)
class _Passage:
    """A sentence on its way through the rules."""

    text: str
    language: str
    pause_after_seconds: float


def prepare(text: str, *, language: str | None = None, normalize: bool = True) -> PreparedText:
    """Clean, normalise and cut `text` for speaking.

    `language` is a BCP 47 tag for everything written in Latin letters, Chinese characters or digits; None
    detects it sentence by sentence (a text without letters is read in Chinese). Chinese sentences come out
    with full-width clause marks, English ones with ASCII. With `normalize` false numbers, symbols,
    abbreviations and marks stay as written; cleaning and cutting still happen. Each entry of `steps` starts
    from the text the one before it left; lone surrogates show as U+FFFD in the first. Takes every `str`, in
    linear time.

    Raises `NothingToSpeak` when no letter, digit or ideograph remains, and nothing else.
    """
    steps: list[Step] = []
    cleaned = _clean(text, steps)
    if not is_speakable(cleaned):
        raise NothingToSpeak("nothing to speak: the text holds no letter, digit or ideograph")
    detector = LanguageDetector(canonical_language(language) if language else None)
    passages = _passages(cleaned, detector)
    if normalize:
        for tag, rules in _RULES.items():
            _apply_rules(passages, tag, rules, steps)
    _break_words(passages, steps)
    passages[0].text = passages[0].text.lstrip()
    passages[-1].text = passages[-1].text.rstrip()
    return PreparedText(
        characters=count_characters(text),
        normalized=_join(passages),
        runs=_runs(passages, detector),
        sentences=_sentences(passages),
        steps=tuple(steps),
    )


def _clean(text: str, steps: list[Step]) -> str:
    shown = show_surrogates(text)
    current = drop_surrogates(text)
    for name, step in (*CLEANING, *_BEFORE_RULES):
        after = step(current)
        if after != shown:
            steps.append(Step(name, shown, after))
        shown = current = after
    return current


def _passages(text: str, detector: LanguageDetector) -> list[_Passage]:
    segments = split_sentences(text)
    languages = _fill([detector.sentence(segment.text) for segment in segments])
    return [
        _Passage(segment.text, language, segment.pause_after_seconds)
        for segment, language in zip(segments, languages, strict=True)
    ]


def _fill(languages: list[str | None]) -> list[str]:
    """A sentence of digits takes the language before it, else the first one after it, else Chinese."""
    current = next((language for language in languages if language), CHINESE)
    filled = []
    for language in languages:
        current = language or current
        filled.append(current)
    return filled


def _apply_rules(passages: list[_Passage], tag: str, rules: tuple[Rule, ...], steps: list[Step]) -> None:
    chosen = [passage for passage in passages if primary_subtag(passage.language) == tag]
    if not chosen:
        return
    with_digits = [passage for passage in chosen if _has_digit(passage.text)]
    for rule in rules:
        _apply_rule(rule, with_digits if rule.digits else chosen, passages, steps)


def _has_digit(text: str) -> bool:
    return any(digit in text for digit in "0123456789")


def _apply_rule(rule: Rule, chosen: list[_Passage], passages: list[_Passage], steps: list[Step]) -> None:
    changed = [(passage, after) for passage in chosen if (after := rule.apply(passage.text)) != passage.text]
    if not changed:
        return
    before = _join(passages)
    for passage, after in changed:
        passage.text = after
    steps.append(Step(rule.name, before, _join(passages)))


def _break_words(passages: list[_Passage], steps: list[Step]) -> None:
    before = _join(passages)
    for passage in passages:
        passage.text = break_words(break_digits(limit_apostrophes(passage.text)))
    after = _join(passages)
    if after != before:
        steps.append(Step("break-long-words", before, after))


def _join(passages: list[_Passage]) -> str:
    return "".join(passage.text for passage in passages).strip()


def _runs(passages: list[_Passage], detector: LanguageDetector) -> tuple[Run, ...]:
    merged: list[tuple[str, list[str]]] = []
    for passage in passages:
        for language, text in detector.runs(passage.text, passage.language):
            if merged and merged[-1][0] == language:
                merged[-1][1].append(text)
            else:
                merged.append((language, [text]))
    return tuple(Run(language, "".join(parts)) for language, parts in merged)


def _sentences(passages: list[_Passage]) -> tuple[Sentence, ...]:
    pieces = list(_pieces(passages))
    last = len(pieces) - 1
    return tuple(
        Sentence(" ".join(piece.text.split()), language, 0.0 if index == last else piece.pause_after_seconds)
        for index, (piece, language) in enumerate(pieces)
    )


def _pieces(passages: list[_Passage]) -> Iterator[tuple[Segment, str]]:
    for passage in passages:
        for piece in split_long(Segment(passage.text, passage.pause_after_seconds)):
            yield piece, passage.language
