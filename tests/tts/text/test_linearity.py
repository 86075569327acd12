import contextlib
import time

import pytest

from tts.text import NothingToSpeak, count_characters, prepare

_LENGTH = 8_000
_LIMIT_SECONDS = 1.0
_UNSUSPICIOUS_SECONDS = 0.08

# Linear work takes four times as long for four times the text, quadratic work sixteen times. The constant covers clock
# noise.
_TIMES_THE_TEXT = 4
_MAX_TIMES = 6
_NOISE_SECONDS = 0.03

_REPEATED = """
1 1: 1/ 1. 1, 1- 1~ 1% 1^ 1x 1,000, 12:30- -1 $1 ¥1- s' 's a a. a.b. a- a@ A1 v1. St. Mr. U.S. Dr. etc. http://
www. .com x.com/ 第1 1年 5月1日- 电话 电话1
以 以1: 今 今1 好， 好/ 好~ 가 あ м م ½ ① ² \u0315\u0300 \ud800a \U0001f600 \ufdfa
( () ... .- -- "' …a 。 !? [ ***a
< > 1< a<b <b> <b <中 a>= a!= -> a-> ~1 约~ 约~1 一~1 a,~1 110、 打110、 打110， 电话 短信 1:00- 1:00am- 1-2p 5'1
5'1" '90s /元 元/ 元/( 元/(月· 1T1:1 2026-02-02T09:30:00Z 3.00元 3.00- 周一- x.cn/文 x.cn/文/ /文 \U0001f600a
,\U0001f600
"""
# For the rules that came later: one text for each start a pattern looks for, in the language it is read in.
_BY_LANGUAGE = {
    "zh-CN": """
_ __a * **a* `a ``` `a`` [a [a]( ![ [^a |a <p <!-- &# &#1; <a=" ~~a A1B2C3D4 京A12 CA1831次 航班CA 302路 端口8
404错误 （600519 666 233 996 9·11 代码1- 取件码5-2- 10086、 4-3-3 3-0 好3-0好 1w 3x 50+ 1.5e- II I期 世 伊X世
39°54′ 120/80 3×10^8m/s m² /笔 1h30 用时1: 9秒58 UTC+8 2024 5/6/2024 25/12/ 2020—2024 1998.7— 公元前221 10后
B2B x86 i7-1 波音737-8 PM2. a.pdf /usr/ localhost:8 1.1.1.1: αβ √2 K1+1 1,2,
*1# *1*1 138*1 按* |1 |1| 1!+ 1!=1 1k*1 2*a 11-8、 凭1- 返回404 微信号a_ 微信号a- 号123 号1-1- 回复“1 1端口 1#楼 Room1
（2024）第 日期20250101 截止1/1 03-12 1'25" A1:A A1:A1: (^
^_ (▽ (≧▽≦ ʕ• ヽ( -p1: 24/ 7-1 mg/d 力+1 日-1 iOS1+ Lv.1 Xeon1 TCP/1 S- S-XL- ./a/ a/b/ ../ V~50
""",
    "en-US": """
(415) +1- +86 code code1 111-11- 1111- ISBN1- Room1 Mon- Mon-Tue- 2019-2020 1990s 20's 1h1m 24/7 UTC+ $1k $1B 1USD
50¢ a/month 1ft1in 1K 3x 1½ 1.5/2 1e5 a² 1! #1 #a A1-A2 GPT-4 a1a1 1080p Ctrl+ Ctrl+A+ he/she and/or αβ WWI IV
a.pdf /usr/ 1.1.1.1: 10^-3m 0201- 9/11,
Jan.- Mon.- No.1 12oz. 5p.m. N.Main Ave.NW I-95N Winds_N +1( +1. *1# 1!= $(1) $(1 USD/ EUR/USD/ a$1B #1-1- NY12345
A1:A1: 1in.a 3" 3-4" '84 in'84 By1066, .312 .3. S-M- 1x1x1 a1GBa i7-12 60/ ca. avg. a -p1: NY1
1k- 10/10/ ./a/ P.O.Box1 tomorrow,1/
""",
    "ja-JP": """
3つ 3本 3分 3時 10~20 ~20人 5月6日 03-1 03-1234- ¥1 1万 1/2あ -1℃ 1日 1. 1,000, あ 1日1 3対 3-1で 番号1
3錠 〒1 〒150- 第1 1日間
""",
    "ko-KR": "번호1 2-1로 2: 3시 3개 10~20명 10~ 010-1 010-1234- 2월 ₩1 1/2 -1℃ 1. 1,000, 가",
}
_WITH_SPACE = (" ", "\n", "a\n", "a ", "1 ", "( ", "May 5 ", "a, ", ", ")


def _seconds(text: str, language: str | None) -> float:
    start = time.process_time()
    with contextlib.suppress(NothingToSpeak):
        prepare(text, language=language)
    return time.process_time() - start


def _repeat(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def _is_linear(unit: str, language: str) -> bool:
    full = _seconds(_repeat(unit, _LENGTH), language)
    if full < _UNSUSPICIOUS_SECONDS:
        return True
    part = _seconds(_repeat(unit, _LENGTH // _TIMES_THE_TEXT), language)
    return full < _LIMIT_SECONDS and full < _MAX_TIMES * part + _NOISE_SECONDS


@pytest.mark.parametrize("unit", [*_REPEATED.split(), *_WITH_SPACE])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_hostile_repetition_takes_linear_time(unit: str, language: str) -> None:
    # A garbage collection in one of the runs can spoil a comparison, not three.
    assert any(_is_linear(unit, language) for _ in range(3))


@pytest.mark.parametrize(
    ("language", "unit"),
    [(language, unit) for language, units in _BY_LANGUAGE.items() for unit in units.split()],
)
def test_each_start_of_a_pattern_takes_linear_time(language: str, unit: str) -> None:
    assert any(_is_linear(unit, language) for _ in range(3))


@pytest.mark.parametrize("language", ["zh-CN", "en-US", "ja-JP", "ko-KR"])
def test_ten_thousand_digits_take_linear_time(language: str) -> None:
    assert any(_is_linear("7", language) for _ in range(3))


def test_naming_many_emoji_takes_linear_time() -> None:
    def seconds(length: int) -> float:
        start = time.process_time()
        prepare(_repeat("\U0001f600a\U0001f44d\U0001f3fb\U0001f1e8\U0001f1f3", length), emoji="name")
        return time.process_time() - start

    assert any(seconds(4000) < 3 * seconds(2000) + 0.05 for _ in range(3))


def test_counting_many_combining_marks_is_linear() -> None:
    text = "a" + "\u0315\u0300" * 100_000
    start = time.process_time()
    count_characters(text)
    # Sorting a run this long takes unicodedata half a minute.
    assert time.process_time() - start < _LIMIT_SECONDS


def test_ordinary_text_takes_less_than_twenty_microseconds_a_character() -> None:
    text = _repeat("今天的温度是35℃，单价12,000元/平方米。The fox paid $3.50 on 5 May 2026. ", _LENGTH)
    assert min(_seconds(text, None) for _ in range(3)) / len(text) < 20e-6
