"""How espeak-ng's spectra become a speaker's, on real speech; the speaker is espeak-ng with formants moved up."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyworld", reason="the analysis needs pyworld (requirements/training.in)")
pytest.importorskip("torch", reason="the fit needs torch (requirements/training.in)")

from tts.training.envelopes import formant_scaling
from tts.training.espeak_timing import Phone
from tts.training.timbre import (
    CLOSURE_SECONDS,
    Source,
    Timbre,
    frame_pairs,
    learn,
    load,
    quiet,
    save,
    sources_of,
    with_closures,
)
from tts.training.utterance import SAMPLE_RATE, Utterance

TEXTS = [
    "She sells fresh fish in a hall.",
    "Half a shelf of socks, he said.",
    "Fifty ships have left the shore.",
]


@pytest.fixture(scope="module")
def learned() -> tuple[list[Utterance], Timbre]:
    sources = sources_of(TEXTS)
    speaker = [utterance(text, sources) for text in TEXTS]
    return speaker, learn(speaker, sources, seed=7, steps=150)


def utterance(text: str, sources: Mapping[str, Source]) -> Utterance:
    """espeak-ng's own frames with formants moved up by a tenth, as another speaker."""
    source = sources[text]
    letters = [letter for phone in source.phones for letter in phone.name.strip("ˈˌ") if letter != " "]
    owners = [phone for phone in source.phones for letter in phone.name.strip("ˈˌ") if letter != " "]
    ends = np.array([0, *(round(phone.end / 256) for phone in owners), len(source.cepstra)])
    durations = np.diff(np.maximum.accumulate(ends), prepend=0).astype(np.int32)
    return Utterance(
        name=text,
        language="en-US",
        speaker=0,
        text=text,
        symbols=("^", *letters, "$"),
        durations=durations,
        log_f0=np.full(len(source.cepstra), 5.0, np.float32),
        voiced=source.voiced,
        cepstra=(source.cepstra @ formant_scaling(1.1)).astype(np.float32),
    )


def test_the_speakers_spectra_are_learned(learned: tuple[list[Utterance], Timbre]) -> None:
    speaker, timbre = learned
    source = sources_of(TEXTS[:1])[TEXTS[0]]
    loud = ~quiet(source) & (source.voiced > 0)
    target = speaker[0].cepstra[loud]
    before = np.abs(source.cepstra[loud] - target)[:, 1:12].mean()
    after = np.abs(timbre.convert(source)[loud] - target)[:, 1:12].mean()
    assert after < 0.6 * before


def test_pauses_get_the_speakers_silence(learned: tuple[list[Utterance], Timbre]) -> None:
    source = sources_of(TEXTS[1:2])[TEXTS[1]]
    converted = learned[1].convert(source)
    assert quiet(source).any()
    assert (converted[quiet(source)] == learned[1].silence).all()


def test_a_timbre_survives_its_file(learned: tuple[list[Utterance], Timbre], tmp_path: Path) -> None:
    save([learned[1]], tmp_path / "timbres.npz")
    (again,) = load(tmp_path / "timbres.npz")
    source = sources_of(TEXTS[:1])[TEXTS[0]]
    assert np.array_equal(again.convert(source), learned[1].convert(source))


def test_frames_are_paired_within_phones_and_in_order(learned: tuple[list[Utterance], Timbre]) -> None:
    source = sources_of(TEXTS[:1])[TEXTS[0]]
    pairs = list(frame_pairs(source, learned[0][0]))
    assert len(pairs) > 0.7 * len(source.cepstra)
    assert max(abs(a - b) for a, b in pairs) <= 6
    assert pairs == sorted(pairs, key=lambda pair: pair[1])


def test_a_plosive_begins_with_its_closure() -> None:
    closure = round(CLOSURE_SECONDS * SAMPLE_RATE)
    moved = with_closures(
        [Phone("a", 0, 4000), Phone("t", 4000, 5000), Phone("a", 5000, 5200), Phone("k", 5200, 6000)]
    )
    assert [phone.start for phone in moved] == [0, 4000 - closure, 5000, 5100]
    assert [phone.end for phone in moved] == [4000 - closure, 5000, 5100, 6000]
