"""Clauses in another language inside a sentence."""

import re
from collections.abc import Iterator

from tts.text.language import ENGLISH

MIN_WORDS = 3
"""Latin words that make an English clause. Fewer are names (`iPhone 15 Pro`), which are read as the sentence is."""

_END = re.compile(r"(?:[，、：；—…“”\"「」『』（）()【】《》\n]|[,:;](?=\s|[^\x00-\x7f]))\s*")
_FULL_WIDTH_MARKS = re.compile(r"(?:[，、：；—…“”「」『』（）《》【】]\s*)*\Z")
_EAST_ASIAN = re.compile(
    "[\u3005\u3007\u3041-\u30ff\u3105-\u318e\u31f0-\u31ff\u3400-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_LOWER_CASE_WORD = re.compile(r"(?<![A-Za-z0-9'’])[a-z]{2,}(?![A-Za-z0-9])")


def split_clauses(text: str, language: str) -> list[tuple[str, str]]:
    """(text, language) of the stretches of an East Asian sentence: its own, and whole clauses in English.

    Clauses lie between commas, colons, dashes, quotation marks and brackets. One is English when it has three Latin
    words, at least one of them in lower case (else it is a name), and no East Asian letter. Its full-width marks stay
    with the sentence. Joined, the stretches are `text` again.
    """
    if len(_WORD.findall(text)) < MIN_WORDS:
        return [(text, language)]
    stretches: list[tuple[str, str]] = []
    for clause in _clauses(text):
        words = _FULL_WIDTH_MARKS.sub("", clause)
        if _is_english(words):
            _add(stretches, words, ENGLISH)
            _add(stretches, clause[len(words) :], language)
        else:
            _add(stretches, clause, language)
    return stretches


def _add(stretches: list[tuple[str, str]], text: str, language: str) -> None:
    if not text:
        return
    if stretches and stretches[-1][1] == language:
        stretches[-1] = (stretches[-1][0] + text, language)
    else:
        stretches.append((text, language))


def _clauses(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]


def _is_english(clause: str) -> bool:
    if _EAST_ASIAN.search(clause) or not _LOWER_CASE_WORD.search(clause):
        return False
    return len(_WORD.findall(clause)) >= MIN_WORDS
