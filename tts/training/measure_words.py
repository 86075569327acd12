"""How many words of a voice a recogniser gets right.

    python -m tts.training.measure_words --voice FILE.onnx --speaker 0
    python -m tts.training.measure_words --engine espeak --speaker 2
    python -m tts.training.measure_words --wav-dir RECORDINGS

The recogniser is pocketsphinx in open dictation with the en-us model of its wheel: an old one, so its figures rank
voices rather than tell what people understand.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pocketsphinx

from tts.engines.base import Speech
from tts.engines.espeak.process import EspeakProcess
from tts.training.speaking import Speak, load_voice, pcm, recordings, speak_espeak, speak_voice

RECOGNISER_RATE = 16_000
"""Hz."""

RESAMPLES = 2_000
"""Of the bootstrap over sentences."""

TEST_SENTENCES = Path(__file__).parent / "data" / "test_sentences_en.txt"

_NOT_WORDS = re.compile(r"[^a-z' ]+")


@dataclass(frozen=True, slots=True)
class WordError:
    """Errors (substituted, missing and added words) in `words`; `low` and `high` bound the rate with 95 %."""

    errors: int
    words: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.errors / self.words if self.words else 0.0

    def __str__(self) -> str:
        return f"{self.errors}/{self.words} words wrong: {self.rate:.1%} (95 %: {self.low:.1%} … {self.high:.1%})"


class Dictation:
    """pocketsphinx with its English language model. What it hears depends on nothing heard before."""

    def __init__(self) -> None:
        self._decoder = pocketsphinx.Decoder(samprate=float(RECOGNISER_RATE), loglevel="FATAL")

    def hear(self, speech: Speech) -> str:
        """The words recognised, in lower case."""
        self._decoder.start_utt()
        # A whole utterance at once is normalised by its own mean; a stream would be by that of what came before.
        self._decoder.process_raw(pcm(speech, RECOGNISER_RATE), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr if hypothesis is not None else ""


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation; a hyphen parts words."""
    return _NOT_WORDS.sub(" ", text.lower().replace("’", "'")).split()


def edit_distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance in words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def word_error(pairs: Iterable[tuple[str, str]], *, seed: int = 7) -> WordError:
    """Word error over pairs of what was said and what was heard, with a bootstrap over the pairs."""
    counts = [(edit_distance(words_of(said), words_of(heard)), len(words_of(said))) for said, heard in pairs]
    table = np.array(counts, dtype=np.int64).reshape(-1, 2)
    errors, words = (int(total) for total in table.sum(axis=0))
    if not words:
        return WordError(errors, words, 0.0, 0.0)
    draws = np.random.default_rng(seed).integers(len(table), size=(RESAMPLES, len(table)))
    rates = table[draws, 0].sum(axis=1) / np.maximum(table[draws, 1].sum(axis=1), 1)
    low, high = np.quantile(rates, (0.025, 0.975))
    return WordError(errors, words, float(low), float(high))


def measure(speak: Speak, sentences: Sequence[str]) -> tuple[WordError, list[tuple[str, str]]]:
    """Word error of `sentences` as `speak` says them, and the pairs of what was said and heard."""
    dictation = Dictation()
    pairs = [(sentence, dictation.hear(speak(sentence))) for sentence in sentences]
    return word_error(pairs), pairs


def read_sentences(path: Path) -> list[str]:
    """Lines of `path` without empty ones and those that begin with `#`."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@contextmanager
def speaker_of(options: argparse.Namespace, sentences: Sequence[str]) -> Iterator[Speak]:
    """What the options `--voice`, `--engine` or `--wav-dir` name."""
    process = EspeakProcess()
    try:
        if options.wav_dir is not None:
            yield recordings(options.wav_dir, sentences)
        elif options.voice is not None:
            yield speak_voice(load_voice(options.voice), options.speaker, process)
        else:
            yield speak_espeak(options.speaker, process)
    finally:
        process.close()


def add_source_options(parser: argparse.ArgumentParser, *, extra: Sequence[str] = ()) -> None:
    """The options that `speaker_of` reads; `extra` flags stand in place of a source."""
    source = parser.add_mutually_exclusive_group(required=True)
    for flag in extra:
        source.add_argument(flag, action="store_true")
    source.add_argument(
        "--voice", type=Path, metavar="FILE.onnx", help="a Piper voice, with its .json beside it"
    )
    source.add_argument("--engine", choices=["espeak"], help="the fallback engine")
    source.add_argument(
        "--wav-dir", type=Path, help="one recording per sentence, in the order of their names"
    )
    parser.add_argument("--speaker", type=int, default=0, help="speaker number, 0 by default")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="measure_words", description="Word error by pocketsphinx.")
    add_source_options(parser)
    parser.add_argument("--sentences", type=Path, default=TEST_SENTENCES, help="one sentence per line")
    parser.add_argument("--limit", type=int, help="use only the first N sentences")
    parser.add_argument("--verbose", action="store_true", help="show the sentences with errors")
    options = parser.parse_args(arguments)
    sentences = read_sentences(options.sentences)[: options.limit]
    with speaker_of(options, sentences) as speak:
        result, pairs = measure(speak, sentences)
    if options.verbose:
        wrong = [pair for pair in pairs if words_of(pair[0]) != words_of(pair[1])]
        sys.stdout.writelines(f"said  {said}\nheard {heard}\n" for said, heard in wrong)
    sys.stdout.write(f"{result}\n{json.dumps({**asdict(result), 'rate': result.rate})}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
