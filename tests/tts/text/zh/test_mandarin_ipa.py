import unicodedata

import pytest

from tts.text.zh.mandarin_ipa import TONE_MARKS, mandarin_phonemes, spoken_units, syllable_ipa
from tts.text.zh.pinyin import Syllable

WORDS = {
    "妈": "maˉ",
    "麻": "maˊ",
    "马": "maˇ",
    "骂": "maˋ",
    "熊猫": "ɕiʊŋˊmaʊˉ",
    "穷": "tɕʰiʊŋˊ",
    "资": "tsɿˉ",
    "知": "ʈʂʅˉ",
    "日": "ʐʅˋ",
    "女": "nyˇ",
    "旅": "lyˇ",
    "虐": "nyɛˋ",
    "居": "tɕyˉ",
    "学": "ɕyɛˊ",
    "元": "jyɛnˊ",
    "云": "jynˊ",
    "月": "jyɛˋ",
    "眼": "jɛnˇ",
    "夜": "jɛˋ",
    "用": "jʊŋˋ",
    "雨": "jyˇ",
    "五": "wuˇ",
    "我": "woˇ",
    "翁": "wəŋˉ",
    "二": "ɚˋ",
    "水": "ʂueɪˇ",
    "刘": "lioʊˊ",
    "论": "luənˋ",
    "光": "kuɑŋˉ",
}


@pytest.mark.parametrize(("word", "ipa"), WORDS.items())
def test_a_word_has_the_segments_and_tones_of_its_dictionary_entry(word: str, ipa: str) -> None:
    assert mandarin_phonemes(word) == ipa


def test_the_four_tones_and_the_neutral_one_are_five_symbols_of_one_code_point() -> None:
    assert [len(mark) for mark in TONE_MARKS.values()] == [1] * 5
    assert len(set(TONE_MARKS.values())) == 5


def test_symbols_survive_the_decomposition_that_voices_expect() -> None:
    ipa = "".join(WORDS.values())
    assert unicodedata.normalize("NFD", ipa) == ipa


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        ("你好", [2, 3]),
        ("不对", [2, 4]),
        ("一个", [2, 5]),
        ("第一", [4, 1]),
        ("谢谢", [4, 5]),
        ("跑得快", [3, 5, 4]),
        ("慢慢地走", [4, 4, 5, 3]),
        ("头发很长", [2, 5, 3, 2]),
        ("校长", [4, 3]),
        ("银行行长", [2, 2, 2, 3]),
        ("还书", [2, 1]),
        ("朋友", [2, 5]),
    ],
)
def test_tones_are_those_that_are_spoken(text: str, tones: list[int]) -> None:
    assert [unit.tone for unit in spoken_units(text) if isinstance(unit, Syllable)] == tones


def test_colouring_er_is_a_syllable_of_its_own() -> None:
    assert mandarin_phonemes("花儿") == "xuaˉɚ˙"


@pytest.mark.parametrize("text", ["你好，再见。", "你好,再见.", "你好， 再见 。"])
def test_marks_of_either_width_become_those_that_voices_know(text: str) -> None:
    assert mandarin_phonemes(text) == "niˊxaʊˇ, tsaɪˋtɕiɛnˋ."


def test_what_is_no_syllable_and_no_mark_is_left_out() -> None:
    assert mandarin_phonemes("他（A）来") == "tʰaˉlaɪˊ"


def test_letters_that_are_no_syllable_are_refused() -> None:
    with pytest.raises(ValueError, match="no pinyin syllable"):
        syllable_ipa(Syllable("bxq", 1))
