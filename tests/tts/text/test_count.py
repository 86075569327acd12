import pytest

from tts.text import count_characters


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", 0),
        ("  \n\t ", 0),
        ("你好", 2),
        ("  你好。\n", 3),
        ("a b", 3),
        ("a\tb\nc", 5),
        ("a\r\nb", 3),
        ("a\x00b\x1b\x7f\x85", 2),
        ("\ud800a\udfff", 1),
        ("e\u0301", 1),
        ("\u00e9", 1),
        ("\U0001f600", 1),
        ("\U0001f468\u200d\U0001f469", 3),
        ("㎡", 1),
        ("ﬁ", 1),
    ],
)
def test_counts_code_points_after_nfc_without_controls_and_outer_space(text: str, characters: int) -> None:
    assert count_characters(text) == characters


def test_many_combining_marks_are_counted_one_by_one() -> None:
    assert count_characters("a" + "\u0315\u0300" * 10_000) in (20_000, 20_001)
