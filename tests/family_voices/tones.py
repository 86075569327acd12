"""The graph all fixture models share: ids to frames of tones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tts.engines.onnx.recognize import FIXTURE_KEY

HOP = 256
INT64, INT32, FLOAT = TensorProto.INT64, TensorProto.INT32, TensorProto.FLOAT

Value = tuple[str, int, Sequence[object]]
"""Name, element type and shape of an input or output."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """How long each of `size` ids sounds: 5-8 frames of 256 samples, 2 (of silence) for `marks`, none for `silent`."""

    size: int
    silent: Collection[int] = ()
    marks: Collection[int] = ()

    def frames(self) -> NDArray[np.float32]:
        frames = np.array([5 + number % 4 for number in range(self.size)], dtype=np.float32)
        frames[list(self.marks)] = 2
        frames[list(self.silent)] = 0
        return frames

    def tones(self) -> NDArray[np.float32]:
        """One frame for each id, two partials that no other id combines; shape (size, 256)."""
        rows = [
            0.2 * _tone(2 + number % 13) + 0.1 * _tone(16 + number // 13 % 90) for number in range(self.size)
        ]
        tones = np.stack(rows).astype(np.float32)
        tones[[*self.marks, *self.silent]] = 0
        return tones

    def samples(self, ids: Sequence[int], length_scale: float = 1.0) -> int:
        """How many samples `ids`, with blanks and frame, give."""
        return int(np.ceil(self.frames()[list(ids)] * np.float32(length_scale)).sum()) * HOP


@dataclass
class ToneGraph:
    """Nodes and constants while a graph grows; methods return the name of what they add."""

    sounds: Sounds
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, values: object, dtype: type = np.int64) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: object) -> str:
        name = out or f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def flat(self, value: str) -> str:
        return self.add("Reshape", value, self.constant([-1]))

    def owners(self, ids: str, length_scale: str) -> str:
        """The place of the id that each frame belongs to, of `ids` [1, T] and a factor [1]."""
        frames = self.add("Gather", self.constant(self.sounds.frames(), np.float32), self.flat(ids))
        whole = self.add("Ceil", self.add("Mul", frames, length_scale))
        ends = self.add("CumSum", self.add("Cast", whole, to=INT64), self.constant(0))
        total = self.add("ReduceMax", ends, keepdims=0)
        frame = self.add("Range", self.constant(0), total, self.constant(1))
        column = self.add("Unsqueeze", frame, self.constant([1]))
        finished = self.add("Cast", self.add("LessOrEqual", ends, column), to=INT64)
        return self.add("ReduceSum", finished, self.constant([1]), keepdims=0)

    def frame_ids(self, ids: str, length_scale: str) -> str:
        """The id each frame belongs to."""
        return self.add("Gather", self.flat(ids), self.owners(ids, length_scale))

    def rows(self, frame_ids: str) -> str:
        """Tones of frames, shape (frames, 256)."""
        return self.add("Gather", self.constant(self.sounds.tones(), np.float32), frame_ids)

    def with_voice(self, rows: str, frame_ids: str, speaker: str, speakers: int) -> str:
        """`rows` with a second tone on every sounding frame, another one for each of `speakers`."""
        sounding = (np.abs(self.sounds.tones()).max(axis=1, keepdims=True) > 0).astype(np.float32)
        own = np.stack([0.1 * _tone(60 + number % 60) for number in range(speakers)])
        heard = self.add("Gather", self.constant(sounding, np.float32), frame_ids)
        tone = self.add("Gather", self.constant(own, np.float32), speaker)
        return self.add("Add", rows, self.add("Mul", heard, tone))

    def model(
        self, inputs: Sequence[Value], outputs: Sequence[Value], metadata: Mapping[str, object]
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "fixture",
            [helper.make_tensor_value_info(*value) for value in inputs],
            [helper.make_tensor_value_info(*value) for value in outputs],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
        helper.set_model_props(
            model, {key: str(value) for key, value in {**metadata, FIXTURE_KEY: 1}.items()}
        )
        onnx.checker.check_model(model)
        return model


def write_model(path: Path, model: onnx.ModelProto) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())


def write_tokens(path: Path, tokens: Mapping[str, int]) -> None:
    """`tokens.txt`, the space as published files have it."""
    path.write_text("".join(f"{token} {number}\n" for token, number in tokens.items()), encoding="utf-8")


def numbered(symbols: Sequence[str]) -> dict[str, int]:
    return {symbol: number for number, symbol in enumerate(symbols)}


def _tone(cycles: int) -> NDArray[np.float64]:
    """Whole cycles in one frame, so that frames follow each other without a step."""
    return np.sin(2 * np.pi * cycles * np.arange(HOP) / HOP)
