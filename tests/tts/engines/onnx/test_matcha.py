from pathlib import Path

import numpy as np
import pytest

from tests.family_voices import matcha, vits
from tests.family_voices.loaded import SpelledPhonemizer, load_folder, written_and_loaded
from tests.family_voices.tones import HOP, Sounds, write_model
from tests.tts.engines.onnx.test_vits import said
from tests.tts.engines.onnx.voices import soon
from tts.engines.base import CancelToken, Deadline, EngineError, EngineTimeout
from tts.engines.onnx.sequence_model import Utterance
from tts.text.types import Run
from tts.voices.problems import VoiceIncompatible

BAKER = Sounds(len(matcha.BAKER_TOKENS), silent=(0,), marks=(6, 7))
HELLO = Run("zh-CN", "你好,世界！")
HELLO_IDS = [matcha.BAKER_TOKENS[token] for token in ("ni3", "hao3", "，", "shi4", "jie4")]


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7])
def test_a_mel_spectrum_becomes_samples_by_hifigan(tmp_path: Path, speed: float) -> None:
    model = written_and_loaded(tmp_path / "voice", matcha.write_baker_voice)
    assert len(said(model, HELLO, speed=speed)) == BAKER.samples(HELLO_IDS, 1 / speed)


def test_a_mel_spectrum_becomes_samples_by_vocos(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_baker_voice(folder, "vocos")
    samples = said(load_folder(folder), HELLO)
    assert len(samples) == BAKER.samples(HELLO_IDS) - HOP
    # Away from the edges of the first sound, whose id is 1, its bin is all that sounds.
    inner = samples[HOP : HOP * 5]
    spectrum = np.abs(np.fft.rfft(inner))
    assert int(spectrum.argmax()) * matcha.N_FFT // len(inner) == 4 * (2 + HELLO_IDS[0])


def test_blanks_of_the_pad_stand_between_the_ids(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", matcha.write_baker_voice)
    assert getattr(model.graph, "frame").ids([1, 2]) == [0, 1, 0, 2, 0]  # noqa: B009 - the protocol does not promise it


def test_english_is_read_by_espeak_between_begin_and_end(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", matcha.write_english_voice)
    phonemizer = SpelledPhonemizer()
    samples = said(model, Run("en-US", "hello"), phonemizer=phonemizer)
    assert phonemizer.voices == ["en-us"]
    assert len(samples) == vits.sounds(vits.IPA).samples([1, *(vits.IPA[letter] for letter in "hello"), 2])


def test_the_bilingual_voice_reads_each_run_in_its_way(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", matcha.write_bilingual_voice)
    phonemizer = SpelledPhonemizer()
    utterance = model.front_end.utterance(
        [Run("zh-CN", "你好，"), Run("en-US", "taɪm")], speaker=0, phonemizer=phonemizer, deadline=soon()
    )
    tokens = matcha.BILINGUAL_TOKENS
    assert list(utterance.ids) == [tokens[token] for token in ("ni3", "hao3", "，", "t", "I", "m", " ")]
    assert phonemizer.voices == ["en-us"]
    assert getattr(model.graph, "frame").ids([1, 2]) == [1, 2]  # noqa: B009 - the protocol does not promise it
    assert model.description.languages == ("zh-CN", "en-US")


def test_exports_of_the_original_repository_need_no_tokens_and_no_vocoder(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", matcha.write_original_voice)
    samples = said(model, Run("en-US", "hello"), phonemizer=SpelledPhonemizer())
    # `_` first, 16 signs, then capital letters, then small ones.
    ids = [43 + "abcdefghijklmnopqrstuvwxyz".index(letter) for letter in "hello"]
    assert len(samples) == Sounds(178, silent=(0,)).samples(ids)


def test_speakers_of_the_original_repository_sound_different(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_original_voice(folder, speakers=3)
    model = load_folder(folder, speakers=[{"name": name} for name in "abc"])
    run = Run("en-US", "hello")
    heard = {
        said(model, run, speaker=speaker, phonemizer=SpelledPhonemizer()).tobytes() for speaker in range(3)
    }
    assert len(heard) == 3
    with pytest.raises(EngineError, match="speaker 3 of 3"):
        said(model, run, speaker=3)


def test_a_voice_that_gives_mel_spectra_needs_a_vocoder(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_baker_voice(folder)
    (folder / "hifigan.onnx").unlink()
    with pytest.raises(VoiceIncompatible, match=r"files\.vocoder must name a vocoder"):
        load_folder(folder)


def test_a_vocoder_for_another_sample_rate_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_baker_voice(folder)
    matcha.write_vocoder(folder, "hifigan", 16000)
    with pytest.raises(VoiceIncompatible, match="a vocoder for 16000 Hz, the voice needs one for 22050 Hz"):
        load_folder(folder)


def test_mandarin_needs_its_lexicon(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_baker_voice(folder)
    (folder / "lexicon.txt").unlink()
    with pytest.raises(VoiceIncompatible, match=r"files\.lexicon must name"):
        load_folder(folder)


def test_a_model_without_tokens_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_english_voice(folder)
    (folder / "tokens.txt").unlink()
    with pytest.raises(VoiceIncompatible, match=r"files\.tokens is missing"):
        load_folder(folder)


def test_a_vocos_of_another_size_than_its_metadata_is_incompatible(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    matcha.write_baker_voice(folder, "vocos")
    model = matcha.vocos_model(22050)
    for entry in model.metadata_props:
        if entry.key == "n_fft":
            entry.value = "512"
    write_model(folder / "vocos.onnx", model)
    with pytest.raises(VoiceIncompatible, match=r"no three spectra of shape \(1, 257, "):
        load_folder(folder)


def test_the_deadline_holds_for_the_vocoder_too(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", matcha.write_baker_voice)
    readings = iter([0.0, 0.0])
    # Time passes while the first of the two graphs runs.
    deadline = Deadline(1.0, lambda: next(readings, 2.0))
    with pytest.raises(EngineTimeout):
        model.speak(Utterance((1,)), deadline=deadline, cancel=CancelToken())
