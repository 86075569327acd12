"""Noise that repeats: the random numbers VITS draws inside its graph become a function of their place.

onnxruntime's random operators carry a state from run to run that nobody can set back, so a voice would
never say the same sentence twice alike: cached answers, golden tests and replays would all disagree. Each
`RandomNormalLike` of a model is therefore replaced by a call of a function of the model's own, made of
ordinary operators, that gives normally distributed numbers from a hash of the element's index.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]  # it comes without types
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it comes without types

VERSION = 1
"""To be raised when the numbers change; kept graphs hold them."""

_DOMAIN = "voxgate"
_FUNCTION = "HashedNormalLike"
_RANDOM = "RandomNormalLike"
_FLOAT, _INT64 = 1, 7
_FUNCTIONS_SINCE_IR_VERSION = 8
_OLDEST_OPSET = 13

# x^5 permutes the residues of this prime, 2^31 - 1, and its square still fits an int64.
_PRIME = 2147483647
_STREAM_STEP = 715225739
_ROUND_CONSTANTS = (1043618065, 746105801, 1602376733, 288415207)

Message = Any
"""Generated classes have no types."""


def repeatable(model: bytes) -> bytes:
    """`model`, an ONNX file, with its noise made repeatable; the same bytes where there is nothing to do.

    Only float32 noise of the main graph of models since opset 13 is replaced, which covers Piper's exports.
    What cannot be parsed is returned as it is, for onnxruntime to explain.
    """
    proto = _MODEL()
    try:
        proto.ParseFromString(model)
    except DecodeError:
        return model
    opset = max((entry.version for entry in proto.opset_import if not entry.domain), default=0)
    nodes = [node for node in proto.graph.node if _is_float_noise(node)]
    if not nodes or opset < _OLDEST_OPSET:
        return model
    for stream, node in enumerate(nodes):
        _call_function(node, stream)
    proto.functions.append(_function(opset))
    proto.opset_import.add(domain=_DOMAIN, version=1)
    proto.ir_version = max(proto.ir_version, _FUNCTIONS_SINCE_IR_VERSION)
    return bytes(proto.SerializeToString())


def _is_float_noise(node: Message) -> bool:
    if node.op_type != _RANDOM or node.domain:
        return False
    return all(attribute.i == _FLOAT for attribute in node.attribute if attribute.name == "dtype")


def _call_function(node: Message, stream: int) -> None:
    given = {attribute.name: attribute.f for attribute in node.attribute}
    del node.attribute[:]
    node.op_type, node.domain = _FUNCTION, _DOMAIN
    node.attribute.add(name="stream", i=stream + 1, type=_ATTRIBUTE_INT)
    node.attribute.add(name="mean", f=given.get("mean", 0.0), type=_ATTRIBUTE_FLOAT)
    node.attribute.add(name="scale", f=given.get("scale", 1.0), type=_ATTRIBUTE_FLOAT)


def _function(opset: int) -> Message:
    """Index and stream, hashed by rounds of (x + constant)^5 as in MiMC (Albrecht et al., 2016), give the two
    uniform numbers that the Box-Muller transform turns into a normal one."""
    body = _Body()
    body.function.name, body.function.domain = _FUNCTION, _DOMAIN
    body.function.input.append("like")
    body.function.output.append("noise")
    body.function.attribute.extend(["stream", "mean", "scale"])
    body.function.opset_import.add(domain="", version=opset)
    index = body.add("Range", body.integer(0), body.add("Size", "like"), body.integer(1))
    stream = body.attribute("stream", "value_int", _ATTRIBUTE_INT)
    offset = body.add("Mul", stream, body.integer(_STREAM_STEP))
    value = body.modulo(body.add("Add", index, offset))
    for constant in _ROUND_CONSTANTS[:3]:
        value = body.fifth_power(value, constant)
    radius = body.add("Sqrt", body.add("Mul", body.add("Log", body.uniform(value)), body.real(-2.0)))
    turn = body.uniform(body.fifth_power(value, _ROUND_CONSTANTS[3]))
    angle = body.add("Cos", body.add("Mul", turn, body.real(6.2831853)))
    scaled = body.add(
        "Mul", body.add("Mul", radius, angle), body.attribute("scale", "value_float", _ATTRIBUTE_FLOAT)
    )
    shifted = body.add("Add", scaled, body.attribute("mean", "value_float", _ATTRIBUTE_FLOAT))
    body.add("Reshape", shifted, body.add("Shape", "like"), out="noise")
    return body.function


class _Body:
    """A function while it grows; methods return the name of the value they add."""

    def __init__(self) -> None:
        self.function = _MESSAGES["FunctionProto"]()

    def add(self, operator: str, *inputs: str, out: str = "") -> str:
        node = self.function.node.add(op_type=operator, input=inputs)
        node.output.append(out or f"v{len(self.function.node)}")
        return str(node.output[0])

    def integer(self, value: int) -> str:
        name = self.add("Constant")
        self.function.node[-1].attribute.add(name="value_int", i=value, type=_ATTRIBUTE_INT)
        return name

    def real(self, value: float) -> str:
        name = self.add("Constant")
        self.function.node[-1].attribute.add(name="value_float", f=value, type=_ATTRIBUTE_FLOAT)
        return name

    def attribute(self, attribute: str, kind: str, kind_number: int) -> str:
        name = self.add("Constant")
        self.function.node[-1].attribute.add(name=kind, ref_attr_name=attribute, type=kind_number)
        return name

    def cast(self, value: str, to: int) -> str:
        name = self.add("Cast", value)
        self.function.node[-1].attribute.add(name="to", i=to, type=_ATTRIBUTE_INT)
        return name

    def fifth_power(self, value: str, constant: int) -> str:
        """(value + constant)^5 modulo the prime."""
        base = self.modulo(self.add("Add", value, self.integer(constant)))
        square = self.times(base, base)
        return self.times(self.times(square, square), base)

    def times(self, left: str, right: str) -> str:
        return self.modulo(self.add("Mul", left, right))

    def modulo(self, value: str) -> str:
        return self.add("Mod", value, self.integer(_PRIME))

    def uniform(self, value: str) -> str:
        """A residue as float32 in (0, 1]."""
        positive = self.add("Add", self.cast(value, _FLOAT), self.real(1.0))
        return self.add("Mul", positive, self.real(1 / _PRIME))


_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT = 1, 2

# The fields of onnx.proto that are read or written here, under their numbers; protobuf keeps all others as
# they are.
_Field = tuple[str, int, str]
_SCHEMA: dict[str, tuple[_Field, ...]] = {
    "AttributeProto": (
        ("name", 1, "string"),
        ("f", 2, "float"),
        ("i", 3, "int64"),
        ("type", 20, "int32"),
        ("ref_attr_name", 21, "string"),
    ),
    "NodeProto": (
        ("input", 1, "string*"),
        ("output", 2, "string*"),
        ("op_type", 4, "string"),
        ("attribute", 5, "AttributeProto*"),
        ("domain", 7, "string"),
    ),
    "OperatorSetIdProto": (("domain", 1, "string"), ("version", 2, "int64")),
    "GraphProto": (("node", 1, "NodeProto*"),),
    "FunctionProto": (
        ("name", 1, "string"),
        ("input", 4, "string*"),
        ("output", 5, "string*"),
        ("attribute", 6, "string*"),
        ("node", 7, "NodeProto*"),
        ("opset_import", 9, "OperatorSetIdProto*"),
        ("domain", 10, "string"),
    ),
    "ModelProto": (
        ("ir_version", 1, "int64"),
        ("graph", 7, "GraphProto"),
        ("opset_import", 8, "OperatorSetIdProto*"),
        ("functions", 25, "FunctionProto*"),
    ),
}


def _messages() -> dict[str, Message]:
    # A package and a pool of its own: the real onnx.proto may be loaded in the same process.
    file = descriptor_pb2.FileDescriptorProto(name="voxgate_onnx.proto", package="voxgate_onnx")
    for name, fields in _SCHEMA.items():
        _describe(file.message_type.add(name=name), fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    described = (pool.FindMessageTypeByName(f"voxgate_onnx.{name}") for name in _SCHEMA)
    return {entry.name: message_factory.GetMessageClass(entry) for entry in described}


def _describe(message: Message, fields: Iterable[_Field]) -> None:
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, number, kind in fields:
        bare = kind.removesuffix("*")
        label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
        field = message.field.add(name=name, number=number, label=label)
        if bare in _SCHEMA:
            field.type, field.type_name = kinds.TYPE_MESSAGE, f".voxgate_onnx.{bare}"
        else:
            field.type = kinds.Type.Value(f"TYPE_{bare.upper()}")


_MESSAGES = _messages()
_MODEL = _MESSAGES["ModelProto"]
