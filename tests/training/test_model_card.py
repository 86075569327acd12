import hashlib
import json
from pathlib import Path

import pytest

from tts.training.model_card import NOTICES, VoiceFile, describe, main, render

MEASURES = {
    "speakers": [
        {"words": 0.061, "tones": 0.945, "portrait": "pitch 175 Hz"},
        {"words": 0.078, "tones": 0.91, "portrait": "pitch 100 Hz"},
    ],
    "espeak": [{"words": 0.42, "tones": 0.92}, {"words": 0.56}],
    "remark": "Trained twice.",
    "teachers": {"Festival slt": {"words": 0.094}},
}


def write_voice(directory: Path, languages: list[str]) -> Path:
    path = directory / "voice.onnx"
    path.write_bytes(b"weights")
    config = {
        "audio": {"sample_rate": 22050},
        "num_symbols": 70,
        "speaker_id_map": {"male-calm": 1, "female-clear": 0},
        "voxgate": {"licence": "GPL-3.0-or-later", "languages": languages},
    }
    Path(f"{path}.json").write_text(json.dumps(config), encoding="utf-8")
    return path


@pytest.fixture
def mandarin(tmp_path: Path) -> VoiceFile:
    return describe(write_voice(tmp_path, ["zh-CN", "en-US"]))


def test_a_voice_is_described_by_its_two_files(mandarin: VoiceFile) -> None:
    assert mandarin.bytes == 7
    assert mandarin.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert mandarin.speakers == ("female-clear", "male-calm")
    assert mandarin.languages == ("zh-CN", "en-US")


def test_the_card_names_teachers_licence_figures_and_commands(mandarin: VoiceFile) -> None:
    card = render(mandarin, MEASURES)
    for expected in ("espeak-ng 1.52", "Flite 2.2", "GPL-3.0-or-later", "voices install", "measure_tones"):
        assert expected in card
    assert "| female-clear | 6.1% | 94.5% |" in card
    assert "| espeak-ng 0 | 42.0% | 92.0% |" in card
    assert "| espeak-ng 1 | 56.0% | – |" in card
    assert "| teacher: Festival slt | 9.4% | – |" in card
    assert mandarin.sha256 in card
    assert "\n\nTrained twice.\n\n" in card


def test_the_english_card_has_nothing_to_do_with_espeaks_data(tmp_path: Path) -> None:
    card = render(describe(write_voice(tmp_path, ["en-US"])), MEASURES)
    assert "cmn" not in card
    assert "Tones right" not in card
    assert "| female-clear | 6.1% |" in card


def test_the_command_writes_the_card_beside_the_voice(tmp_path: Path) -> None:
    voice = write_voice(tmp_path, ["en-US"])
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps(MEASURES), encoding="utf-8")
    assert main(["--voice", str(voice), "--measures", str(figures)]) == 0
    assert (tmp_path / "voice.md").read_text(encoding="utf-8").startswith("# voice\n")


def test_the_notices_name_every_teacher() -> None:
    text = NOTICES.read_text(encoding="utf-8")
    for holder in ("Carnegie Mellon", "Nagoya Institute", "University of Edinburgh", "eSpeak NG"):
        assert holder in text
