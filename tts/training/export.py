"""Writes a trained voice in Piper's format: `python -m tts.training.export --help`."""

import argparse
import io
import json
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from tts.training.half_floats import with_half_floats
from tts.training.network import (
    LOG_F0,
    VOICING,
    Network,
    Size,
    duration_in_frames,
    position_features,
    symbol_of_frame,
    whole_frames,
)
from tts.training.symbols import BOS_ID, EOS_ID, PAD_ID, SymbolTable
from tts.training.synthesizer import Synthesizer, Timbre
from tts.training.train import Checkpoint, load
from tts.training.utterance import CEPSTRA
from tts.training.voice_config import voice_config

logger = logging.getLogger(__name__)

OPSET = 17
"""The first with LayerNormalization."""

MAX_BYTES = 4_000_000
PEAK = 0.95
_USUAL_NOISE_SCALE = 0.667


@dataclass(frozen=True, slots=True)
class Finish:
    """What is decided at export: `sharpen` is the share of the calibrated spread of cepstra and `intonation` that of
    log f0 that is applied, 0.0 to leave them as the network makes them."""

    sharpen: float = 1.0
    intonation: float = 1.0


class Voice(nn.Module):
    """What the ONNX graph holds: ids in, samples out."""

    spread: Tensor

    def __init__(self, network: Network, timbre: Timbre | None = None, finish: Finish | None = None) -> None:
        super().__init__()
        finish = finish or Finish()
        self.network = network
        self.synthesizer = Synthesizer(timbre)
        shares = torch.tensor([finish.sharpen] * CEPSTRA + [finish.intonation])
        self.register_buffer("spread", network.statistics.spread**shares)

    def forward(self, ids: Tensor, lengths: Tensor, scales: Tensor, speaker: Tensor) -> Tensor:
        """`ids` (1, T) with pads, `lengths` (1,), `scales` (3,), `speaker` (1,) to samples (1, 1, 1, N).

        The first scale is the depth of the slow pitch variation, the second stretches durations, the third does
        nothing: durations are not drawn at random.
        """
        kept = (ids != PAD_ID) & (torch.arange(ids.shape[1]).unsqueeze(0) < lengths.unsqueeze(1))
        symbols = torch.masked_select(ids, kept).unsqueeze(0)
        features = self._features(symbols, scales[1], speaker)
        samples = self.synthesizer(
            features[:, :CEPSTRA],
            features[:, LOG_F0],
            (features[:, VOICING] > 0.0).float(),
            scales[0] / _USUAL_NOISE_SCALE,
        )
        samples = samples * self.network.statistics.level[speaker]
        # One sentence is not made louder than the next; only what would clip is brought down.
        samples = samples / torch.clamp(samples.abs().max() / PEAK, min=1.0)
        return samples.reshape(1, 1, 1, -1)

    def _features(self, symbols: Tensor, stretch: Tensor, speaker: Tensor) -> Tensor:
        """Cepstra, log f0 and the logit of voicing (F, CEPSTRA + 2)."""
        network, statistics = self.network, self.network.statistics
        text, log_durations = network.encode(symbols, speaker, torch.ones_like(symbols).float().unsqueeze(2))
        pace = statistics.pace[speaker].unsqueeze(1)
        durations = whole_frames(duration_in_frames(log_durations) * pace * stretch)
        numbers = torch.arange(durations.sum().clamp(min=1))
        owner = symbol_of_frame(durations, numbers)
        position = position_features(durations, owner, numbers)
        exists = torch.ones_like(owner).float().unsqueeze(2)
        frames = network.decode(text[:, owner[0]], position, speaker, exists)
        widened = frames[..., : CEPSTRA + 1] * self.spread[speaker].unsqueeze(1)
        restored = statistics.restored(widened, speaker)
        return torch.cat([restored, frames[..., VOICING:]], dim=2)[0]


def network_of(state: Checkpoint) -> tuple[Network, SymbolTable]:
    """The averaged and calibrated network of a checkpoint."""
    network = Network(Size(**state["size"]))
    network.load_state_dict(state["voice"])
    network.eval()
    return network, SymbolTable(tuple(state["symbols"]))


def exported(voice: Voice, symbols: int) -> onnx.ModelProto:
    """The graph of `voice`, whose table holds `symbols` symbols."""
    ids = torch.tensor([[BOS_ID, PAD_ID, *(3 + n % (symbols - 3) for n in range(24)), PAD_ID, EOS_ID]])
    example = (ids, torch.tensor([ids.shape[1]]), torch.tensor([0.667, 1.0, 0.8]), torch.tensor([0]))
    file = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter by tracing is called legacy, and the other one turns every range into a table.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            voice.eval(),
            example,
            file,
            input_names=["input", "input_lengths", "scales", "sid"],
            output_names=["output"],
            dynamic_axes={"input": {1: "phonemes"}, "output": {3: "samples"}},
            opset_version=OPSET,
            dynamo=False,
            do_constant_folding=False,
        )
    return with_half_floats(onnx.load_model_from_string(file.getvalue()))


def write_voice(state: Checkpoint, name: str, directory: Path, finish: Finish | None = None) -> Path:
    """Write `<name>.onnx` and `<name>.onnx.json`; returns the first one's path.

    Raises `ValueError` when the model is larger than `MAX_BYTES`.
    """
    network, table = network_of(state)
    model = exported(Voice(network, finish=finish), len(table))
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes are more than a starter voice may take")
    config = voice_config(name, table, state["languages"], network.size.speakers)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.onnx"
    path.write_bytes(data)
    text = json.dumps(config, ensure_ascii=False, indent=2)
    path.with_name(f"{path.name}.json").write_text(text + "\n", encoding="utf-8")
    logger.info("%s: %d bytes, step %d", path.name, len(data), state["step"])
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="python -m tts.training.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--name", required=True, help="stem of the files, which is the voice's id")
    parser.add_argument("--out", type=Path, required=True, help="directory")
    parser.add_argument("--sharpen", type=float, default=Finish().sharpen, help="0 to 1, see Finish")
    parser.add_argument("--intonation", type=float, default=Finish().intonation, help="0 to 1, see Finish")
    options = parser.parse_args(arguments)
    write_voice(
        load(options.checkpoint), options.name, options.out, Finish(options.sharpen, options.intonation)
    )


if __name__ == "__main__":
    main()
