import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from tests.training.made_up import made_up_utterances
from tts.engines.base import CancelToken, Deadline
from tts.engines.checks import check_samples
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.phoneme_ids import phoneme_ids
from tts.engines.onnx.piper import PiperModel, load_piper
from tts.engines.onnx.piper_config import parse_piper_config

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from tts.training import export as export_module  # noqa: E402 - needs PyTorch
from tts.training.batches import Example  # noqa: E402 - needs PyTorch
from tts.training.export import Voice, main, network_of, write_voice  # noqa: E402 - needs PyTorch
from tts.training.network import Size  # noqa: E402 - needs PyTorch
from tts.training.symbols import SymbolTable  # noqa: E402 - needs PyTorch
from tts.training.train import Checkpoint, Plan, Training, save  # noqa: E402 - needs PyTorch
from tts.training.utterance import HOP  # noqa: E402 - needs PyTorch

EXAMPLES = [Example.of(utterance) for utterance in made_up_utterances(60, speakers=4)]
TABLE = SymbolTable.of(example.symbols for example in EXAMPLES)
PHONEMES = list("kasi tuke suka.")


@pytest.fixture(scope="module")
def state() -> Checkpoint:
    torch.set_num_threads(1)
    size = Size(symbols=len(TABLE), text_channels=32, frame_channels=32, frame_blocks=3)
    training = Training(EXAMPLES, Plan(steps=80), size)
    for _ in range(80):
        training.advance()
    return training.state()


@pytest.fixture(scope="module")
def voice(state: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_voice(state, "made-up", tmp_path_factory.mktemp("voice"))


@pytest.fixture(scope="module")
def model(voice: Path) -> PiperModel:
    config = parse_piper_config(voice.with_name(f"{voice.name}.json").read_bytes())
    return load_piper(voice, config, GraphCache(voice.parent / "cache"), cancel=CancelToken())


def spoken(
    model: PiperModel, phonemes: Sequence[str] = PHONEMES, *, speaker: int = 0, speed: float = 1.0
) -> NDArray[np.float32]:
    deadline = Deadline.after(60.0)
    return model.speak(phonemes, speaker=speaker, speed=speed, deadline=deadline, cancel=CancelToken())


def test_the_platform_loads_it_and_finds_speech_in_it(model: PiperModel) -> None:
    for speaker in range(4):
        check_samples(spoken(model, speaker=speaker), model.config.sample_rate)


def test_it_has_pipers_inputs_and_output(voice: Path) -> None:
    graph = onnx.load(voice).graph
    assert [entry.name for entry in graph.input] == ["input", "input_lengths", "scales", "sid"]
    assert len(graph.output[0].type.tensor_type.shape.dim) == 4


def test_nothing_in_it_is_random(voice: Path) -> None:
    assert not [node.op_type for node in onnx.load(voice).graph.node if "Random" in node.op_type]


def test_the_same_input_gives_the_same_samples_in_another_session(model: PiperModel, voice: Path) -> None:
    other = load_piper(voice, model.config, GraphCache(voice.parent / "other"), cancel=CancelToken())
    spoken(other, PHONEMES * 3, speaker=2)
    assert np.array_equal(spoken(model), spoken(other))


def test_it_computes_what_pytorch_does(model: PiperModel, state: Checkpoint) -> None:
    rounded = {
        name: tensor.half().float() if tensor.numel() >= 1024 else tensor
        for name, tensor in state["voice"].items()
    }
    network, table = network_of(state | {"voice": rounded})
    ids = phoneme_ids(PHONEMES, model.config)
    with torch.no_grad():
        inputs = ([ids], [len(ids)], [0.667, 1.0, 0.8], [1])
        expected = Voice(network)(*(torch.tensor(value) for value in inputs)).numpy().reshape(-1)
    got = spoken(model, speaker=1)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() < 0.02 * np.abs(expected).max()
    assert len(table) == model.config.num_symbols


def test_it_takes_nearly_as_long_as_the_teacher(model: PiperModel) -> None:
    example = EXAMPLES[4]
    samples = spoken(model, example.symbols[1:-1])
    assert len(samples) % HOP == 0
    assert len(samples) == pytest.approx(example.frames * HOP, rel=0.2)


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_speed_divides_the_duration(model: PiperModel, speed: float) -> None:
    usual = len(spoken(model, PHONEMES * 4))
    assert len(spoken(model, PHONEMES * 4, speed=speed)) == pytest.approx(usual / speed, abs=2 * HOP)


def test_pads_and_what_follows_the_length_are_not_heard(model: PiperModel) -> None:
    ids = phoneme_ids(PHONEMES, model.config)
    bare = [number for number in ids if number != 0]
    scales = np.array([0.667, 1.0, 0.8], np.float32)
    outputs = [
        model.session.run(
            None,
            {
                "input": np.array([sequence], np.int64),
                "input_lengths": np.array([length], np.int64),
                "scales": scales,
                "sid": np.array([0], np.int64),
            },
        )[0]
        for sequence, length in ((ids, len(ids)), (bare, len(bare)), ([*bare, 4, 4], len(bare)))
    ]
    assert np.array_equal(outputs[0], outputs[1])
    assert np.array_equal(outputs[0], outputs[2])


def test_speakers_are_told_apart(model: PiperModel) -> None:
    assert len({spoken(model, speaker=speaker).tobytes() for speaker in range(4)}) == 4


def test_nothing_clips(model: PiperModel) -> None:
    assert max(float(np.abs(spoken(model, speaker=speaker)).max()) for speaker in range(4)) <= 0.9501


def test_begin_and_end_alone_still_give_samples(model: PiperModel) -> None:
    samples = model.run([1, 0, 2], speaker=0, speed=1.0, deadline=Deadline.after(60.0), cancel=CancelToken())
    assert len(samples) >= HOP
    assert np.isfinite(samples).all()


def test_fourier_matrices_take_no_room(voice: Path, state: Checkpoint) -> None:
    weights = sum(tensor.numel() for tensor in state["voice"].values())
    assert voice.stat().st_size < 2 * weights + 250_000


def test_a_file_above_the_limit_is_not_written(
    state: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "MAX_BYTES", 10_000)
    with pytest.raises(ValueError, match="more than a starter voice"):
        write_voice(state, "large", tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_both_files(state: Checkpoint, tmp_path: Path) -> None:
    save(state, tmp_path / "x.pt")
    main([str(tmp_path / "x.pt"), "--name", "starter", "--out", str(tmp_path / "out"), "--sharpen", "0.5"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["starter.onnx", "starter.onnx.json"]
    config = json.loads((tmp_path / "out" / "starter.onnx.json").read_text(encoding="utf-8"))
    assert config["voxgate"]["languages"] == ["en-US"]
