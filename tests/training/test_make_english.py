import shutil
import warnings
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import speech_checks

with warnings.catch_warnings():
    # pyworld imports pkg_resources, which warns.
    warnings.simplefilter("ignore")
    pyworld = pytest.importorskip(
        "pyworld", reason="the training environment has pyworld, the platform's has not"
    )

from tts.engines.espeak.process import EspeakProcess
from tts.training import make_english
from tts.training.bandwidth import UpperBand
from tts.training.envelopes import to_log_amplitude
from tts.training.make_english import SOURCES, Maker, shards
from tts.training.utterance import HOP, SAMPLE_RATE, Utterance, read_utterances

pytestmark = pytest.mark.skipif(
    shutil.which("festival") is None or find_library("flite") is None,
    reason="festival or libflite1 is not installed",
)
SPOKEN = speech_checks.ENGLISH_SENTENCES[:3]


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def band(espeak: EspeakProcess, tmp_path_factory: pytest.TempPathFactory) -> UpperBand:
    return make_english.upper_band(tmp_path_factory.mktemp("band"), espeak, speech_checks.ENGLISH_SENTENCES)


@pytest.fixture(scope="module")
def utterances(espeak: EspeakProcess, band: UpperBand) -> list[Utterance]:
    texts = [f"{sentence.capitalize()}." for sentence in SPOKEN]
    return [
        utterance for source in SOURCES.values() for utterance in Maker(espeak, source, band).make(0, texts)
    ]


def resynthesized(utterance: Utterance) -> NDArray[np.float32]:
    bins = np.arange(513) * SAMPLE_RATE / 1024
    power = np.exp(2 * to_log_amplitude(utterance.cepstra.astype(np.float64), bins))
    pitch = (np.exp(utterance.log_f0) * (utterance.voiced > 0.5)).astype(np.float64)
    noise = np.where(pitch[:, None] > 0, np.clip((bins - 4_000) / 10_000, 0.001, 0.5), 0.999)
    samples = pyworld.synthesize(pitch, power, noise, SAMPLE_RATE, 1000 * HOP / SAMPLE_RATE)
    return np.asarray(samples, np.float32)


def test_every_sentence_is_said_by_four_speakers(utterances: list[Utterance]) -> None:
    said = sorted((utterance.speaker, utterance.text) for utterance in utterances)
    assert said == sorted((n, f"{text.capitalize()}.") for n in range(4) for text in SPOKEN)
    assert len({utterance.name for utterance in utterances}) == len(said)


def mean_of(utterances: list[Utterance], value: Callable[[Utterance], float]) -> list[float]:
    """By speaker."""
    return [float(np.mean([value(u) for u in utterances if u.speaker == speaker])) for speaker in range(4)]


def test_speakers_differ_in_pitch(utterances: list[Utterance]) -> None:
    pitch = mean_of(utterances, lambda u: float(np.exp(u.log_f0[u.voiced > 0].mean())))
    assert pitch[0] > pitch[1] > pitch[3] > pitch[2]


def test_speakers_are_equally_loud(utterances: list[Utterance]) -> None:
    level = mean_of(utterances, lambda u: float(u.cepstra[u.voiced > 0, 0].mean()))
    assert max(level) - min(level) < 0.5


def test_voiceless_sounds_and_silence_have_no_voice(utterances: list[Utterance]) -> None:
    for utterance in utterances:
        symbols = np.repeat(list(utterance.symbols), utterance.durations)
        assert utterance.voiced[np.isin(symbols, list("sʃ^."))].mean() < 0.35
        assert utterance.voiced[np.isin(symbols, list("ieɑɔuɹlmn"))].mean() > 0.85


@pytest.mark.slow
def test_what_was_analysed_can_be_understood_when_resynthesized(utterances: list[Utterance]) -> None:
    choice = speech_checks.english_choice()
    heard = [choice.hear(resynthesized(u), SAMPLE_RATE) == u.text.casefold()[:-1] for u in utterances]
    assert sum(heard) >= len(heard) - 1


def test_parts_share_out_all_shards() -> None:
    every = list(shards(0, 1))
    assert sorted([*shards(0, 2), *shards(1, 2)], key=str) == sorted(every, key=str)
    for name, source in SOURCES.items():
        made = [index for teacher, _, indices in every if teacher == name for index in indices]
        assert made == list(source.sentences)


def test_a_stopped_run_goes_on_without_making_shards_again(
    tmp_path: Path, band: UpperBand, monkeypatch: pytest.MonkeyPatch
) -> None:
    band.save(tmp_path / "upper-band.npy")
    monkeypatch.setattr(make_english, "SHARD", 2)
    monkeypatch.setattr(make_english, "SENTENCES", 4)
    rms = make_english.Source(SOURCES["rms"].teacher, range(4), (50, 300), full_band=False)
    monkeypatch.setattr(make_english, "SOURCES", {"rms": rms})
    first = tmp_path / "rms-000.npz"
    first.write_bytes(b"made before")
    make_english.make(tmp_path, seed=7, part=0, parts=1)
    assert first.read_bytes() == b"made before"
    assert [u.speaker for u in read_utterances(tmp_path / "rms-001.npz")] == [2, 3, 2, 3]
    assert {path.name for path in tmp_path.iterdir()} == {"upper-band.npy", "rms-000.npz", "rms-001.npz"}
