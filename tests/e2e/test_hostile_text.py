"""Texts that have crashed speech engines: answered or refused, and the next tenant hears no difference."""

import pytest

from tests.system import System

HOSTILE = {
    "apostrophes": "s'" * 80,
    "unbroken-arabic": "ا" * 800,
    "1000-unbroken-arabic": "ا" * 1000,
    "control-commands": "\x0180S\x0199P hello \x0120S world",
    "espeak-markup": '[[h@l"oU]] <speak><break time="10s"/></speak> &#x0; {}',
    "dashes": "-" * 700 + "a",
    "combining": "e" + "\u0301" * 700,
    "right-to-left": "\u202e" + "abc שלום العربية " * 20,
    "long-word": "x" * 800,
    "digits": "7" * 800,
    "private-use": "\ue000\ue001 a \U000f0000",
    # Letters with names so long that 800 of them would be spoken for half an hour.
    "cuneiform": ("𒀀𒀀，" * 266)[:800],
    "mixed-scripts": "Ω漢かな한글ไทยहिन्दी Я",
    "percent-s": "%s%n%x" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_answered_or_refused_and_harms_nobody(system: System, name: str) -> None:
    before = system.speak("The next tenant speaks.", speaker_id=2)
    workers = set(system.workers())

    for speed in (0.5, 2.0):
        response = system.speak(HOSTILE[name], speed=speed, speaker_id=3)
        assert response.status_code in (200, 400), response.text

    after = [system.speak("The next tenant speaks.", speaker_id=2) for _ in range(3)]
    assert [answer.status_code for answer in after] == [200] * 3
    assert all(answer.content == before.content for answer in after)
    assert set(system.workers()) == workers, "a worker was replaced"
