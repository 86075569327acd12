from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tts.engines.onnx.voices import fixture_piper_config
from tts.engines.onnx.phoneme_ids import phoneme_ids, phonemes_of, split_phonemes
from tts.engines.onnx.piper_config import PiperConfig


@pytest.fixture
def config(tmp_path: Path) -> PiperConfig:
    return fixture_piper_config(tmp_path)


def test_ids_stand_between_begin_and_end_with_a_pad_after_each(config: PiperConfig) -> None:
    assert phoneme_ids(list("ab."), config) == [1, 0, 14, 0, 15, 0, 10, 0, 2]


def test_no_phonemes_leave_begin_and_end(config: PiperConfig) -> None:
    assert phoneme_ids([], config) == [1, 0, 2]


def test_a_phoneme_may_have_several_ids(tmp_path: Path) -> None:
    table = {"_": [0], "^": [1], "$": [2], "a": [14, 15]}
    assert phoneme_ids(["a"], fixture_piper_config(tmp_path, phoneme_id_map=table)) == [1, 0, 14, 15, 0, 2]


def test_composed_characters_are_taken_apart(config: PiperConfig) -> None:
    assert phonemes_of("ç", config) == ["c", "\u0327"]


def test_unknown_phonemes_and_frame_symbols_are_left_out(config: PiperConfig) -> None:
    assert phonemes_of("a好_^$b", config) == ["a", "b"]


def test_letters_known_in_lower_case_only_are_taken_as_that(config: PiperConfig) -> None:
    assert phonemes_of("HiX", config) == ["h", "i", "X"]


def test_vowel_clusters_count_as_one_phoneme(tmp_path: Path) -> None:
    table = {"_": [0], "^": [1], "$": [2], "a": [14], "ɪ": [74], "aɪ": [161]}
    config = fixture_piper_config(tmp_path, phoneme_id_map=table, vowel_clusters=[["a", "ɪ"]])
    assert phonemes_of("aɪaaɪɪ", config) == ["aɪ", "a", "aɪ", "ɪ"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("aaa, bbb bb", ["aaa,", " bbb bb"]),
        ("aaaa bbbb bb", ["aaaa ", "bbbb bb"]),
        ("aaaaaaaaaaaa", ["aaaaaaaa", "aaaa"]),
        ("a bbbbbbbbb", ["a bbbbbb", "bbb"]),
        ("aaaaaaaa\u0303a", ["aaaaaaa", "a\u0303a"]),
        ("aaaaaaaa", ["aaaaaaaa"]),
        ("", []),
    ],
)
def test_pieces_end_at_marks_then_spaces_then_anywhere(text: str, pieces: list[str]) -> None:
    assert ["".join(piece) for piece in split_phonemes(list(text), 8)] == pieces


@given(st.text(alphabet="ab ,.\u0303", max_size=100), st.integers(2, 20))
def test_pieces_lose_nothing_and_fit(text: str, most: int) -> None:
    pieces = ["".join(piece) for piece in split_phonemes(list(text), most)]
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= most for piece in pieces)


@given(st.lists(st.sampled_from(["a", "a\u0303"]), max_size=60))
def test_a_mark_stays_with_its_letter(letters: list[str]) -> None:
    pieces = ["".join(piece) for piece in split_phonemes(list("".join(letters)), 6)]
    assert not any(piece.startswith("\u0303") for piece in pieces)
