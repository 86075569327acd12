import time

import pytest

from tests.hostile import hostile_text
from tts.text import NothingToSpeak, prepare
from tts.text.script import Script
from tts.text.ssml import InvalidSsml, parse_ssml

_TEXTS = 1_500
_PARTS = 5
_LIMIT_SECONDS = 0.1
_ATTEMPTS = 3
_LANGUAGES = (None, "zh-CN", "en-US", "ja-JP", "ko-KR", "ar")


def _scripts(number: int) -> list[str | Script]:
    """Text `number`, and what it becomes inside and as SSML where it parses."""
    text = hostile_text(number)
    scripts: list[str | Script] = [text]
    for ssml in (text, f"<speak>{text}</speak>"):
        try:
            scripts.append(parse_ssml(ssml))
        except InvalidSsml:
            continue
    return scripts


def _seconds(source: str | Script, language: str | None) -> float:
    start = time.process_time()
    try:
        prepared = prepare(source, language=language)
    except NothingToSpeak:
        return time.process_time() - start
    taken = time.process_time() - start
    assert prepared.sentences
    return taken


@pytest.mark.parametrize("part", range(_PARTS))
def test_hostile_text_is_prepared_or_refused_within_a_tenth_of_a_second(part: int) -> None:
    for number in range(part, _TEXTS, _PARTS):
        language = _LANGUAGES[number % len(_LANGUAGES)]
        for source in _scripts(number):
            # A garbage collection can spoil one attempt, not three.
            assert any(_seconds(source, language) < _LIMIT_SECONDS for _ in range(_ATTEMPTS)), number


def test_some_hostile_text_is_spoken_some_refused_and_some_is_ssml() -> None:
    spoken = refused = ssml = 0
    for number in range(0, _TEXTS, 10):
        text, *scripts = _scripts(number)
        ssml += bool(scripts)
        try:
            prepare(text)
        except NothingToSpeak:
            refused += 1
        else:
            spoken += 1
    assert min(spoken, refused, ssml) > 10
