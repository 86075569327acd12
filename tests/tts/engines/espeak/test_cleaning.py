import pytest

from tts.engines.espeak.cleaning import cleaned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, it's 3.5 km!", "Hello, it's 3.5 km!"),
        ("你好，世界。", "你好，世界。"),
        ("a\x0180Sb", "a 80Sb"),
        ("a\0b\nc\x7fd\x9fe", "a b c d e"),
        ("\ud800a\udfff", "a"),
        ("x" * 41, "x" * 40 + " x"),
        ("好" * 100, "好" * 100),
    ],
)
def test_only_what_harms_is_taken_out(text: str, expected: str) -> None:
    assert cleaned(text) == expected


def test_text_that_crashes_the_library_becomes_harmless() -> None:
    assert max(len(word) for word in cleaned("s'" * 80).split()) <= 40
