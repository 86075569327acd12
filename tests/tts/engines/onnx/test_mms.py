from pathlib import Path

import numpy as np
import pytest

from tests.family_voices import mms
from tests.family_voices.loaded import load_folder, recognized, written_and_loaded
from tests.tts.engines.onnx.test_vits import said
from tts.engines.base import EngineError
from tts.engines.onnx.sequence_model import SequenceModel
from tts.text.types import Run
from tts.voices.problems import VoiceIncompatible

HELLO = Run("en", "Hello World!")
IDS = [mms.VOCABULARY[letter] for letter in "hello world"]


@pytest.fixture
def model(tmp_path: Path) -> SequenceModel:
    return written_and_loaded(tmp_path / "mms-tts-eng", mms.write_mms_voice)


def test_characters_in_lower_case_stand_between_blanks(model: SequenceModel) -> None:
    assert len(said(model, HELLO)) == mms.sounds().samples(IDS)
    assert getattr(model.graph, "frame").ids([5]) == [0, 5, 0]  # noqa: B009 - the protocol does not promise it


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
def test_other_rates_are_made_by_stretching(model: SequenceModel, speed: float) -> None:
    usual, changed = said(model, HELLO), said(model, HELLO, speed=speed)
    assert len(changed) == round(len(usual) / speed)
    assert changed.dtype == np.float32
    assert np.array_equal(changed, said(model, HELLO, speed=speed))


def test_absurd_rates_are_refused(model: SequenceModel) -> None:
    with pytest.raises(EngineError, match="length scale"):
        said(model, HELLO, speed=0.001)


def test_language_and_licence_come_from_the_tokenizer_and_the_publisher(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    mms.write_mms_voice(folder, language="vie")
    values = recognized(folder)
    assert (values["languages"], values["licence"], values["sample_rate"]) == (["vi"], "CC-BY-NC-4.0", 16000)


def test_the_name_of_the_folder_tells_the_language_where_no_tokenizer_does(tmp_path: Path) -> None:
    folder = tmp_path / "mms-tts-swh"
    mms.write_mms_voice(folder)
    (folder / "tokenizer_config.json").unlink()
    assert recognized(folder)["languages"] == ["sw"]


def test_voices_that_need_latin_letters_are_incompatible(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    mms.write_mms_voice(folder, language="kor", is_uroman=True)
    with pytest.raises(VoiceIncompatible, match="uroman"):
        recognized(folder)


def test_there_is_one_speaker(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    mms.write_mms_voice(folder)
    with pytest.raises(VoiceIncompatible, match="names 2 speakers, but the graph takes none"):
        load_folder(folder, speakers=[{"name": "a"}, {"name": "b"}])
