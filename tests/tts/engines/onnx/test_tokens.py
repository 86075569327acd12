import json
from pathlib import Path

import pytest

from tts.engines.onnx.marks import with_both_widths
from tts.engines.onnx.tokens import TokenTable, interleaved, read_tokens, read_vocabulary
from tts.voices.problems import VoiceCorrupt


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "tokens.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("_ 0\na 1\n", {"_": 0, "a": 1}),
        ("  5\na 6\n", {" ": 5, "a": 6}),
        ("5\na 6", {" ": 5, "a": 6}),
        ("a 1\r\nb 2\r\n\r\n", {"a": 1, "b": 2}),
        ("\ufeffa 1\n", {"a": 1}),
        ("a 1\na 2\n", {"a": 1}),
        ("0 7\n1 8\n", {"0": 7, "1": 8}),
        ("\u2028 1\n\x85 2\n", {" ": 1}),
    ],
)
def test_each_line_is_a_token_and_its_id(tmp_path: Path, text: str, ids: dict[str, int]) -> None:
    assert read_tokens(written(tmp_path, text)).ids == ids


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no token"),
        ("a b\n", "tokens.txt, line 1: expected a token and its id"),
        ("a 1\nb -1\n", "tokens.txt, line 2"),
        ("a ²\n", "tokens.txt, line 1"),
        ("a 99999999\n", "an id above"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_other_lines_are_named(tmp_path: Path, text: str | bytes, problem: str) -> None:
    with pytest.raises(VoiceCorrupt, match=problem):
        read_tokens(written(tmp_path, text))


@pytest.mark.parametrize("wrap", [{}, {"vocab": None}, {"model": {"vocab": None}}])
def test_vocabularies_lie_at_three_places(tmp_path: Path, wrap: dict[str, object]) -> None:
    values: object = {"a": 1, "b": 2}
    if "vocab" in wrap:
        values = {"n_token": 178, "vocab": values}
    elif "model" in wrap:
        values = {"model": {"type": "WordLevel", "vocab": values}}
    assert read_vocabulary(written(tmp_path, json.dumps(values))).ids == {"a": 1, "b": 2}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": "b"}', '{"a": -1}', '{"a": true}', "[" * 100_000])
def test_other_json_is_no_vocabulary(tmp_path: Path, text: str) -> None:
    with pytest.raises(VoiceCorrupt, match=r"tokens\.txt"):
        read_vocabulary(written(tmp_path, text))


def test_a_missing_file_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(VoiceCorrupt, match=r"gone\.txt cannot be read"):
        read_tokens(tmp_path / "gone.txt")


def test_the_size_is_one_more_than_the_highest_id() -> None:
    assert TokenTable({"a": 7, "b": 3}).size == 8


def test_blanks_stand_before_between_and_after() -> None:
    assert interleaved([5, 6], 0) == [0, 5, 0, 6, 0]
    assert interleaved([], 0) == [0]


def test_marks_are_known_in_both_widths_and_own_ones_stay() -> None:
    tokens = with_both_widths(TokenTable({",": 1, "。": 2, "；": 3}))
    assert [tokens.ids.get(mark) for mark in ",，、.。;；:：!"] == [1, 1, 1, 2, 2, 3, 3, 1, 1, None]
