from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.fixture_voices import Fault, expected_samples, fixture_model, write_fixture_voice
from tests.tts.engines.onnx.voices import LONG, SHORT, load_fixture, soon
from tts.engines.base import CancelToken, EngineError, Samples, SynthesisCanceled
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.phoneme_ids import phoneme_ids
from tts.engines.onnx.piper import MAX_PHONEMES, PiperModel, load_piper
from tts.engines.onnx.piper_config import parse_piper_config
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible


def spoken(
    model: PiperModel, phonemes: list[str] = SHORT, *, speaker: int = 0, speed: float = 1.0
) -> Samples:
    return model.speak(phonemes, speaker=speaker, speed=speed, deadline=soon(), cancel=CancelToken())


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.0, 1.7, 2.0])
def test_samples_are_counted_exactly_at_any_speed(tmp_path: Path, speed: float) -> None:
    model = load_fixture(tmp_path)
    samples = spoken(model, speed=speed)
    assert samples.shape == (expected_samples(phoneme_ids(SHORT, model.config), 1 / speed),)
    assert samples.dtype == np.float32


def test_every_phoneme_has_its_own_tone(tmp_path: Path) -> None:
    model = load_fixture(tmp_path)
    assert not np.array_equal(spoken(model, list("ai")), spoken(model, list("aɪ")))


def test_speakers_sound_different(tmp_path: Path) -> None:
    model = load_fixture(tmp_path, speakers=3)
    voices = {spoken(model, speaker=speaker).tobytes() for speaker in range(3)}
    assert len(voices) == 3


@pytest.mark.parametrize("noise", [False, True])
def test_a_voice_repeats_itself_whatever_was_said_before(tmp_path: Path, noise: bool) -> None:
    model = load_fixture(tmp_path, noise=noise)
    first = spoken(model)
    spoken(model, LONG)
    assert np.array_equal(first, spoken(model))


def test_noise_is_the_same_from_the_cache_and_without(tmp_path: Path) -> None:
    fresh = load_fixture(tmp_path, noise=True)
    cached = load_fixture(tmp_path, noise=True)
    elsewhere = load_fixture(tmp_path / "elsewhere", noise=True)
    plain = load_fixture(tmp_path / "plain")
    assert np.array_equal(spoken(fresh), spoken(cached))
    assert np.array_equal(spoken(fresh), spoken(elsewhere))
    assert not np.array_equal(spoken(fresh), spoken(plain))


@pytest.mark.parametrize("speaker", [-1, 2])
def test_unknown_speakers_are_refused(tmp_path: Path, speaker: int) -> None:
    with pytest.raises(EngineError, match=f"speaker {speaker} of 2"):
        spoken(load_fixture(tmp_path, speakers=2), speaker=speaker)


@pytest.mark.parametrize("ids", [[], [1, 0, -1, 0, 2], [1, 0, 256, 0, 2]])
def test_ids_outside_the_table_are_refused(tmp_path: Path, ids: list[int]) -> None:
    model = load_fixture(tmp_path)
    with pytest.raises(EngineError, match="ids out of range"):
        model.run(ids, speaker=0, speed=1.0, deadline=soon(), cancel=CancelToken())


@pytest.mark.parametrize("speed", [0.01, 100.0, float("nan")])
def test_absurd_speeds_are_refused(tmp_path: Path, speed: float) -> None:
    with pytest.raises(EngineError, match="length scale"):
        spoken(load_fixture(tmp_path), speed=speed)


def test_no_phonemes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no phoneme"):
        spoken(load_fixture(tmp_path), [])


def test_long_input_is_spoken_in_several_runs(tmp_path: Path) -> None:
    # The voice fails on any run of more ids than the cap allows.
    model = load_fixture(tmp_path, fault=Fault.RAISE, above_ids=2 * MAX_PHONEMES + 3)
    phonemes = SHORT * 60
    assert len(phonemes) > 2 * MAX_PHONEMES
    samples = spoken(model, phonemes)
    one_run = expected_samples(phoneme_ids(phonemes, model.config))
    assert one_run <= len(samples) <= one_run * 1.05


