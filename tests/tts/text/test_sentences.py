import pytest

from tts.text import (
    MAX_HAN,
    MAX_WORDS,
    PAUSE_COMMA_SECONDS,
    PAUSE_PARAGRAPH_SECONDS,
    PAUSE_SEMICOLON_SECONDS,
    PAUSE_SENTENCE_SECONDS,
    prepare,
)


def _texts(text: str, *, normalize: bool = True) -> list[str]:
    return [sentence.text for sentence in prepare(text, normalize=normalize).sentences]


def _pauses(text: str) -> list[float]:
    return [sentence.pause_after_seconds for sentence in prepare(text).sentences]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("你好。再见！好吗？好；行…走", ["你好。", "再见！", "好吗？", "好；", "行…", "走"]),
        ("你好，世界。", ["你好，世界。"]),
        ("他说：“你好！”然后走了。", ["他说：“你好！”", "然后走了。"]),
        ("（真的。）好", ["（真的。）", "好"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("Hi there. Bye now.", ["Hi there.", "Bye now."]),
        ("Is it? Yes! Ok", ["Is it?", "Yes!", "Ok"]),
        ("Hello everyone. 大家好", ["Hello everyone.", "大家好"]),
        ("Hello.大家好", ["Hello.", "大家好"]),
        ("He said “Go.” She went.", ["He said “Go.”", "She went."]),
        ("Pi is 3.14 or so", ["Pi is three point one four or so"]),
        ("1. Apples and pears", ["one. Apples and pears"]),
        ("Dr. Who met J. Smith", ["Doctor Who met J. Smith"]),
        ("He came at 5 p.m. He left.", ["He came at five PM.", "He left."]),
        ("The U.S. Army", ["The U.S. Army"]),
        ("It closed in Dec. The shop is gone.", ["It closed in December.", "The shop is gone."]),
        ("Due Feb. 2, or Mar. 5. Bye.", ["Due February second, or March fifth.", "Bye."]),
        ("At 5 p.m. ET on a Friday", ["At five PM ET on a Friday"]),
        ("Add 8 oz. of flour. Stir.", ["Add eight ounces of flour.", "Stir."]),
        ("She is 5 ft. He is 6 ft.", ["She is five feet.", "He is six feet."]),
        ("Is it no. 5? I said no. He left.", ["Is it number five?", "I said no.", "He left."]),
        ("Great! +5 points", ["Great!", "plus five points"]),
        ("5! = 120", ["五的阶乘 等于 一百二十"]),
        ("Apples, etc. are good", ["Apples, et cetera are good"]),
        ("Apples etc. Pears", ["Apples et cetera.", "Pears"]),
        ("See example.com. Then go", ["See example dot com.", "Then go"]),
        ("真的吗？！\n好", ["真的吗？", "好"]),
        ("？？你好", ["？你好"]),
        ("你好\n---\n再见", ["你好", "再见"]),
    ],
)
def test_text_is_cut_where_a_sentence_ends(text: str, sentences: list[str]) -> None:
    assert _texts(text) == sentences


def test_an_address_is_not_cut() -> None:
    assert _texts("https://example.com/?a=1;b=2 ok", normalize=False) == ["https://example.com/?a=1;b=2 ok"]


def test_pauses_follow_the_marks_and_the_last_is_zero() -> None:
    assert _pauses("一。二！三；四\n五。\n六") == [
        PAUSE_SENTENCE_SECONDS,
        PAUSE_SENTENCE_SECONDS,
        PAUSE_SEMICOLON_SECONDS,
        PAUSE_PARAGRAPH_SECONDS,
        PAUSE_PARAGRAPH_SECONDS,
        0.0,
    ]


def test_what_is_silent_keeps_the_longer_pause() -> None:
    assert _pauses("你好。」\n---\n再见") == [PAUSE_PARAGRAPH_SECONDS, 0.0]
    assert _pauses("你好；\n。再见") == [PAUSE_PARAGRAPH_SECONDS, 0.0]


def test_sixty_chinese_characters_stay_whole() -> None:
    assert len(_texts("好" * MAX_HAN)) == 1
    assert len(_texts("好" * 29 + "，" + "好" * 31 + "。")) == 1


def test_a_long_chinese_sentence_is_cut_at_commas() -> None:
    clause = "好" * 25 + "，"
    prepared = prepare(clause * 3 + "好" * 25 + "。再见。")
    assert [len(sentence.text) for sentence in prepared.sentences] == [52, 52, 3]
    assert [sentence.pause_after_seconds for sentence in prepared.sentences] == [
        PAUSE_COMMA_SECONDS,
        PAUSE_SENTENCE_SECONDS,
        0.0,
    ]


def test_a_long_clause_is_cut_without_a_pause() -> None:
    prepared = prepare("好" * (MAX_HAN * 2 + 5))
    assert [len(sentence.text) for sentence in prepared.sentences] == [MAX_HAN, MAX_HAN, 5]
    assert {sentence.pause_after_seconds for sentence in prepared.sentences} == {0.0}


def test_a_long_english_sentence_is_cut_between_words() -> None:
    words = [f"w{'abcdefghij'[index % 10]}" for index in range(MAX_WORDS * 2 + 3)]
    texts = _texts(" ".join(words))
    assert [len(text.split()) for text in texts] == [MAX_WORDS, MAX_WORDS, 3]
    assert " ".join(texts).split() == words


def test_commas_inside_numbers_are_not_cut() -> None:
    texts = _texts("数" * 58 + "1,234,567", normalize=False)
    assert "".join(texts) == "数" * 58 + "1,234,567"
    assert not any(text.startswith(",") for text in texts)
