"""Voices in exact Piper format whose phonemes are tones: real sessions, predictable lengths, no training.

    python -m tests.fixture_voices DIRECTORY

writes a Mandarin and an English voice. Their configuration names the dataset `voxgate-fixture`, which the
voice library refuses unless told otherwise: a client must never hear tones instead of speech.
"""

import json
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

HOP = 256
SYMBOLS = 256
SAMPLE_RATE = 22050
FAULT_ABOVE_IDS = 60
DATASET = "voxgate-fixture"

PHONEMES = (
    "_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊ"
    'ʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ0123456789\u0327\u0303\u032a\u032f\u0329ʰˤε↓#"↑\u033a\u033bgʦX\u031d\u030aɝʷ'
)
"""Piper's default phonemes; the place of each is its id."""


class Fault(StrEnum):
    """What a voice does with more than `fault_above_ids` ids."""

    HANG = "hang"
    RAISE = "raise"
    SILENCE = "silence"
    NOT_A_NUMBER = "nan"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class FixtureVoice:
    """The two files of a voice that was written."""

    model: Path
    config: Path


def write_fixture_voice(
    directory: Path,
    name: str,
    *,
    language: str = "zh_CN",
    espeak_voice: str = "cmn",
    phoneme_type: str = "espeak",
    phonemes: str = PHONEMES,
    speakers: int = 1,
    sample_rate: int = SAMPLE_RATE,
    noise: bool = False,
    fault: Fault | None = None,
    fault_above_ids: int = FAULT_ABOVE_IDS,
) -> FixtureVoice:
    """Write `name`.onnx and `name`.onnx.json. `noise` adds noise times the noise scale, as VITS does."""
    directory.mkdir(parents=True, exist_ok=True)
    files = FixtureVoice(directory / f"{name}.onnx", directory / f"{name}.onnx.json")
    config = fixture_config(
        language=language,
        espeak_voice=espeak_voice,
        phoneme_type=phoneme_type,
        phonemes=phonemes,
        speakers=speakers,
        sample_rate=sample_rate,
    )
    files.config.write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")
    model = fixture_model(
        phonemes, speakers=speakers, noise=noise, fault=fault, fault_above_ids=fault_above_ids
    )
    files.model.write_bytes(model.SerializeToString())
    return files


def fixture_config(
    *,
    language: str = "zh_CN",
    espeak_voice: str = "cmn",
    phoneme_type: str = "espeak",
    phonemes: str = PHONEMES,
    speakers: int = 1,
    sample_rate: int = SAMPLE_RATE,
) -> dict[str, object]:
    """The `.onnx.json` as Piper publishes it."""
    family, _, region = language.partition("_")
    return {
        "audio": {"sample_rate": sample_rate, "quality": "medium"},
        "espeak": {"voice": espeak_voice},
        "language": {"code": language, "family": family, "region": region},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": phoneme_type,
        "phoneme_map": {},
        "phoneme_id_map": {symbol: [position] for position, symbol in enumerate(phonemes)},
        "num_symbols": SYMBOLS,
        "num_speakers": speakers,
        "speaker_id_map": {f"speaker{number}": number for number in range(speakers)} if speakers > 1 else {},
        "dataset": DATASET,
        "piper_version": "1.0.0",
        "hop_length": HOP,
    }


def expected_samples(ids: Sequence[int], length_scale: float = 1.0, phonemes: str = PHONEMES) -> int:
    """How many samples a voice without fault gives for `ids`."""
    frames = np.ceil(frames_per_id(phonemes)[list(ids)] * np.float32(length_scale))
    return int(frames.sum()) * HOP


def frames_per_id(phonemes: str = PHONEMES) -> NDArray[np.float32]:
    """Frames of 256 samples at length scale 1: 5–8 per sound, 2 per mark, none per pad; shape (256,)."""
    frames = np.zeros(SYMBOLS, np.float32)
    for position, symbol in enumerate(phonemes):
        frames[position] = _frames_of(symbol, position)
    frames[0] = 0
    return frames