@pytest.mark.parametrize("fault", Fault)
def test_faulty_voices_pass_the_smoke_test_and_fail_on_longer_input(tmp_path: Path, fault: Fault) -> None:
    model = load_fixture(tmp_path, fault=fault)
    assert np.abs(spoken(model)).max() > 0.1
    if fault in (Fault.HANG, Fault.RAISE):
        return
    samples = spoken(model, LONG)
    plain = expected_samples(phoneme_ids(LONG, model.config))
    assert {
        Fault.SILENCE: not samples.any(),
        Fault.NOT_A_NUMBER: bool(np.isnan(samples).all()),
        Fault.TOO_LONG: len(samples) == 30 * plain,
    }[fault]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault.RAISE, "the model failed"),
        (Fault.SILENCE, "silence"),
        (Fault.NOT_A_NUMBER, "not finite"),
        (Fault.TOO_LONG, "s for 12 phonemes"),
    ],
)
def test_a_voice_that_fails_the_smoke_test_is_incompatible(
    tmp_path: Path, fault: Fault, problem: str
) -> None:
    with pytest.raises(VoiceIncompatible, match=f"it does not speak: .*{problem}"):
        load_fixture(tmp_path, fault=fault, above_ids=0)


def test_a_voice_that_hangs_in_the_smoke_test_is_incompatible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.engines.onnx.speaking.SMOKE_SECONDS", 0.2)
    with pytest.raises(VoiceIncompatible, match="it does not speak: stopped at the deadline"):
        load_fixture(tmp_path, fault=Fault.HANG, above_ids=0)


def test_loading_can_be_canceled(tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path, "voice")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(SynthesisCanceled):
        load_piper(
            files.model, parse_piper_config(files.config.read_bytes()), GraphCache(tmp_path), cancel=cancel
        )


def test_the_last_speaker_is_tried_as_well(tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path, "voice", speakers=2)
    text = files.config.read_text(encoding="utf-8").replace('"num_speakers": 2', '"num_speakers": 3')
    with pytest.raises(VoiceIncompatible, match="it does not speak"):
        load_piper(files.model, parse_piper_config(text.encode()), GraphCache(tmp_path), cancel=CancelToken())


def load_graph(tmp_path: Path, model: onnx.ModelProto, *, speakers: int = 1) -> PiperModel:
    files = write_fixture_voice(tmp_path, "voice", speakers=speakers)
    files.model.write_bytes(model.SerializeToString())
    config = parse_piper_config(files.config.read_bytes())
    return load_piper(files.model, config, GraphCache(tmp_path), cancel=CancelToken())


def test_a_graph_with_a_speaker_input_may_have_one_speaker(tmp_path: Path) -> None:
    assert len(spoken(load_graph(tmp_path, fixture_model(speakers=2)))) > 0


def test_several_speakers_without_a_speaker_input_are_incompatible(tmp_path: Path) -> None:
    with pytest.raises(VoiceIncompatible, match="num_speakers is 2, but the graph takes no speaker"):
        load_graph(tmp_path, fixture_model(), speakers=2)


def test_a_graph_of_another_kind_is_incompatible(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "graph",
        [value("x", TensorProto.FLOAT, [1])],
        [value("y", TensorProto.FLOAT, [1])],
    )
    other = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    with pytest.raises(VoiceIncompatible, match=r"not a Piper graph: its inputs are x tensor\(float\)"):
        load_graph(tmp_path, other)


def test_inputs_of_another_type_are_incompatible(tmp_path: Path) -> None:
    model = fixture_model()
    model.graph.input[2].type.tensor_type.elem_type = TensorProto.DOUBLE
    with pytest.raises((VoiceIncompatible, VoiceCorrupt)):
        load_graph(tmp_path, model)


def test_a_missing_model_file_is_corrupt(tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path, "voice")
    config = parse_piper_config(files.config.read_bytes())
    with pytest.raises(VoiceCorrupt, match=r"gone\.onnx cannot be read"):
        load_piper(tmp_path / "gone.onnx", config, GraphCache(tmp_path), cancel=CancelToken())
