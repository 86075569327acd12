"""From the text a client sent to the sentences an engine speaks."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

from tts.text.belt import break_digits, break_words, limit_apostrophes
from tts.text.clean import CleaningStep, cleaning, drop_unspeakable, is_speakable
from tts.text.composition import compose, is_plain
from tts.text.drafts import Draft, Drafter
from tts.text.emoji import EmojiPolicy
from tts.text.features import CLAUSES, FOREIGN_MARKUP, LEXICON
from tts.text.insets import Inset, Insets, between_standins
from tts.text.language import primary_subtag
from tts.text.lexicon import Lexicon
from tts.text.rules import Rule
from tts.text.runs import Clause, cut_clauses, merged, runs_of, with_single_spaces
from tts.text.say_as import read_out
from tts.text.script import Script, plain
from tts.text.sentences import Segment, split_long
from tts.text.tables import RULES
from tts.text.types import NothingToSpeak, PreparedText, Run, Sentence, Step
from tts.text.unicode import drop_surrogates, show_surrogates

_BEFORE_RULES = (
    CleaningStep("limit-apostrophes", "", limit_apostrophes),
    CleaningStep("break-long-numbers", "", break_digits),
)

logger = logging.getLogger(__name__)


def prepare(
    source: str | Script,
    *,
    language: str | None = None,
    normalize: bool = True,
    lexicon: Lexicon | None = None,
    off: frozenset[str] = frozenset(),
    emoji: EmojiPolicy = "drop",
) -> PreparedText:
    """Clean, normalise and cut a text, or the script SSML makes of one, for speaking.

    `language` is a BCP 47 tag for everything written in Latin letters, Chinese characters or digits; None
    detects it sentence by sentence (a text without letters is read in Chinese), and for English inside East Asian
    sentences clause by clause. A language that a script names goes before it. Chinese sentences come out with
    full-width clause marks, English ones with ASCII. With `normalize` false numbers, symbols, abbreviations and marks
    stay as written; cleaning and cutting still happen, and `lexicon` and the directions of a script still hold.
    `off` names features (`tts.text.features`) to leave out.

    Each entry of `steps` starts from the text the one before it left; lone surrogates show as U+FFFD in the first.
    Takes every `str`, in linear time. Raises `NothingToSpeak` when no letter, digit or ideograph remains, and nothing
    else.
    """
    script = plain(source) if isinstance(source, str) else source
    work = _Work(script, Insets(), off)
    cleaned = _clean(work, language, emoji)
    if not is_speakable(work.insets.shown(cleaned)):
        raise NothingToSpeak("nothing to speak: the text holds no letter, digit or ideograph")
    drafter = Drafter(script, language, work.insets)
    if lexicon and LEXICON not in off:
        cleaned = _look_up(work, cleaned, lexicon, drafter)
    drafts = drafter.drafts(cleaned, clauses=CLAUSES not in off)
    clauses = [clause for draft in drafts for clause in draft.clauses]
    _read_out(work, clauses)
    if normalize:
        for tag in RULES:
            _apply_rules(work, clauses, tag)
    _settle(work, clauses)
    runs = [tuple(_runs(work, draft.clauses, draft, drafter)) for draft in drafts]
    return PreparedText(
        characters=script.characters,
        normalized=_shown(work, clauses),
        runs=merged(chain.from_iterable(runs)),
        sentences=tuple(_sentences(work, drafts, runs, drafter)),
        steps=tuple(work.steps),
    )


@dataclass(slots=True)
class _Work:
    """What the stages share: the text's insets, and the steps taken."""

    script: Script
    insets: Insets
    off: frozenset[str]
    steps: list[Step] = field(default_factory=list)

    def note(self, rule: str, before: str, after: str) -> None:
        if before != after:
            self.steps.append(Step(rule, before, after))

    def shown(self, text: str) -> str:
        """As people read it: insets as their words, nothing around it."""
        return self.insets.shown(text).strip()

    def rules(self, language: str) -> Iterator[Rule]:
        return (rule for rule in RULES.get(primary_subtag(language), ()) if rule.feature not in self.off)


def _clean(work: _Work, language: str | None, emoji: EmojiPolicy) -> str:
    text = compose(work.script, work.insets)
    # An inset at an end, a break, may stand before a space that nothing else of the text needs.
    shown = show_surrogates(text) if is_plain(work.script) else work.shown(show_surrogates(text))
    if work.script.source:
        work.note("ssml", work.script.source, shown)
    text = drop_surrogates(text)
    off = work.off | FOREIGN_MARKUP if work.script.source else work.off
    for step in (*cleaning(emoji, language), *_BEFORE_RULES):
        if step.feature in off:
            continue
        if step.apply is drop_unspeakable and not is_plain(work.script):
            # It drops private-use characters, which stand for insets here and not for what a client sent.
            text = between_standins(step.apply, text)
        else:
            text = step.apply(text)
        after = work.insets.shown(text) if is_plain(work.script) else work.shown(text)
        work.note(step.name, shown, after)
        shown = after
    return text


def _look_up(work: _Work, text: str, lexicon: Lexicon, drafter: Drafter) -> str:
    after = lexicon.apply(text, work.insets, drafter.language_at(text))
    work.note("lexicon", work.insets.shown(text), work.insets.shown(after))
    return after