def _frames_of(symbol: str, position: int) -> int:
    if symbol in "^$":
        return 2
    if symbol == " ":
        return 3
    category = unicodedata.category(symbol)
    if category in ("Po", "Pd", "Ps", "Pe"):
        return 8
    return 5 + position % 4 if category in ("Ll", "Lu", "Lo") else 2


def fixture_model(
    phonemes: str = PHONEMES,
    *,
    speakers: int = 1,
    noise: bool = False,
    fault: Fault | None = None,
    fault_above_ids: int = FAULT_ABOVE_IDS,
) -> onnx.ModelProto:
    """The graph: ids to frames by a length regulator, each frame one row of a table of tones."""
    graph = _Graph()
    samples = _add_samples(graph, phonemes, speakers)
    if noise:
        samples = _add_noise(graph, samples)
    if fault is not None:
        samples = _add_fault(graph, samples, fault, fault_above_ids)
    graph.add("Reshape", samples, graph.constant("output_shape", [1, 1, 1, -1]), out="output")
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, ["batch_size"]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch_size", 1, 1, "time"])
    proto = helper.make_graph(graph.nodes, "fixture", inputs, [output], graph.constants)
    model = helper.make_model(
        proto, opset_imports=[helper.make_opsetid("", 15)], ir_version=8, producer_name=DATASET
    )
    onnx.checker.check_model(model)
    return model


