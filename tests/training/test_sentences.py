import re

import pytest

from tts.training import word_lists
from tts.training.sentences_en import (
    SHARES,
    SentenceMaker,
    pair_coverage,
    random_words,
    training_sentences,
    word_grams,
)

SENTENCES = training_sentences(seed=7, count=3_500)


def test_the_same_seed_makes_the_same_sentences_and_another_seed_others() -> None:
    assert training_sentences(seed=7, count=300) == SENTENCES[:300]
    assert len(set(training_sentences(seed=8, count=300)) & set(SENTENCES)) < 30


def test_no_sentence_occurs_twice() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES) == 3_500


def test_sentences_are_ready_to_be_spoken() -> None:
    for sentence in SENTENCES:
        assert re.fullmatch(r"[A-Z][A-Za-z ,.?!;:']+", sentence), sentence
        assert "  " not in sentence


@pytest.mark.parametrize("mark", [",", ".", "?", "!", ";", ":"])
def test_every_mark_is_common_enough_to_be_learned(mark: str) -> None:
    assert sum(mark in sentence for sentence in SENTENCES) >= 100


def test_some_sentences_end_without_a_mark() -> None:
    share = sum(sentence[-1].isalpha() for sentence in SENTENCES) / len(SENTENCES)
    assert 0.03 < share < 0.2


def test_sentences_of_one_to_many_words_occur() -> None:
    lengths = [len(sentence.split()) for sentence in SENTENCES]
    assert sum(length == 1 for length in lengths) > 100
    assert sum(length > 18 for length in lengths) > 40


def test_training_shares_no_four_words_in_a_row_with_the_test_set() -> None:
    held_out = {gram for sentence in word_lists.held_out_sentences() for gram in word_grams(sentence)}
    trained = {gram for sentence in SENTENCES for gram in word_grams(sentence)}
    assert held_out
    assert not held_out & trained


def test_a_sentence_like_a_test_sentence_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = max(SENTENCES[:50], key=len)
    monkeypatch.setattr("tts.training.sentences_en.held_out_sentences", lambda: [f"And then {longest}"])
    assert longest not in training_sentences(seed=7, count=100)


def test_the_test_set_has_100_different_sentences_of_5_to_12_words() -> None:
    sentences = word_lists.held_out_sentences()
    assert len(set(sentences)) == 100
    assert all(5 <= len(sentence.split()) <= 12 for sentence in sentences)


def test_every_word_of_the_vocabulary_is_used() -> None:
    text = " ".join(SENTENCES).casefold()
    unused = [word for word in word_lists.vocabulary()["coverage"] if word.casefold() not in text]
    assert unused == []


def test_every_pattern_names_sections_that_exist() -> None:
    maker = SentenceMaker(seed=1)
    made = " ".join(maker.sentence() for _ in range(2_000))
    assert "{" not in made
    assert sum(SHARES.values()) == pytest.approx(1.0)


def test_coverage_counts_pairs_and_their_occurrences() -> None:
    known = [["a", "b", "c"], ["d"]]
    assert pair_coverage(known, [["a", "b", "a"]]) == (0.5, 0.5)
    assert pair_coverage(known, [["a", "b"], ["a", "b"], ["c", "d"]]) == pytest.approx((0.5, 2 / 3))


def test_random_words_are_drawn_from_all_sections() -> None:
    words = random_words(seed=1, count=30_000)
    assert words == random_words(seed=1, count=30_000)
    assert {"azure", "carried", "zebra"} <= set(words)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (15, "fifteen"),
        (40, "forty"),
        (99, "ninety nine"),
        (305, "three hundred five"),
        (12_000, "twelve thousand"),
        (7_654_321, "seven million six hundred fifty four thousand three hundred twenty one"),
    ],
)
def test_numbers_are_spelled_out(number: int, words: str) -> None:
    assert word_lists.number_words(number) == words


def test_digits_are_read_one_by_one() -> None:
    assert word_lists.digit_words("10.5") == "one zero point five"


@pytest.mark.parametrize(
    ("singular", "plural"), [("box", "boxes"), ("city", "cities"), ("toy", "toys"), ("watch", "watches")]
)
def test_regular_plurals(singular: str, plural: str) -> None:
    assert word_lists.plural(singular) == plural


def test_articles_agree_with_the_sound_that_follows() -> None:
    text = "A apple, a hour, a useful thing, a unit, a European, a one and a uncle."
    assert word_lists.with_articles(text) == (
        "An apple, an hour, a useful thing, a unit, a European, a one and an uncle."
    )
