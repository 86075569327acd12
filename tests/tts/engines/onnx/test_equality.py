"""Voxgate adds nothing to and takes nothing from what a Piper voice gives: bit for bit, against onnxruntime alone."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from tests.family_voices.piper_pinyin import write_pinyin_voice
from tests.fixture_voices import write_fixture_voice
from tests.tts.engines.onnx.voices import SHORT, soon
from tts.engines.base import CancelToken
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.phoneme_ids import phoneme_ids
from tts.engines.onnx.piper import PiperModel, load_piper
from tts.engines.onnx.piper_config import parse_piper_config

SPEEDS = (0.5, 1.0, 1.37, 2.0)
INFERENCE = {"noise_scale": 0.0, "length_scale": 1.1, "noise_w": 0.0}


def direct(path: Path, ids: list[int], scales: list[float], speaker: int | None) -> NDArray[np.float32]:
    """The file run by onnxruntime as it comes, without options, cache or checks."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds: dict[str, object] = {
        "input": np.array([ids], dtype=np.int64),
        "input_lengths": np.array([len(ids)], dtype=np.int64),
        "scales": np.array(scales, dtype=np.float32),
    }
    if speaker is not None:
        feeds["sid"] = np.array([speaker], dtype=np.int64)
    output: NDArray[np.float32] = session.run(None, feeds)[0]
    return output.reshape(-1)


def assert_equal(model: PiperModel, path: Path, phonemes: list[str], speakers: int) -> None:
    ids = phoneme_ids(phonemes, model.config)
    for speed in SPEEDS:
        for speaker in range(speakers):
            scales = [0.0, model.config.length_scale / speed, 0.0]
            expected = direct(path, ids, scales, speaker if speakers > 1 else None)
            ours = model.run(ids, speaker=speaker, speed=speed, deadline=soon(), cancel=CancelToken())
            assert ours.dtype == np.float32
            assert ours.tobytes() == expected.tobytes()
            assert len(ours) > 0


@pytest.mark.parametrize("speakers", [1, 4])
@pytest.mark.parametrize("length", [1, 12, 100])
def test_samples_equal_those_of_onnxruntime_alone(tmp_path: Path, speakers: int, length: int) -> None:
    files = write_fixture_voice(tmp_path, "voice", speakers=speakers)
    config = parse_piper_config(
        files.config.read_bytes().replace(b'"length_scale": 1', b'"length_scale": 1.1')
    )
    assert config.length_scale == 1.1
    # Loaded twice: the second time from the graph that the first one optimised.
    for _ in range(2):
        model = load_piper(files.model, config, GraphCache(tmp_path / "cache"), cancel=CancelToken())
        assert_equal(model, files.model, (SHORT * 9)[:length], speakers)


@pytest.mark.parametrize("speakers", [1, 3])
def test_samples_of_pinyin_voices_are_equal_too(tmp_path: Path, speakers: int) -> None:
    path, config_path = write_pinyin_voice(tmp_path, "voice", speakers=speakers, inference=INFERENCE)
    config = parse_piper_config(config_path.read_bytes())
    model = load_piper(path, config, GraphCache(tmp_path / "cache"), cancel=CancelToken())
    for phonemes in (["n", "i", "3"], ["zh", "ong", "1", "，", "w", "en", "2", "。"], ["h", "ao", "3"] * 30):
        assert_equal(model, path, phonemes, speakers)


def test_a_voice_with_noise_differs_only_by_it(tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path, "voice", noise=True)
    silent = json.loads(files.config.read_bytes()) | {"inference": INFERENCE}
    config = parse_piper_config(json.dumps(silent).encode())
    model = load_piper(files.model, config, GraphCache(tmp_path / "cache"), cancel=CancelToken())
    assert_equal(model, files.model, SHORT, 1)
