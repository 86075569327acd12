from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text import NothingToSpeak, Run, prepare
from tts.text.clauses import split_clauses


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("我用 iPhone 15 打电话。", (("zh-CN", "我用 "), ("en-US", "iPhone "), ("zh-CN", "十五 打电话。"))),
        ("Hello there.", (("en-US", "Hello there."),)),
        ("“Hi,” he said.", (("en-US", "“Hi,” he said."),)),
        ("3 apples", (("en-US", "three apples"),)),
        ("今日は3日です", None),
    ],
)
def test_a_sentence_carries_its_runs(text: str, runs: tuple[tuple[str, str], ...] | None) -> None:
    (sentence,) = prepare(text).sentences
    assert "".join(run.text for run in sentence.runs) == sentence.text
    if runs is not None:
        assert sentence.runs == tuple(Run(*run) for run in runs)
    else:
        assert {run.language for run in sentence.runs} == {"ja-JP"}


def test_pieces_of_a_long_sentence_carry_their_own_runs() -> None:
    prepared = prepare("好" * 50 + "，" + "我说 the quick brown fox jumps over the lazy dog，" + "好" * 50)
    assert len(prepared.sentences) > 1
    for sentence in prepared.sentences:
        assert "".join(run.text for run in sentence.runs) == sentence.text
    assert "en-US" in {run.language for sentence in prepared.sentences for run in sentence.runs}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("他说：I have 3 apples, 明天见。", "他说：I have three apples, 明天见。"),
        ("“I paid $5 for it,”他说，花了5元。", "“I paid five dollars for it,”他说，花了五元。"),
        ("合同写明（payment due in 30 days）共5条。", "合同写明（payment due in thirty days）共五条。"),
        # Names, and English words inside a Chinese clause, are part of the Chinese sentence.
        ("iPhone 15 Pro Max，售价8999元", "iPhone 十五 Pro Max，售价八千九百九十九元"),
        ("他说I have 3 apples给我", "他说I have 三 apples给我"),
        ("用open source的3个库", "用open source的三个库"),
        ("价格是1,234元，a b 5，好", "价格是一千二百三十四元，a b 五，好"),
    ],
)
def test_english_clauses_in_chinese_are_read_in_english(text: str, spoken: str) -> None:
    prepared = prepare(text)
    assert prepared.normalized == spoken
    assert {sentence.language for sentence in prepared.sentences} == {"zh-CN"}


def test_the_numbers_of_an_english_clause_are_in_an_english_run() -> None:
    (sentence,) = prepare("他说：I have 3 apples, 明天见。").sentences
    assert sentence.runs == (
        Run("zh-CN", "他说："),
        Run("en-US", "I have three apples, "),
        Run("zh-CN", "明天见。"),
    )


def test_a_language_asked_for_has_no_clauses_in_another() -> None:
    prepared = prepare("他说：I have 3 apples, 明天见。", language="zh")
    assert "三 apples" in prepared.normalized


def test_clauses_can_be_switched_off() -> None:
    prepared = prepare("他说：I have 3 apples, 明天见。", off=frozenset({"clauses"}))
    assert "三 apples" in prepared.normalized


_WRITTEN = st.lists(
    st.sampled_from(
        [*"我说，：“”（） ,:;.3", "I have ", "apples", "iPhone", "1,234", "12:30", "a@b.com", "http://a.cn/b"]
    )
).map("".join)


@given(text=_WRITTEN)
@settings(max_examples=150, deadline=None)
def test_clauses_hold_the_whole_sentence(text: str) -> None:
    clauses = split_clauses(text, "zh-CN")
    assert "".join(part for part, _ in clauses) == text
    assert all(one != two for (_, one), (_, two) in pairwise(clauses))


@given(text=st.one_of(_WRITTEN, st.text(st.characters(), max_size=200)), normalize=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_runs_of_every_sentence_are_its_text(text: str, normalize: bool) -> None:
    try:
        prepared = prepare(text, normalize=normalize)
    except NothingToSpeak:
        return
    for sentence in prepared.sentences:
        assert "".join(run.text for run in sentence.runs) == sentence.text
        assert all(run.text for run in sentence.runs)
