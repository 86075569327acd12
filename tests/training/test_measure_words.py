import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.engines.base import Speech
from tts.engines.espeak.process import EspeakProcess
from tts.training.measure_words import (
    Dictation,
    edit_distance,
    main,
    measure,
    read_sentences,
    word_error,
    words_of,
)
from tts.training.speaking import recordings, speak_espeak

SENTENCE = "The museum is closed on Monday and Tuesday."


@pytest.fixture(scope="module")
def process() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


def test_case_and_punctuation_do_not_count() -> None:
    assert words_of("Don’t stop, well-known O'Brien!") == ["don't", "stop", "well", "known", "o'brien"]


@pytest.mark.parametrize(
    ("heard", "errors"),
    [("a b c", 0), ("a c", 1), ("a x c", 1), ("a b b c", 1), ("", 3), ("b c a", 2)],
)
def test_errors_are_the_fewest_changes_of_words(heard: str, errors: int) -> None:
    assert edit_distance(["a", "b", "c"], heard.split()) == errors


def test_the_rate_is_over_all_words_and_lies_within_its_interval() -> None:
    result = word_error([("a b c d", "a b c d"), ("e f", "x f"), ("g h i j", "g h")])
    assert (result.errors, result.words, result.rate) == (3, 10, 0.3)
    assert 0.0 <= result.low < 0.3 < result.high <= 0.6
    assert "3/10 words wrong: 30.0%" in str(result)


def test_the_interval_depends_on_the_seed_alone() -> None:
    pairs = [("a b c", "a b"), ("d e f", "d e f"), ("g h i", "x y z")]
    assert word_error(pairs) == word_error(pairs)


def test_no_words_are_no_error() -> None:
    assert word_error([]).rate == 0.0


def test_noise_holds_no_words() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 32_000).astype(np.float32)
    assert len(Dictation().hear(Speech(noise, 16_000, "noise")).split()) <= 2


def test_what_was_heard_before_does_not_matter(process: EspeakProcess) -> None:
    speech = speak_espeak(0, process)(SENTENCE)
    dictation = Dictation()
    first = dictation.hear(speech)
    dictation.hear(Speech(speech.samples[::-1].copy(), speech.sample_rate, "backwards"))
    assert dictation.hear(speech) == first
    assert {"museum", "closed"} & set(first.split())


def test_the_fallback_is_measured(process: EspeakProcess) -> None:
    result, pairs = measure(speak_espeak(0, process), [SENTENCE])
    assert result.words == 8
    assert result.errors <= 6
    assert pairs[0][0] == SENTENCE


def test_recordings_are_matched_by_their_order(tmp_path: Path) -> None:
    for name, level in (("b", 0.2), ("a", 0.1)):
        soundfile.write(tmp_path / f"{name}.wav", np.full(100, level), 16_000)
    speak = recordings(tmp_path, ["first", "second"])
    assert speak("first").samples[0] == pytest.approx(0.1, abs=1e-3)
    assert speak("second").samples[0] == pytest.approx(0.2, abs=1e-3)
    with pytest.raises(ValueError, match="2 recordings for 1"):
        recordings(tmp_path, ["only"])


def test_the_command_prints_a_line_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentences = tmp_path / "sentences.txt"
    sentences.write_text(f"# comment\n\n{SENTENCE}\n", encoding="utf-8")
    assert read_sentences(sentences) == [SENTENCE]
    assert main(["--engine", "espeak", "--sentences", str(sentences)]) == 0
    line, facts = capsys.readouterr().out.splitlines()
    assert "/8 words wrong" in line
    assert json.loads(facts)["words"] == 8
