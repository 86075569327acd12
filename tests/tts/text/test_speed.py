import random
import statistics
import time

from tests.tts.text.corpus import cases
from tts.text import prepare

_TEXTS = 50
_CHARACTERS = 100
_LIMIT_SECONDS = 0.010


def _texts() -> list[str]:
    """Mixed texts of 100 characters, dense with what the rules look for."""
    generator = random.Random(1)
    written = [case.written for case in cases()]
    texts = []
    for _ in range(_TEXTS):
        text = ""
        while len(text) < _CHARACTERS:
            text += generator.choice(written) + generator.choice("。，. \n")
        texts.append(text[:_CHARACTERS])
    return texts


def _median_seconds(texts: list[str]) -> float:
    taken = []
    for text in texts:
        start = time.process_time()
        prepare(text)
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def test_a_hundred_characters_take_less_than_ten_milliseconds() -> None:
    texts = _texts()
    _median_seconds(texts)  # the first time fills the caches of regular expressions and number words
    median = min(_median_seconds(texts) for _ in range(3))
    print(f"median of {_TEXTS} texts of {_CHARACTERS} characters: {median * 1000:.2f} ms")  # noqa: T201 - asked for with -rP
    assert median < _LIMIT_SECONDS