def _read_out(work: _Work, clauses: Sequence[Clause]) -> None:
    """Give the insets that waited for their language their words."""
    if not work.insets:
        return
    before = _shown(work, clauses)
    for clause in clauses:
        clause.text = work.insets.replace(clause.text, partial(_said, work, clause.language))
    work.note("say-as", before, _shown(work, clauses))


def _said(work: _Work, language: str, inset: Inset) -> str:
    if not inset.waiting:
        return work.insets.add(inset)

    def by_rules(text: str) -> str:
        for rule in work.rules(language):
            text = rule.apply(text)
        return text

    # What has no such reading is better read in some way than not at all.
    said = read_out(inset.text, inset.waiting, language, by_rules) or inset.text
    return work.insets.add(Inset(" ".join(break_words(limit_apostrophes(said)).split())))


def _apply_rules(work: _Work, clauses: Sequence[Clause], tag: str) -> None:
    chosen = [clause for clause in clauses if primary_subtag(clause.language) == tag]
    if not chosen:
        return
    with_digits = [clause for clause in chosen if _has_digit(clause.text)]
    for rule in work.rules(tag):
        _apply_rule(work, rule, with_digits if rule.digits else chosen, clauses)


def _has_digit(text: str) -> bool:
    return any(digit in text for digit in "0123456789")


def _apply_rule(work: _Work, rule: Rule, chosen: Sequence[Clause], clauses: Sequence[Clause]) -> None:
    texts = _applied_to_all(rule, [clause.text for clause in chosen])
    changed = [(clause, after) for clause, after in zip(chosen, texts, strict=True) if after != clause.text]
    if not changed:
        return
    before = _shown(work, clauses)
    for clause, after in changed:
        clause.text = after
    work.note(rule.name, before, _shown(work, clauses))


def _applied_to_all(rule: Rule, texts: Sequence[str]) -> list[str]:
    # The calls of two functions for each sentence and rule would be most of the time that sentences of one digit take.
    substitute, replacement = rule.pattern.sub, rule.replace
    try:
        return [substitute(replacement, text) for text in texts]
    except Exception:  # noqa: BLE001 - whatever it is, one by one the sentences it spares are found
        return [_applied(rule, text) for text in texts]


def _applied(rule: Rule, text: str) -> str:
    """What `rule` makes of `text`; the text as it is where the rule fails, for nobody should go without an answer
    because one rule has a fault. The tests of this folder fail on the line it logs."""
    try:
        return rule.apply(text)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the other rules and the engines can go on
        logger.error("text rule %s failed: %s", rule.name, type(problem).__name__)
        return text


def _settle(work: _Work, clauses: Sequence[Clause]) -> None:
    """No rule follows: put what is said into its place, break words that are too long, trim the ends."""
    before = _shown(work, clauses)
    for clause in clauses:
        text = work.insets.replace(clause.text, lambda inset: _in_place(work, inset))
        clause.text = break_words(break_digits(limit_apostrophes(text)))
    _trim(clauses)
    work.note("break-long-words", before, _shown(work, clauses))


def _in_place(work: _Work, inset: Inset) -> str:
    return work.insets.add(inset) if inset.phonemes else inset.text


def _trim(clauses: Sequence[Clause]) -> None:
    for clause in clauses:
        clause.text = clause.text.lstrip()
        if clause.text:
            break
    for clause in reversed(clauses):
        clause.text = clause.text.rstrip()
        if clause.text:
            break


def _shown(work: _Work, clauses: Sequence[Clause]) -> str:
    return work.shown("".join(clause.text for clause in clauses))


def _runs(work: _Work, clauses: Sequence[Clause], draft: Draft, drafter: Drafter) -> Iterator[Run]:
    return runs_of(clauses, drafter.detectors[draft.passage], work.insets)


def _sentences(
    work: _Work, drafts: Sequence[Draft], runs: Sequence[tuple[Run, ...]], drafter: Drafter
) -> Iterator[Sentence]:
    for draft, whole in zip(drafts, runs, strict=True):
        pause = 0.0 if draft is drafts[-1] else draft.pause_after_seconds
        pieces = split_long(Segment(draft.text, pause), work.insets.shown)
        if len(pieces) == 1:
            yield _sentence(work, draft, pieces[0], whole)
            continue
        cut = cut_clauses(draft.clauses, [piece.text for piece in pieces])
        for piece, clauses in zip(pieces, cut, strict=True):
            sentence = _sentence(work, draft, piece, _runs(work, clauses, draft, drafter))
            yield replace(
                sentence,
                break_before_seconds=sentence.break_before_seconds if piece is pieces[0] else 0.0,
                break_after_seconds=sentence.break_after_seconds if piece is pieces[-1] else 0.0,
            )


def _sentence(work: _Work, draft: Draft, piece: Segment, runs: Iterable[Run]) -> Sentence:
    spaced = with_single_spaces(runs)
    return Sentence(
        text="".join(run.text for run in spaced),
        language=draft.language,
        pause_after_seconds=piece.pause_after_seconds,
        runs=spaced,
        rate=work.script.passages[draft.passage].rate,
        break_before_seconds=draft.break_before_seconds,
        break_after_seconds=draft.break_after_seconds,
    )
