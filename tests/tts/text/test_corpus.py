from collections import Counter

import pytest

from tests.tts.text.corpus import Case, cases, heard
from tts.text import prepare

ALL = cases()
_MIN_CASES = 450
_MIN_RIGHT = 0.98

KNOWN_FAILURES = {
    "渋谷站附近有3家酒店": "渋 is Japanese, and every other character is written in Japan too",
    "京都3日間": "all of it may be traditional Chinese, and no other sentence tells",
    "Python 3.12 runs about 5% faster than 3.11.": "nothing beside the second number says that it is a version",
    "Order #5521: 2x 宫保鸡丁, 1x 米饭. Total: ¥68.": "no rule tells that the sentence is an English one",
}
"""What is read wrong, and why. A text that begins to be read right must leave the list."""


def _is_right(case: Case) -> bool:
    return heard(prepare(case.written, language=case.language or None).normalized) == heard(case.spoken)


@pytest.mark.parametrize(
    "case", [case for case in ALL if case.written not in KNOWN_FAILURES], ids=lambda case: case.id
)
def test_is_read_as_a_person_would_say_it(case: Case) -> None:
    assert heard(prepare(case.written, language=case.language or None).normalized) == heard(case.spoken)


@pytest.mark.parametrize(
    "case", [case for case in ALL if case.written in KNOWN_FAILURES], ids=lambda case: case.id
)
def test_a_known_failure_is_still_one(case: Case) -> None:
    assert not _is_right(case), "now read right: take it off the list"


def test_at_least_ninety_eight_in_a_hundred_are_read_right() -> None:
    right = Counter(case.feature for case in ALL if _is_right(case))
    total = Counter(case.feature for case in ALL)
    for feature, count in sorted(total.items()):
        print(f"{feature:14} {right[feature]:4} of {count:4}")  # noqa: T201 - the figures are what -rP is asked for
    print(f"{'all':14} {right.total():4} of {total.total():4}")  # noqa: T201 - as above
    assert total.total() >= _MIN_CASES
    assert right.total() / total.total() >= _MIN_RIGHT


def test_no_text_is_in_the_corpus_twice() -> None:
    repeated = [
        key for key, times in Counter((case.language, case.written) for case in ALL).items() if times > 1
    ]
    assert repeated == []


def test_every_known_failure_is_in_the_corpus() -> None:
    assert set(KNOWN_FAILURES) <= {case.written for case in ALL}
