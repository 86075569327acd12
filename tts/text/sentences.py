"""Cutting text into sentences, and long sentences into pieces of about ten seconds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tts.text.addresses import WEB
from tts.text.clean import is_speakable

PAUSE_SENTENCE_SECONDS = 0.35
PAUSE_SEMICOLON_SECONDS = 0.25
PAUSE_COMMA_SECONDS = 0.15
PAUSE_PARAGRAPH_SECONDS = 0.6

MAX_HAN = 60
"""Chinese characters, kana or Hangul syllables in one sentence."""

MAX_WORDS = 40
"""Words of other scripts in one sentence; one counts again for every eight letters beyond the first eight."""

# The common measure of both limits: a sentence may weigh 120.
_MAX_WEIGHT = 120
_SYLLABLE = _MAX_WEIGHT // MAX_HAN
_WORD = _MAX_WEIGHT // MAX_WORDS
_LETTERS_PER_WORD = 8

_CLOSERS = "[\"'”’」』）)\\]】》〉]{0,6}"
_END = re.compile(
    rf"(?P<address>{WEB})"
    rf"|(?P<point>\.){_CLOSERS}(?=\s|\Z|[\u3400-\u9fff“「『《])[ ]?\n?"
    rf"|(?P<mark>[。！？?；;…]|!(?!= ?[\w-])){_CLOSERS} ?\n?"
    r"|(?P<line>\n)"
)
_WORD_BEFORE = re.compile(r"(?:\A|[^A-Za-z.])([A-Za-z][A-Za-z.]{0,11})\Z")
_LIST_NUMBER = re.compile(r"(?:\A|[\s。！？；，：!?;,:])[0-9]{1,3}\Z")
_LINE_START_NUMBER = re.compile(r"(?:\A|\n) ?[0-9]{1,3}\Z")
_NEVER_LAST = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "mt",
        "gen",
        "capt",
        "sgt",
        "gov",
        "sen",
        "rep",
        "col",
        "lt",
        "e.g",
        "i.e",
        "vs",
        "no",
        "fig",
        "vol",
        "approx",
        "dept",
        "cf",
        "u.s",
        "u.k",
        "u.n",
        "d.c",
        "ph.d",
        "b.a",
        "m.a",
    }
)
_SELDOM_LAST = frozenset({"etc", "inc", "ltd", "corp", "co", "jr", "sr", "a.m", "p.m", "am", "pm"})
_CAPITAL_NEXT = re.compile(r"\s*[\"'“(]?(?:[A-Z\u3400-\u9fff]|\Z|\n)")
_SOFT = re.compile(r"[，、]|[,:：](?=\s|[^\x00-\x7f])")
_ATOM = re.compile(
    r"(?P<syllable>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff])"
    r"|(?P<digit>[0-9]{1,8})|(?P<word>[^\W\d_]{1,40})|(?P<other>\S)|\s+"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text as it stands, with white space, and the pause after it in seconds at speed 1.0."""

    text: str
    pause_after_seconds: float


def split_sentences(text: str) -> list[Segment]:
    """Cut cleaned text after 。！？!?；;…, after a full stop that ends a sentence, and at line feeds.

    Joined, the segments are `text` again; each but the only one of a silent text holds a letter or digit.
    """
    return _merge_silent(_cut_sentences(text))


def split_long(segment: Segment) -> list[Segment]:
    """Cut a sentence that is too long at commas and colons, failing that between words."""
    if _weigh(segment.text) <= _MAX_WEIGHT:
        return [segment]
    pieces = [piece for clause in _clauses(segment.text) for piece in _cut_hard(clause)]
    packed = list(_pack(pieces))
    packed[-1] = Segment(packed[-1].text, segment.pause_after_seconds)
    return _merge_silent(packed)


def _cut_sentences(text: str) -> Iterator[Segment]:
    start = 0
    for match in _END.finditer(text):
        if match["address"]:
            continue
        if match["point"] and "\n" not in match[0] and not _ends_sentence(text, match.start()):
            continue
        yield Segment(text[start : match.end()], _pause(match))
        start = match.end()
    if start < len(text):
        yield Segment(text[start:], 0.0)


def _pause(match: re.Match[str]) -> float:
    if "\n" in match[0]:
        return PAUSE_PARAGRAPH_SECONDS
    return PAUSE_SEMICOLON_SECONDS if match["mark"] in ("；", ";") else PAUSE_SENTENCE_SECONDS


def _ends_sentence(text: str, point: int) -> bool:
    """Whether the full stop at index `point` does not belong to an abbreviation, initial or list number."""
    before = text[max(0, point - 16) : point]
    # `1.苹果 2.香蕉` is a list wherever it stands, `1. Apples` only at the start of a line.
    list_number = _LINE_START_NUMBER if text[point + 1 : point + 2] == " " else _LIST_NUMBER
    if list_number.search(before) and text[point + 1 :].strip():
        return False
    word = _WORD_BEFORE.search(before)
    if word is None:
        return True
    name = word[1].lower()
    is_initial = len(name) == 1 and word[1].isupper() and name != "i"
    if is_initial or name in _NEVER_LAST:
        return False
    return name not in _SELDOM_LAST or bool(_CAPITAL_NEXT.match(text, point + 1))


def _merge_silent(segments: Iterable[Segment]) -> list[Segment]:
    """Join what cannot be spoken alone to its neighbour, keeping the longer pause."""
    merged: list[Segment] = []
    silent = ""
    for segment in segments:
        if not is_speakable(segment.text):
            if merged:
                last = merged[-1]
                pause = max(last.pause_after_seconds, segment.pause_after_seconds)
                merged[-1] = Segment(last.text + segment.text, pause)
            else:
                silent += segment.text
            continue
        merged.append(Segment(silent + segment.text, segment.pause_after_seconds))
        silent = ""
    return merged or [Segment(silent, 0.0)]


def _weigh(text: str) -> int:
    weight = 0
    for match in _ATOM.finditer(text):
        kind = match.lastgroup
        if kind == "syllable":
            weight += _SYLLABLE
        elif kind == "digit":
            weight += _SYLLABLE * len(match[0])
        elif kind == "word":
            weight += _WORD * -(-len(match[0]) // _LETTERS_PER_WORD)
    return weight


def _clauses(text: str) -> Iterator[str]:
    start = 0
    for match in _SOFT.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]


def _cut_hard(clause: str) -> Iterator[tuple[str, int]]:
    """Pieces of a clause, each with its weight."""
    weight, start = 0, 0
    for match in _ATOM.finditer(clause):
        step = _weigh(match[0])
        if weight + step > _MAX_WEIGHT:
            yield clause[start : match.start()], weight
            start, weight = match.start(), 0
        weight += step
    yield clause[start:], weight


def _pack(pieces: Iterable[tuple[str, int]]) -> Iterator[Segment]:
    """Join neighbours up to the limit."""
    text, weight = "", 0
    for piece, piece_weight in pieces:
        if text and weight + piece_weight > _MAX_WEIGHT:
            yield Segment(text, PAUSE_COMMA_SECONDS if _SOFT.search(text[-2:] + " ") else 0.0)
            text, weight = "", 0
        text += piece
        weight += piece_weight
    yield Segment(text, 0.0)
