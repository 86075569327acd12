import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from tts.training.half_floats import SMALLEST, with_half_floats

WEIGHTS = np.random.default_rng(7).normal(size=(64, 64)).astype(np.float32)
OFFSET = np.full(64, 0.1, np.float32)


def multiplying_model() -> onnx.ModelProto:
    value = helper.make_tensor_value_info
    constant = helper.make_node(
        "Constant", [], ["more"], value=numpy_helper.from_array(2.0 * WEIGHTS, "value")
    )
    graph = helper.make_graph(
        [
            constant,
            helper.make_node("MatMul", ["x", "weights"], ["y"]),
            helper.make_node("MatMul", ["y", "more"], ["z"]),
            helper.make_node("Add", ["z", "offset"], ["out"]),
        ],
        "graph",
        [value("x", TensorProto.FLOAT, [1, 64])],
        [value("out", TensorProto.FLOAT, [1, 64])],
        [numpy_helper.from_array(WEIGHTS, "weights"), numpy_helper.from_array(OFFSET, "offset")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_large_weights_take_half_the_room() -> None:
    before = len(multiplying_model().SerializeToString())
    after = len(with_half_floats(multiplying_model()).SerializeToString())
    assert after < 0.55 * before


def test_the_graph_computes_what_it_did_to_the_precision_of_float16() -> None:
    model = with_half_floats(multiplying_model())
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.linspace(-1.0, 1.0, 64, dtype=np.float32)[None]
    expected = x @ WEIGHTS @ (2.0 * WEIGHTS) + OFFSET
    got = session.run(None, {"x": x})[0]
    assert np.abs(got - expected).max() < 2e-3 * np.abs(expected).max()


def test_small_arrays_stay_exact() -> None:
    assert OFFSET.size < SMALLEST
    kept = {tensor.name: tensor for tensor in with_half_floats(multiplying_model()).graph.initializer}
    assert np.array_equal(numpy_helper.to_array(kept["offset"]), OFFSET)
