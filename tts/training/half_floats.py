"""Smaller ONNX files: weights kept as float16 and cast back, which onnxruntime does once, when it loads them."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST = 1024
"""Arrays with fewer numbers stay as they are."""


def with_half_floats(model: onnx.ModelProto) -> onnx.ModelProto:
    """`model`, changed in place: every large float32 weight is stored in half the room."""
    graph = model.graph
    _constants_to_initializers(graph)
    casts = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST:
            continue
        half = numpy_helper.from_array(
            numpy_helper.to_array(tensor).astype(np.float16), f"{tensor.name}.float16"
        )
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)
    return model


def _constants_to_initializers(graph: onnx.GraphProto) -> None:
    for node in list(graph.node):
        if node.op_type != "Constant" or node.attribute[0].name != "value":
            continue
        array = numpy_helper.to_array(node.attribute[0].t)
        if array.dtype == np.float32 and array.size >= SMALLEST:
            graph.initializer.append(numpy_helper.from_array(array, node.output[0]))
            graph.node.remove(node)
