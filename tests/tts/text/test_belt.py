import subprocess
import sys

import pytest

from tts.text import MAX_APOSTROPHES, MAX_DIGITS, MAX_WORD, prepare

_SPEAK = """
import ctypes, sys
import espeakng_loader
library = ctypes.cdll.LoadLibrary(espeakng_loader.get_library_path())
assert library.espeak_Initialize(2, 0, str(espeakng_loader.get_data_path()).encode(), 0x8000) == 22050
assert library.espeak_SetVoiceByName(sys.argv[1].encode()) == 0
callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(lambda *_: 0)
library.espeak_SetSynthCallback(callback)
for line in sys.stdin.buffer.read().split(b"\\n"):
    assert library.espeak_Synth(line + b"\\0", len(line) + 1, 0, 1, 0, 1, None, None) == 0
"""
_HOSTILE = (
    "s'" * 80,
    "s\u2019" * 80,
    "s' s's'" * 80,
    "x's'" * 400,
    "'s" * 500 + "s'" * 500,
    "a" * 5000,
    "م" * 3000,
    "1" * 3000,
    "a\u0300" * 2000,
    "s\u02bc" * 400,
    "\u0131'" * 400,
)


def _run_espeak(voice: str, lines: list[str]) -> int:
    spoken = "\n".join(lines).encode()
    return subprocess.run(
        [sys.executable, "-c", _SPEAK, voice], input=spoken, capture_output=True, timeout=60
    ).returncode


@pytest.mark.parametrize("voice", ["cmn", "en-us"])
@pytest.mark.parametrize("normalize", [True, False])
def test_hostile_text_no_longer_kills_espeak(voice: str, normalize: bool) -> None:
    lines = [sentence.text for text in _HOSTILE for sentence in prepare(text, normalize=normalize).sentences]
    assert _run_espeak(voice, lines) == 0


def test_the_text_the_belt_is_for_does_kill_espeak() -> None:
    assert _run_espeak("en-us", ["s'" * 80]) < 0


def test_words_are_broken_after_the_limit() -> None:
    assert [len(word) for word in prepare("a" * 100).normalized.split()] == [MAX_WORD, MAX_WORD, 20]


def test_digits_are_broken_after_the_limit() -> None:
    prepared = prepare("1" * 70, language="en", normalize=False)
    assert [len(part) for part in prepared.normalized.split()] == [MAX_DIGITS, MAX_DIGITS, 6]


def test_chinese_is_never_broken_by_spaces() -> None:
    assert prepare("好" * 200).normalized == "好" * 200


def test_a_word_keeps_its_first_apostrophes() -> None:
    assert prepare("rock'n'roll's").normalized == "rock'n'rolls"
    assert prepare("s'" * 80, normalize=False).normalized.count("'") == MAX_APOSTROPHES


def test_apostrophes_of_several_words_stay() -> None:
    text = "It's Bob's dog's toy, isn't it"
    assert prepare(text).normalized == text
