"""What preparing costs a worker, for texts as long as one request may bring."""

import time

import pytest

from tts.text import prepare
from tts.text.lexicon import Lexicon, LexiconEntry, Match

_SECONDS_PER_CHARACTER = 50e-6
_SYNCHRONOUS, _ASYNCHRONOUS = 800, 20_000
_ATTEMPTS = 3

_UNITS = (
    *("www.", "www.a ", "中www.x.com/%? ", "a@b.co ", "http://a/ ", "1.1.1.1: "),
    *("1!", "1\n", "1。", "$1 ", "1 ", "-1 ", "好，", "20㎏；", "5:30 ", "=/笔x.com/ISBN1-1<", "①"),
    *("(^_^)", "(≧▽", "는3개 ", "第1章は"),
)


def _repeat(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _is_cheap(text: str, language: str | None, lexicon: Lexicon | None = None) -> bool:
    start = time.process_time()
    prepare(f"好{text}", language=language, lexicon=lexicon)
    return time.process_time() - start < _SECONDS_PER_CHARACTER * len(text)


@pytest.mark.parametrize("length", [_SYNCHRONOUS, _ASYNCHRONOUS])
@pytest.mark.parametrize("language", [None, "zh-CN", "en-US"])
@pytest.mark.parametrize("unit", _UNITS)
def test_a_thousand_characters_cost_less_than_fifty_milliseconds(
    unit: str, language: str | None, length: int
) -> None:
    # A garbage collection can spoil one attempt, not three.
    assert any(_is_cheap(_repeat(unit, length), language) for _ in range(_ATTEMPTS))


@pytest.mark.parametrize("length", [_SYNCHRONOUS, _ASYNCHRONOUS])
@pytest.mark.parametrize("spoken", ["好" * 200, "www." * 50, "1 " * 100, "a" * 200])
def test_a_dictionary_that_matches_everywhere_costs_no_more(spoken: str, length: int) -> None:
    lexicon = Lexicon(1, [LexiconEntry(written, spoken, match=Match.EXACT) for written in ("甲", "w", ".")])
    assert any(_is_cheap(_repeat("甲www.", length), None, lexicon) for _ in range(_ATTEMPTS))
