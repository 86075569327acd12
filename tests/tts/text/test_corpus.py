from collections import Counter

import pytest

from tests.tts.text.corpus import Case, cases, heard
from tts.text import prepare

ALL = cases()
_MIN_CASES = 450
_MIN_RIGHT = 0.98
_BEFORE_A_NUMBER = "the sentence is cut after the abbreviation, before the rules see what follows"

KNOWN_FAILURES = {
    "12345上山打老虎": "taken for the citizens' hotline: only the digit one sounds different",
    "5!=120": "the factorial looks like the `!=` of programmers, which is met more often",
    "At 5 p.m. ET": "a sentence may end in `p.m.`, and a capital letter follows",
    "Call 415.555.2671 ext. 123": _BEFORE_A_NUMBER,
    "Dial *123# for help": "star and pound are only silent marks",
    "Due Feb. 2": _BEFORE_A_NUMBER,
    "Ft. Worth": _BEFORE_A_NUMBER,
    "Nos. 1 and 2": _BEFORE_A_NUMBER,
    "See ch. 4": _BEFORE_A_NUMBER,
    "Sun. and Mon. only": _BEFORE_A_NUMBER,
    "We met on Tue. 3 March": _BEFORE_A_NUMBER,
    "est. 1999": _BEFORE_A_NUMBER,
    "min. 5 people": _BEFORE_A_NUMBER,
    "pp. 12-15": _BEFORE_A_NUMBER,
    "型号：XPS 13 9340": "the second number of a model name is taken for a quantity",
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
