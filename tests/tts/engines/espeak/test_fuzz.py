import random

import pytest

from tests.tts.engines.espeak.texts import HELLO, soon
from tts.engines.base import EngineError, EngineTimeout
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.voices import LANGUAGES, TIMBRES
from tts.engines.espeak.wire import Utterance

BLOCKS = (
    (0x20, 0x7F),
    (0x00, 0x20),
    (0xA0, 0x250),
    (0x300, 0x370),
    (0x400, 0x460),
    (0x600, 0x700),
    (0x900, 0x980),
    (0x1100, 0x1200),
    (0x2000, 0x2070),
    (0x3040, 0x3100),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A4),
    (0xD800, 0xE000),
    (0xFF00, 0xFFF0),
    (0x1F300, 0x1F700),
)
FRAGMENTS = (
    "s'",
    "...",
    "1,2",
    "<b>",
    "[[",
    "]]",
    "\x01",
    "'",
    "-",
    "a.b.",
    "99",
    "://",
    "&#",
    "\n",
    " ",
    "。",
)


def random_text(source: random.Random) -> str:
    pieces: list[str] = []
    for _ in range(source.randint(1, 4)):
        start, end = source.choice(BLOCKS)
        pieces.append("".join(chr(source.randrange(start, end)) for _ in range(source.randint(0, 10))))
        pieces.append(source.choice(FRAGMENTS) * source.choice((0, 1, 1, 2, 20)))
    return "".join(pieces)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_thousand_random_texts_neither_end_the_server_nor_change_the_next_answer() -> None:
    source = random.Random(20260801)
    process = EspeakProcess()
    voices = sorted(set(LANGUAGES.values()))
    refused = 0
    try:
        expected = process.synthesize(HELLO, deadline=soon())
        for turn in range(2000):
            text, voice = random_text(source), source.choice(voices)
            try:
                if turn % 2:
                    process.phonemize(text, voice=voice, deadline=soon())
                else:
                    timbre = source.choice(TIMBRES)
                    process.synthesize(Utterance(text, voice, timbre.variant, rate=450), deadline=soon())
            except EngineTimeout:
                raise
            except EngineError:
                refused += 1
            if turn % 20 == 0:
                assert process.synthesize(HELLO, deadline=soon()) == expected
        assert process.starts == 1
        assert refused <= 10
    finally:
        process.close()
