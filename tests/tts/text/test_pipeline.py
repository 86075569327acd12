import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text import NothingToSpeak, prepare
from tts.text.belt import limit_apostrophes
from tts.text.clean import clean
from tts.text.features import FEATURES
from tts.text.sentences import (
    PAUSE_COLON_SECONDS,
    PAUSE_COMMA_SECONDS,
    PAUSE_DASH_SECONDS,
    PAUSE_LIST_ITEM_SECONDS,
    PAUSE_PARAGRAPH_SECONDS,
    PAUSE_SENTENCE_SECONDS,
    pause_after,
)

_ANY = st.one_of(
    st.text(st.characters(), max_size=300),
    st.lists(
        st.sampled_from(
            [*"今天，。！？：；、—…“”（）《》 \nab.,:;!?'3", "——", "Dr. ", "好" * 70, "word " * 50]
        )
    ).map("".join),
)


@given(text=_ANY)
@settings(max_examples=300, deadline=None)
def test_no_text_is_dropped_or_repeated_where_sentences_are_cut(text: str) -> None:
    try:
        prepared = prepare(text, normalize=False)
    except NothingToSpeak:
        return
    said = "".join("".join(sentence.text.split()) for sentence in prepared.sentences)
    assert said == "".join(limit_apostrophes(clean(text)).split())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("好。", PAUSE_SENTENCE_SECONDS),
        ("好！”", PAUSE_SENTENCE_SECONDS),
        ("good.", PAUSE_SENTENCE_SECONDS),
        ("好……", PAUSE_SENTENCE_SECONDS),
        ("好：", PAUSE_COLON_SECONDS),
        ("好——", PAUSE_DASH_SECONDS),
        ("好，", PAUSE_COMMA_SECONDS),
        ("好、", PAUSE_COMMA_SECONDS),
        ("（好）", 0.0),
        ("好", 0.0),
        ("", 0.0),
    ],
)
def test_marks_ask_for_pauses(text: str, seconds: float) -> None:
    assert pause_after(text) == seconds


def test_items_of_a_list_follow_closer_than_paragraphs() -> None:
    prepared = prepare("要买的东西\n1. 苹果\n2. 香蕉\n（3）梨\n完了", off=frozenset({"markdown"}))
    assert [sentence.pause_after_seconds for sentence in prepared.sentences] == [
        PAUSE_LIST_ITEM_SECONDS,
        PAUSE_LIST_ITEM_SECONDS,
        PAUSE_LIST_ITEM_SECONDS,
        PAUSE_PARAGRAPH_SECONDS,
        0.0,
    ]


def test_a_long_sentence_is_cut_at_a_dash_before_it_is_cut_inside_a_clause() -> None:
    prepared = prepare("好" * 40 + "——" + "好" * 40)
    assert [sentence.text for sentence in prepared.sentences] == ["好" * 40 + "——", "好" * 40]
    assert prepared.sentences[0].pause_after_seconds == PAUSE_DASH_SECONDS


@pytest.mark.parametrize(
    ("feature", "text", "with_it", "without"),
    [
        ("percent", "涨了50%", "涨了百分之五十", "%"),
        ("currency", "¥8,999.00", "八千九百九十九元", "¥"),
        ("temperature", "-5℃", "零下五摄氏度", "零下"),
        ("telephone", "打10086", "打幺零零八六", "幺"),
        ("dates", "2026-02-02", "二零二六年二月二日", "年"),
        ("times", "14:30", "十四点三十分", "点"),
    ],
)
def test_each_feature_can_be_switched_off(feature: str, text: str, with_it: str, without: str) -> None:
    assert prepare(text).normalized == with_it
    rest = prepare(text, off=frozenset({feature})).normalized
    assert rest != with_it
    assert without not in rest or without in text


def test_markdown_can_be_switched_off() -> None:
    assert prepare("# 标题", language="fr").normalized == "标题"
    assert prepare("# 标题", language="fr", off=frozenset({"markdown"})).normalized == "# 标题"


def test_emoji_are_dropped_or_named() -> None:
    assert prepare("好\U0001f600").normalized == "好"
    named = prepare("好\U0001f600", emoji="name").normalized
    assert named != "好"
    assert prepare("好\U0001f600", emoji="name", off=frozenset({"emoji"})).normalized == "好"


def test_everything_switched_off_still_gives_safe_sentences() -> None:
    prepared = prepare("\x01# 35℃ <b>s'" + "s'" * 80 + "</b>", off=FEATURES)
    assert all(unicodedata.category(c)[0] != "C" for sentence in prepared.sentences for c in sentence.text)
    assert prepared.normalized.count("'") <= 4
