"""Cutting text into sentences, and long sentences into pieces of about ten seconds."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tts.text.addresses import WEB
from tts.text.insets import is_audible

PAUSE_SENTENCE_SECONDS = 0.35
PAUSE_SEMICOLON_SECONDS = 0.25
PAUSE_COLON_SECONDS = 0.25
PAUSE_DASH_SECONDS = 0.2
PAUSE_COMMA_SECONDS = 0.15
PAUSE_PARAGRAPH_SECONDS = 0.6
PAUSE_LIST_ITEM_SECONDS = 0.4

MAX_HAN = 60
"""Chinese characters, kana or Hangul syllables in one sentence."""

MAX_WORDS = 40
"""Words of other scripts in one sentence; one counts again for every eight letters beyond the first eight."""

# The common measure of both limits: a sentence may weigh 120.
_MAX_WEIGHT = 120
_SYLLABLE = _MAX_WEIGHT // MAX_HAN
_WORD = _MAX_WEIGHT // MAX_WORDS
_LETTERS_PER_WORD = 8

_CLOSING = "\"'”’」』）)]】》〉"
_CLOSERS = f"[{re.escape(_CLOSING)}]{{0,6}}"
_END = re.compile(
    rf"(?P<address>{WEB})"
    rf"|(?P<point>\.){_CLOSERS}(?=\s|\Z|[\u3400-\u9fff“「『《])[ ]?\n?"
    rf"|(?P<mark>[。！？?；;…]|!(?!= ?[\w-]|(?<=[0-9]!) ?[=+×÷] ?[0-9])){_CLOSERS} ?\n?"
    r"|(?P<line>\n)"
)
_WORD_BEFORE = re.compile(r"(?:\A|[^A-Za-z.])([A-Za-z][A-Za-z.]{0,11})\Z")
_LIST_NUMBER = re.compile(r"(?:\A|[\s。！？；，：!?;,:])[0-9]{1,3}\Z")
_LINE_START_NUMBER = re.compile(r"(?:\A|\n) ?[0-9]{1,3}\Z")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_LAST = _words(
    "mr mrs ms dr prof st mt gen capt sgt gov sen rep col lt hon rev e.g i.e vs approx cf"
    " u.s u.k u.n d.c ph.d b.a m.a avg"
)
"""Abbreviations that something always follows."""

_BEFORE_NUMBERS = _words(
    "no nos fig figs vol vols ch chap pp p est min max ext op art sec ver rm apt ste eq para tel c ca fl bldg ed"
)
"""Abbreviations before a number, and words (`no`, `fig`) elsewhere."""

_BEFORE_WORDS = frozenset({"ca"})
"""Abbreviations that something follows when they are in lower case; `CA` may be the end of an address."""

_SELDOM_LAST = _words(
    "etc inc ltd corp co dept jr sr a.m p.m am pm ave rd blvd ln hwy oz lb lbs tbsp tsp ft yd mi hr hrs mins secs"
    " jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun"
)
"""Abbreviations that end a sentence before a capital letter."""

_NAMES = _words("art sec op jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun")
"""Abbreviations with a capital letter; without one they are words or units."""

_CAPITAL_NEXT = re.compile(r"\s*[\"'“(]?(?:[A-Z\u3400-\u9fff]|\Z|\n)")
_NUMBER_NEXT = re.compile(r" ?[#(]?(?:[0-9]|(?:[IVX]{2,6}|[VX])(?![A-Za-z]))")
_SAME_SENTENCE_NEXT = re.compile(
    r" (?:(?:Mon|Tues?|Wednes|Thurs?|Fri|Satur|Sun)(?:day)?s?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}"
    r"|[ECMP][SD]?T|UTC|GMT|BST|CES?T|[NS][EW]?|[EW])(?![A-Za-z])"
)
_MEASURED_BEFORE = re.compile(r"[0-9] ?[A-Za-z]{1,5}\Z")
_LOWER_CASE_NEXT = re.compile(r" [a-z]")
_SOFT = re.compile(r"[，、]|—+|[,:：](?=\s|[^\x00-\x7f])")
_LIST_ITEM = re.compile(
    r"(?:[-•·*]|[0-9]{1,3}[.、)）]|[一二三四五六七八九十]{1,3}、|[(（][0-9一-十]{1,3}[)）]) ?\S"
)
_PAUSES = (
    (frozenset("。！？.!?…"), PAUSE_SENTENCE_SECONDS),
    (frozenset("；;"), PAUSE_SEMICOLON_SECONDS),
    (frozenset("：:"), PAUSE_COLON_SECONDS),
    (frozenset("—"), PAUSE_DASH_SECONDS),
    (frozenset("，、,"), PAUSE_COMMA_SECONDS),
)
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


def split_long(segment: Segment, shown: Callable[[str], str] = str) -> list[Segment]:
    """Cut a sentence that is too long at commas, colons and dashes, failing that between words.

    `shown` gives the text that will be said, where insets stand for some of it. Joined, the pieces are the sentence
    again.
    """
    if _weigh(shown(segment.text)) <= _MAX_WEIGHT:
        return [segment]
    pieces = [piece for clause in _clauses(segment.text) for piece in _cut_hard(clause, shown)]
    packed = list(_pack(pieces))
    packed[-1] = Segment(packed[-1].text, segment.pause_after_seconds)
    return _merge_silent(packed)


def pause_after(text: str) -> float:
    """The pause that the mark at the end of `text` asks for, in seconds at speed 1.0; none without a mark."""
    last = text.rstrip().rstrip(_CLOSING)[-1:]
    return next((pause for marks, pause in _PAUSES if last in marks), 0.0)


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
        is_list = _LIST_ITEM.match(match.string, match.end())
        return PAUSE_LIST_ITEM_SECONDS if is_list else PAUSE_PARAGRAPH_SECONDS
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
    return _may_end(word[1], text, point)


def _may_end(word: str, text: str, point: int) -> bool:
    """Whether a sentence may end with `word`, before the full stop at index `point`."""
    name, after = word.lower(), point + 1
    is_initial = len(name) == 1 and word.isupper() and name != "i"
    if is_initial or name in _NEVER_LAST or word == "Ft":
        return False
    if name in _NAMES and word.islower():
        return not _measures(text, point)
    if name in _BEFORE_WORDS and word.islower() and text[after : after + 1] == " ":
        return False
    if name in _BEFORE_NUMBERS and _NUMBER_NEXT.match(text, after):
        return False
    if _measures(text, point):
        return False
    if name not in _SELDOM_LAST and "." not in name:
        return True
    return bool(_CAPITAL_NEXT.match(text, after)) and not _SAME_SENTENCE_NEXT.match(text, after)


def _measures(text: str, point: int) -> bool:
    """Whether a unit stands before `point` and the sentence goes on: `8 oz. of`."""
    return bool(
        _LOWER_CASE_NEXT.match(text, point + 1) and _MEASURED_BEFORE.search(text[max(0, point - 8) : point])
    )


def _merge_silent(segments: Iterable[Segment]) -> list[Segment]:
    """Join what cannot be spoken alone to its neighbour, keeping the longer pause."""
    merged: list[Segment] = []
    silent = ""
    for segment in segments:
        if not is_audible(segment.text):
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


def _cut_hard(clause: str, shown: Callable[[str], str]) -> Iterator[tuple[str, int]]:
    """Pieces of a clause, each with its weight."""
    weight, start = 0, 0
    for match in _ATOM.finditer(clause):
        step = _weigh(shown(match[0]))
        if weight and weight + step > _MAX_WEIGHT:
            yield clause[start : match.start()], weight
            start, weight = match.start(), 0
        weight += step
    yield clause[start:], weight


def _pack(pieces: Iterable[tuple[str, int]]) -> Iterator[Segment]:
    """Join neighbours up to the limit."""
    text, weight = "", 0
    for piece, piece_weight in pieces:
        if text and weight + piece_weight > _MAX_WEIGHT:
            yield Segment(text, pause_after(text))
            text, weight = "", 0
        text += piece
        weight += piece_weight
    yield Segment(text, 0.0)
