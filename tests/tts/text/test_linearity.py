import contextlib
import time

import pytest

from tts.text import NothingToSpeak, count_characters, prepare

_LENGTH = 20_000
_LIMIT_SECONDS = 1.0

_REPEATED = """
1 1: 1/ 1. 1, 1- 1~ 1% 1^ 1x 1,000, 12:30- -1 $1 ¥1- s' 's a a. a.b. a- a@ A1 v1. St. Mr. U.S. Dr. etc. http://
www. .com x.com/ 第1 1年 5月1日- 电话 电话1
以 以1: 今 今1 好， 好/ 好~ 가 あ м م ½ ① ² \u0315\u0300 \ud800a \U0001f600 \ufdfa
( () ... .- -- "' …a 。 !? [ ***a
< > 1< a<b <b> <b <中 a>= a!= -> a-> ~1 约~ 约~1 一~1 a,~1 110、 打110、 打110， 电话 短信 1:00- 1:00am- 1-2p 5'1
5'1" '90s /元 元/ 元/( 元/(月· 1T1:1 2026-02-02T09:30:00Z 3.00元 3.00- 周一- x.cn/文 x.cn/文/ /文 \U0001f600a
,\U0001f600
"""
_WITH_SPACE = (" ", "\n", "a\n", "a ", "1 ", "( ", "May 5 ", "a, ", ", ")


def _seconds(text: str, language: str | None) -> float:
    start = time.process_time()
    with contextlib.suppress(NothingToSpeak):
        prepare(text, language=language)
    return time.process_time() - start


def _repeat(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _is_linear(unit: str, language: str) -> bool:
    half = _seconds(_repeat(unit, _LENGTH // 2), language)
    full = _seconds(_repeat(unit, _LENGTH), language)
    # Quadratic work takes four times as long for twice the text; the constant covers clock noise.
    return full < _LIMIT_SECONDS and full < 3 * half + 0.05


@pytest.mark.parametrize("unit", [*_REPEATED.split(), *_WITH_SPACE])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_hostile_repetition_takes_linear_time(unit: str, language: str) -> None:
    # A garbage collection in one of the runs can spoil a comparison, not three.
    assert any(_is_linear(unit, language) for _ in range(3))


def test_counting_many_combining_marks_is_linear() -> None:
    text = "a" + "\u0315\u0300" * (_LENGTH * 5)
    start = time.process_time()
    count_characters(text)
    # Sorting a run this long takes unicodedata half a minute.
    assert time.process_time() - start < _LIMIT_SECONDS


def test_ordinary_text_takes_less_than_twenty_microseconds_a_character() -> None:
    text = _repeat("今天的温度是35℃，单价12,000元/平方米。The fox paid $3.50 on 5 May 2026. ", _LENGTH)
    assert min(_seconds(text, None) for _ in range(3)) / len(text) < 20e-6
