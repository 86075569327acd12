import pytest

from tts.voices.plain import is_storable, plain


@pytest.mark.parametrize(
    ("text", "storable"),
    [("", True), ("语音 🎙\n", True), ("a\0", False), ("a\udfff", False)],
)
def test_nul_and_surrogates_cannot_be_stored(text: str, storable: bool) -> None:
    assert is_storable(text) is storable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\0b\x1b[0m\r\nc\u2029", "ab[0mc"),
        ("\ud800x", "\ufffdx"),
        ("  语音 🎙 ", "语音 🎙"),
        ("x" * 20, "x" * 10),
    ],
)
def test_a_plain_text_is_one_storable_line(text: str, line: str) -> None:
    assert plain(text, 10) == line