class _Graph:
    """Nodes and constants while a graph grows; both methods return the name of what they add."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: object, dtype: type = np.int64) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def add(self, operator: str, *inputs: str, out: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [out], **attributes))
        return out


def _add_samples(graph: _Graph, phonemes: str, speakers: int) -> str:
    """The tones, shape (samples,): the number of finished ids tells which id a frame belongs to."""
    zero, one, two = (graph.constant(f"at{number}", [number]) for number in range(3))
    graph.add("Reshape", "input", graph.constant("flat", [-1]), out="flat_ids")
    ids = graph.add("Slice", "flat_ids", zero, "input_lengths", out="ids")
    graph.add(
        "Gather", graph.constant("frames_per_id", frames_per_id(phonemes), np.float32), ids, out="frames"
    )
    graph.add("Slice", "scales", one, two, out="length_scale")
    graph.add("Mul", "frames", "length_scale", out="scaled_frames")
    graph.add("Ceil", "scaled_frames", out="whole_frames")
    graph.add("Cast", "whole_frames", out="id_frames", to=TensorProto.INT64)
    graph.add("CumSum", "id_frames", graph.constant("axis", 0), out="ends")
    graph.add("ReduceMax", "ends", out="total", keepdims=0)
    graph.add("Range", graph.constant("first", 0), "total", graph.constant("step", 1), out="frame")
    graph.add("Unsqueeze", "frame", one, out="frame_column")
    graph.add("LessOrEqual", "ends", "frame_column", out="finished")
    graph.add("Cast", "finished", out="finished_count", to=TensorProto.INT64)
    graph.add("ReduceSum", "finished_count", one, out="owner", keepdims=0)
    graph.add("Gather", ids, "owner", out="frame_ids")
    rows = graph.add("Gather", graph.constant("tones", _tones(phonemes), np.float32), "frame_ids", out="rows")
    if speakers > 1:
        rows = _add_speaker(graph, rows, phonemes, speakers)
    return graph.add("Reshape", rows, "flat", out="tone_samples")


def _add_speaker(graph: _Graph, rows: str, phonemes: str, speakers: int) -> str:
    """A second tone on every sounding frame, another one for each speaker."""
    sounding = np.abs(_tones(phonemes)).max(axis=1, keepdims=True) > 0
    graph.add("Gather", graph.constant("sounding", sounding, np.float32), "frame_ids", out="frame_sounding")
    own_tones = np.stack([0.1 * _tone(60 + number % 60) for number in range(speakers)])
    graph.add("Gather", graph.constant("speaker_tones", own_tones, np.float32), "sid", out="speaker_tone")
    graph.add("Mul", "frame_sounding", "speaker_tone", out="speaker_rows")
    return graph.add("Add", rows, "speaker_rows", out="rows_of_speaker")


def _add_noise(graph: _Graph, samples: str) -> str:
    graph.add("Slice", "scales", "at0", "at1", out="noise_scale")
    graph.add("RandomNormalLike", samples, out="noise", scale=0.01)
    graph.add("Mul", "noise", "noise_scale", out="scaled_noise")
    return graph.add("Add", samples, "scaled_noise", out="noisy_samples")


def _add_fault(graph: _Graph, samples: str, fault: Fault, above_ids: int) -> str:
    graph.add("Shape", "ids", out="id_count")
    graph.add("Greater", "id_count", graph.constant("most_ids", [above_ids]), out="is_long_column")
    graph.add("Reshape", "is_long_column", graph.constant("scalar", np.zeros(0)), out="is_long")
    good = _branch("good", _Graph(), lambda branch: branch.add("Identity", samples, out="good_samples"))
    bad = _branch("bad", _Graph(), lambda branch: _FAULTS[fault](branch, samples))
    return graph.add("If", "is_long", out="judged_samples", then_branch=bad, else_branch=good)


def _branch(name: str, graph: _Graph, build: Callable[[_Graph], str]) -> onnx.GraphProto:
    out = helper.make_tensor_value_info(build(graph), TensorProto.FLOAT, [None])
    return helper.make_graph(graph.nodes, name, [], [out], graph.constants)


def _hang(graph: _Graph, samples: str) -> str:
    """A loop that nobody lives to see the end of."""
    scalar = helper.make_tensor_value_info
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["still_on"]),
            helper.make_node("Abs", ["value"], ["next_value"]),
        ],
        "body",
        [
            scalar("trip", TensorProto.INT64, []),
            scalar("go_on", TensorProto.BOOL, []),
            scalar("value", TensorProto.FLOAT, []),
        ],
        [scalar("still_on", TensorProto.BOOL, []), scalar("next_value", TensorProto.FLOAT, [])],
    )
    trips, always = graph.constant("trips", 2**62), graph.constant("always", True, np.bool_)
    graph.add("Loop", trips, always, graph.constant("start", 1.0, np.float32), out="one_at_last", body=body)
    return graph.add("Mul", samples, "one_at_last", out="bad_samples")


def _raise(graph: _Graph, samples: str) -> str:
    return graph.add("Gather", samples, graph.constant("beyond", [2**40]), out="bad_samples")


def _times(factor: float) -> Callable[[_Graph, str], str]:
    def build(graph: _Graph, samples: str) -> str:
        return graph.add("Mul", samples, graph.constant("factor", factor, np.float32), out="bad_samples")

    return build


def _repeat(graph: _Graph, samples: str) -> str:
    return graph.add("Tile", samples, graph.constant("repeats", [30]), out="bad_samples")


_FAULTS: dict[Fault, Callable[[_Graph, str], str]] = {
    Fault.HANG: _hang,
    Fault.RAISE: _raise,
    Fault.SILENCE: _times(0.0),
    Fault.NOT_A_NUMBER: _times(float("nan")),
    Fault.TOO_LONG: _repeat,
}


def _tones(phonemes: str) -> NDArray[np.float64]:
    """One row per id: two partials that no other id combines; pads, spaces and punctuation are silent."""
    rows = np.zeros((SYMBOLS, HOP))
    for position, symbol in enumerate(phonemes):
        if unicodedata.category(symbol)[0] in "LMN":
            rows[position] = 0.2 * _tone(2 + position % 13) + 0.1 * _tone(16 + position // 13)
    return rows


def _tone(cycles: int) -> NDArray[np.float64]:
    """Whole cycles in one frame, so that frames follow each other without a step."""
    return np.sin(2 * np.pi * cycles * np.arange(HOP) / HOP)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.fixture_voices DIRECTORY\n")
        return 2
    directory = Path(arguments[0])
    write_fixture_voice(directory, "zh_CN-tones-medium", speakers=4)
    write_fixture_voice(directory, "en_US-tones-medium", language="en_US", espeak_voice="en-us", speakers=4)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
