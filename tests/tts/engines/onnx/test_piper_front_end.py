from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tts.engines.onnx.voices import fixture_piper_config
from tts.engines.base import Deadline
from tts.engines.espeak.phonemes import EspeakPhonemizer
from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.phoneme_ids import phonemes_of
from tts.engines.onnx.piper_config import MandarinPhonemes, PiperConfig
from tts.engines.onnx.piper_front_end import piper_phonemes_of
from tts.text.types import Run
from tts.text.zh.mandarin_ipa import TONE_MARKS, mandarin_phonemes

CHINESE, ENGLISH = Run("zh-CN", "我们用，"), Run("en-US", "Python")


@pytest.fixture(scope="module")
def phonemizer() -> Iterator[EspeakPhonemizer]:
    process = EspeakProcess()
    yield EspeakPhonemizer(process)
    process.close()


@pytest.fixture
def config(tmp_path: Path) -> PiperConfig:
    return fixture_piper_config(tmp_path)


def spoken(config: PiperConfig, phonemizer: EspeakPhonemizer, *runs: Run) -> list[str]:
    return piper_phonemes_of(runs, config, phonemizer, deadline=Deadline.after(20.0))


def by_espeak(config: PiperConfig, phonemizer: EspeakPhonemizer, text: str, voice: str) -> list[str]:
    return phonemes_of(phonemizer.phonemize(text, espeak_voice=voice, deadline=Deadline.after(20.0)), config)


def test_a_voice_of_one_language_reads_all_runs_as_one_text(
    config: PiperConfig, phonemizer: EspeakPhonemizer
) -> None:
    expected = by_espeak(config, phonemizer, "我们用，Python", "cmn")
    assert spoken(config, phonemizer, CHINESE, ENGLISH) == expected


def test_a_voice_of_two_languages_reads_each_run_in_its_own(
    config: PiperConfig, phonemizer: EspeakPhonemizer
) -> None:
    both = replace(config, languages=("en-US",))
    chinese = by_espeak(both, phonemizer, "我们用，", "cmn")
    english = by_espeak(both, phonemizer, "Python", "en-us")
    assert spoken(both, phonemizer, CHINESE, ENGLISH) == [*chinese, " ", *english]


def test_half_width_marks_stand_for_chinese_ones_where_the_voice_knows_only_those(
    config: PiperConfig, phonemizer: EspeakPhonemizer
) -> None:
    half = replace(config, half_width_marks=True)
    assert "," not in spoken(config, phonemizer, CHINESE)
    assert "," in spoken(half, phonemizer, CHINESE)


def test_mandarin_of_a_pinyin_voice_carries_its_tones(
    config: PiperConfig, phonemizer: EspeakPhonemizer
) -> None:
    with_tones = replace(
        config,
        mandarin=MandarinPhonemes.PINYIN_IPA,
        languages=("en-US",),
        phoneme_id_map={**config.phoneme_id_map, **dict.fromkeys(TONE_MARKS.values(), (3,))},
    )
    expected = phonemes_of(mandarin_phonemes("我们用，"), with_tones)
    assert set(expected) & set(TONE_MARKS.values())
    found = spoken(with_tones, phonemizer, CHINESE, ENGLISH)
    assert found[: len(expected)] == expected
    assert found[-3:] == by_espeak(with_tones, phonemizer, "Python", "en-us")[-3:]


def test_phonemes_of_a_dictionary_are_said_as_they_are(
    config: PiperConfig, phonemizer: EspeakPhonemizer
) -> None:
    word = Run("en-US", "GIF", "dʒˈɪf")
    assert spoken(config, phonemizer, word) == phonemes_of("dʒˈɪf", config)
