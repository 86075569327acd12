import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.fixture_voices import fixture_model
from tts.engines.onnx.repeatable import repeatable

COUNT = 200_000
CPU = ["CPUExecutionProvider"]


def noise_model(
    *attributes: dict[str, object], opset: int = 15, kind: int = TensorProto.FLOAT, ir_version: int = 7
) -> bytes:
    """One output of noise, shaped like the input, for each set of attributes."""
    names = [f"noise{number}" for number in range(len(attributes))]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("RandomNormalLike", ["like"], [name], **given)
            for name, given in zip(names, attributes, strict=True)
        ],
        "graph",
        [value("like", kind, ["a", "b", "c"])],
        [value(name, TensorProto.FLOAT, ["a", "b", "c"]) for name in names],
    )
    opsets = [helper.make_opsetid("", opset)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=ir_version).SerializeToString())


def outputs(model: bytes, count: int = COUNT) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model, providers=CPU)
    arrays: list[NDArray[np.float32]] = session.run(None, {"like": np.ones((1, 2, count // 2), np.float32)})
    return arrays


def test_noise_repeats_and_keeps_its_shape() -> None:
    model = repeatable(noise_model({}))
    session = onnxruntime.InferenceSession(model, providers=CPU)
    like = {"like": np.ones((1, 2, 500), np.float32)}
    (first,), (second,) = session.run(None, like), session.run(None, like)
    assert first.shape == (1, 2, 500)
    assert first.dtype == np.float32
    assert np.array_equal(first, second)


def test_without_it_noise_does_not_repeat() -> None:
    session = onnxruntime.InferenceSession(noise_model({}), providers=CPU)
    like = {"like": np.ones((1, 2, 500), np.float32)}
    assert not np.array_equal(session.run(None, like)[0], session.run(None, like)[0])


def test_noise_is_normally_distributed() -> None:
    noise = outputs(repeatable(noise_model({})))[0].ravel().astype(np.float64)
    assert noise.mean() == pytest.approx(0.0, abs=0.01)
    assert noise.std() == pytest.approx(1.0, abs=0.01)
    assert (noise**3).mean() == pytest.approx(0.0, abs=0.05)
    assert (noise**4).mean() == pytest.approx(3.0, abs=0.1)
    assert 4.0 < np.abs(noise).max() < 6.7


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 256, 1000])
def test_noise_is_not_correlated_with_itself(lag: int) -> None:
    noise = outputs(repeatable(noise_model({})))[0].ravel()
    assert np.corrcoef(noise[:-lag], noise[lag:])[0, 1] == pytest.approx(0.0, abs=0.01)


def test_noise_has_no_tone_in_it() -> None:
    noise = outputs(repeatable(noise_model({})))[0].ravel()
    power = np.abs(np.fft.rfft(noise))[1:-1] ** 2
    # The largest of n exponential values is about ln n.
    assert power.max() / power.mean() < 2 * np.log(len(power))


def test_two_operators_draw_different_noise() -> None:
    first, second = (noise.ravel() for noise in outputs(repeatable(noise_model({}, {}))))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.0, abs=0.01)


def test_mean_and_scale_are_kept() -> None:
    plain, moved = outputs(repeatable(noise_model({}, {"mean": 5.0, "scale": 0.5, "dtype": 1})))
    assert moved.mean() == pytest.approx(5.0, abs=0.01)
    assert moved.std() == pytest.approx(0.5 * plain.std(), rel=0.01)


def test_result_is_valid_onnx_and_all_else_is_kept() -> None:
    before = fixture_model(noise=True)
    after = onnx.load_from_string(repeatable(before.SerializeToString()))
    onnx.checker.check_model(after)
    changed = [(old, new) for old, new in zip(before.graph.node, after.graph.node, strict=True) if old != new]
    assert [(old.op_type, new.domain) for old, new in changed] == [("RandomNormalLike", "voxgate")]
    assert before.graph.initializer == after.graph.initializer
    assert before.graph.input == after.graph.input


@pytest.mark.parametrize(
    "model",
    [
        fixture_model().SerializeToString(),
        noise_model({}, opset=11),
        noise_model({"dtype": TensorProto.DOUBLE}),
        b"",
        b"garbage",
        noise_model({})[:-10],
    ],
)
def test_what_cannot_be_changed_is_left_alone(model: bytes) -> None:
    assert repeatable(model) is model
