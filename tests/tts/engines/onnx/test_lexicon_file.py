from pathlib import Path

import pytest

from tts.engines.onnx.lexicon_file import Lexicon, Word, read_lexicon
from tts.engines.onnx.tokens import TokenTable
from tts.voices.problems import VoiceCorrupt

TOKENS = TokenTable({"n": 1, "i3": 2, "h": 3, "ao3": 4, "HH": 5, "sh": 6, "i4": 7, "jie4": 8})
TEXT = "你 n i3\n好 h ao3\n你好 n i3 h ao3\n世界 sh i4 jie4\n世 sh i4\nHi HH\n好 n n\nx q\n\n空\n"


def lexicon(tmp_path: Path, text: str = TEXT, *, has_tones: bool = False) -> Lexicon:
    path = tmp_path / "lexicon.txt"
    path.write_text(text, encoding="utf-8")
    return read_lexicon([path], TOKENS, has_tones=has_tones)


def test_the_longest_phrases_are_found_first(tmp_path: Path) -> None:
    found = lexicon(tmp_path)
    assert list(found.words("你好世界，你世hi!")) == ["你好", "世界", "，", "你", "世", "hi", "!"]


@pytest.mark.parametrize("text", ["", "a" * 1000, "你好" * 500, "！？…", "don't stop"])
def test_words_joined_are_the_text_in_lower_case(tmp_path: Path, text: str) -> None:
    assert "".join(lexicon(tmp_path).words(text.upper())) == text.upper().lower()


def test_words_are_found_in_lower_case_and_the_first_line_counts(tmp_path: Path) -> None:
    found = lexicon(tmp_path)
    assert found.look_up("hi") == Word((5,))
    assert found.look_up("好") == Word((3, 4))


@pytest.mark.parametrize("word", ["x", "空", "没有"])
def test_words_with_unknown_tokens_are_unknown(tmp_path: Path, word: str) -> None:
    assert lexicon(tmp_path).look_up(word) is None


def test_unknown_words_are_spelled_and_unknown_characters_left_out(tmp_path: Path) -> None:
    found = lexicon(tmp_path)
    assert found.spell("好x你") == [Word((3, 4)), Word((1, 2))]
    assert found.spell("x") == []


def test_tones_follow_the_tokens(tmp_path: Path) -> None:
    found = lexicon(tmp_path, "你好 n i3 h ao3 2 2 3 3\n", has_tones=True)
    assert found.look_up("你好") == Word((1, 2, 3, 4), (2, 2, 3, 3))


@pytest.mark.parametrize("line", ["你 n i3 3", "你 n x", "你"])
def test_tones_that_do_not_match_are_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(VoiceCorrupt, match=r"lexicon\.txt, line 2: expected as many tones as tokens"):
        lexicon(tmp_path, f"好 h ao3 3 3\n{line}\n", has_tones=True)


def test_an_odd_tone_makes_a_word_unknown(tmp_path: Path) -> None:
    assert lexicon(tmp_path, "你好 n i3 h ao3 -2 2 3 3\n", has_tones=True).look_up("你好") is None


def test_several_files_are_one_lexicon(tmp_path: Path) -> None:
    for name, line in (("en", "hi HH"), ("zh", "你 n i3")):
        (tmp_path / f"{name}.txt").write_text(line, encoding="utf-8")
    found = read_lexicon([tmp_path / "en.txt", tmp_path / "zh.txt"], TOKENS)
    assert found.spell("hi") + found.spell("你") == [Word((5,)), Word((1, 2))]


def test_an_empty_lexicon_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(VoiceCorrupt, match="holds no word"):
        lexicon(tmp_path, "\n")
