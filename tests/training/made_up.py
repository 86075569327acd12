"""Utterances whose every symbol has a sound of its own: enough to learn from, made in no time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tts.training.utterance import CEPSTRA, Utterance

VOICED = "aeiou"
UNVOICED = "kst"


def made_up_utterance(
    number: int, *, speaker: int = 0, language: str = "en-US", symbols: int = 12, mark: str = "."
) -> Utterance:
    """A sentence of `symbols` random sounds, `mark` and the silences around it."""
    chance = np.random.default_rng((number, speaker))
    sounds = [str(symbol) for symbol in chance.choice(list(VOICED + UNVOICED), symbols)]
    sentence = ("^", *sounds, mark, "$")
    durations = np.array([6, *(4 + ord(sound) % 5 for sound in sounds), 5, 4], dtype=np.int32)
    voiced = np.repeat([float(symbol in VOICED) for symbol in sentence], durations)
    frames = len(voiced)
    pitch = 5.0 + 0.1 * speaker - 0.3 * np.arange(frames) / frames
    return Utterance(
        name=f"made-up-{number}",
        language=language,
        speaker=speaker,
        text=f"sentence {number}",
        symbols=sentence,
        durations=durations,
        log_f0=pitch.astype(np.float32),
        voiced=voiced.astype(np.float32),
        cepstra=_cepstra(sentence, durations, speaker),
    )


def made_up_utterances(count: int, *, speakers: int = 1) -> list[Utterance]:
    return [made_up_utterance(n, speaker=s) for n in range(count) for s in range(speakers)]


def _cepstra(sentence: Sequence[str], durations: NDArray[np.int32], speaker: int) -> NDArray[np.float32]:
    rows = np.zeros((len(sentence), CEPSTRA))
    for row, symbol in zip(rows, sentence, strict=True):
        row[1:6] = np.random.default_rng(ord(symbol)).normal(0.1 * speaker, 0.4, 5)
        row[0] = -4.0 if symbol.isalpha() else -9.0
    return np.repeat(rows, durations, axis=0).astype(np.float32)
