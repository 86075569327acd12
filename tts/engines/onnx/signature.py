"""What a graph says about itself: inputs, outputs and metadata."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import onnxruntime

from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

INT64 = "tensor(int64)"
FLOAT = "tensor(float)"


@dataclass(frozen=True, slots=True)
class Signature:
    """Names and element types of inputs and outputs in the graph's order, and the metadata written into the file."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    metadata: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, session: onnxruntime.InferenceSession) -> "Signature":
        return cls(
            {entry.name: entry.type for entry in session.get_inputs()},
            {entry.name: entry.type for entry in session.get_outputs()},
            dict(session.get_modelmeta().custom_metadata_map),
        )

    @classmethod
    def read(cls, path: Path) -> "Signature":
        """The signature of the model file at `path`, without preparing it to run. Raises `VoiceCorrupt`."""
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        # Planning the reuse of memory is most of what loading costs.
        options.enable_mem_reuse = False
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
        except Exception as problem:
            reason = (str(problem).splitlines() or [type(problem).__name__])[0]
            raise VoiceCorrupt(f"onnxruntime cannot load {path.name}: {reason:.200}") from problem
        return cls.of(session)

    def require(self, kind: str, inputs: Mapping[str, str]) -> None:
        """Raises `VoiceIncompatible` unless the graph takes exactly `inputs` and first gives float32."""
        if dict(self.inputs) != dict(inputs):
            raise VoiceIncompatible(f"not a {kind} graph: its inputs are {self.described_inputs()}")
        if self.first_output_type() != FLOAT:
            raise VoiceIncompatible(f"not a {kind} graph: its first output is not float32")

    def described_inputs(self) -> str:
        return ", ".join(f"{name} {kind}" for name, kind in self.inputs.items()) or "none"

    def first_output_type(self) -> str:
        return next(iter(self.outputs.values()), "")

    def text(self, key: str, default: str = "") -> str:
        return self.metadata.get(key, default)

    def integer(self, key: str, default: int) -> int:
        """Raises `VoiceIncompatible` where the metadata holds something else than a number from 0 on."""
        value = self.metadata.get(key)
        if value is None:
            return default
        # Ids among them would be counted from the end by onnxruntime if they were negative.
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise VoiceIncompatible(f"metadata {key} of the model must be a whole number, is {value!r:.60}")
        return int(value)
