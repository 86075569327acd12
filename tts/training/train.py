"""Trains a voice on utterances of teachers: `python -m tts.training.train --help`."""

import argparse
import dataclasses
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tts.training.batches import Batches, Example, collate, feature_statistics, held_out, load_examples
from tts.training.calibration import calibrate
from tts.training.losses import cropped, losses, whole
from tts.training.network import Network, Size
from tts.training.symbols import SymbolTable

logger = logging.getLogger(__name__)

PEAK_RATE = 1.6e-3
"""Learning rate after the warm-up; it falls along a cosine to `LAST_RATE_SHARE` of it."""

LAST_RATE_SHARE = 0.03
WARM_UP_STEPS = 100
TONE_WEIGHT = 2.0
LOG_EVERY = 100
_TIMED_STEPS = 60
_AVERAGE_DECAY = 0.999

Checkpoint = dict[str, Any]
"""What `torch.save` writes: tensors, numbers and texts only."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. Equal plans on equal data give equal weights, interrupted or not.

    With `minutes` instead of `steps` the number of steps is estimated from the first ones and logged. `bfloat16`
    halves the time on processors that have it.
    """

    seed: int = 7
    steps: int | None = None
    minutes: float | None = None
    batch_size: int = 16
    checkpoint_every: int = 1000
    bfloat16: bool = True


class Training:
    """A network on its way, with a running average of its weights, which is what speaks in the end."""

    def __init__(self, examples: Sequence[Example], plan: Plan, size: Size | None = None) -> None:
        torch.manual_seed(plan.seed)
        torch.use_deterministic_algorithms(True)
        # Filling memory before it is used costs a tenth of the time and only matters for code that reads it unset.
        torch.utils.deterministic.fill_uninitialized_memory = False
        self.plan = plan
        self.examples = examples
        self.table = SymbolTable.of(example.symbols for example in examples)
        speakers = max(example.speaker for example in examples) + 1
        self.network = Network(size or Size(len(self.table), max(4, speakers)))
        trained_on = [example for example in examples if not example.held_out]
        mean, deviation = feature_statistics(trained_on, self.network.size.speakers)
        self.network.statistics.mean.copy_(mean)
        self.network.statistics.deviation.copy_(deviation)
        self.average = _copy(self.network.state_dict())
        self.batches = Batches(trained_on, self.table, size=plan.batch_size, seed=plan.seed)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.step = 0
        self.steps = plan.steps

    def advance(self) -> dict[str, float]:
        """One step; returns its losses."""
        crops = torch.Generator().manual_seed(self.plan.seed * 1_000_003 + self.step)
        batch = self.batches.at(self.step)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.plan.bfloat16):
            parts = losses(self.network, batch, cropped(batch, crops), tone_weight=TONE_WEIGHT)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.steps)
        self.optimizer.zero_grad()
        parts.total().backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return parts.values()

    def averaged(self) -> Network:
        """The averaged network, calibrated on held-out sentences."""
        network = Network(self.network.size)
        network.load_state_dict(self.average)
        network.eval()
        unseen = [example for example in self.examples if example.held_out] or list(self.examples[:50])
        calibrate(network, self.table, unseen)
        return network

    def state(self) -> Checkpoint:
        return {
            "voice": self.averaged().state_dict(),
            "size": dataclasses.asdict(self.network.size),
            "symbols": list(self.table.symbols),
            "languages": sorted({example.language for example in self.examples}),
            "seed": self.plan.seed,
            "step": self.step,
            "steps": self.steps,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
        }

    def resume(self, state: Checkpoint) -> None:
        """Continue from `state`. Raises `ValueError` if it came of other data or another seed."""
        if tuple(state["symbols"]) != self.table.symbols or state["seed"] != self.plan.seed:
            raise ValueError("the checkpoint was made from other data or with another seed")
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = _copy(state["average"])
        self.step = int(state["step"])
        if self.plan.steps is None and self.plan.minutes is None:
            self.steps = state["steps"]

    def _follow(self) -> None:
        decay = min(_AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1.0 - decay)


def _copy(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def learning_rate(step: int, steps: int | None) -> float:
    """Of `step` out of `steps`; the first `WARM_UP_STEPS` need not know how many there will be."""
    warm_up = min(1.0, (step + 1) / WARM_UP_STEPS)
    if steps is None or step < WARM_UP_STEPS:
        return PEAK_RATE * warm_up
    progress = min(1.0, (step - WARM_UP_STEPS) / max(1, steps - WARM_UP_STEPS))
    fall = 0.5 * (1.0 + math.cos(math.pi * progress))
    return PEAK_RATE * (fall * (1.0 - LAST_RATE_SHARE) + LAST_RATE_SHARE)


def held_out_losses(
    network: Network, table: SymbolTable, examples: Sequence[Example]
) -> dict[str, dict[str, float]]:
    """Mean losses on held-out sentences, keyed by `language speaker`."""
    result: dict[str, dict[str, float]] = {}
    for language, speaker, group in held_out(examples):
        totals: dict[str, float] = {}
        for example in group:
            batch = collate([example], table)
            with torch.no_grad():
                values = losses(network, batch, whole(batch)).values()
            totals = {name: totals.get(name, 0.0) + value / len(group) for name, value in values.items()}
        result[f"{language} {speaker}"] = totals
    return result


def train(training: Training, out: Path) -> None:
    """Run to the end of the plan, logging and writing checkpoints to `out`."""
    started, first_step = time.monotonic(), training.step
    sums: dict[str, float] = {}
    while training.steps is None or training.step < training.steps:
        values = training.advance()
        sums = {name: sums.get(name, 0.0) + value for name, value in values.items()}
        done = training.step - first_step
        if training.steps is None and done == _TIMED_STEPS:
            training.steps = _steps_within(training, time.monotonic() - started)
            logger.info("%d steps fit; --steps %d repeats this run", training.steps, training.steps)
        if training.step % LOG_EVERY == 0:
            _log_progress(training, (time.monotonic() - started) / done, sums, min(LOG_EVERY, done))
            sums = {}
        if training.step % training.plan.checkpoint_every == 0:
            save(training.state(), out)
    save(training.state(), out)
    for group, result in held_out_losses(training.averaged(), training.table, training.examples).items():
        logger.info("held out, %s: %s", group, _written(result))


def _steps_within(training: Training, seconds_so_far: float) -> int:
    minutes = training.plan.minutes
    if minutes is None:
        raise ValueError("a plan needs steps or minutes")
    return max(training.step + 1, int(minutes * 60.0 / (seconds_so_far / _TIMED_STEPS)))


def _log_progress(training: Training, seconds: float, sums: Mapping[str, float], count: int) -> None:
    steps = training.steps or training.step
    logger.info(
        "step %d of %d, %.0f %%, %.3f s a step, %.1f min left; %s",
        training.step,
        steps,
        100.0 * training.step / steps,
        seconds,
        (steps - training.step) * seconds / 60.0,
        _written({name: total / count for name, total in sums.items()}),
    )


def _written(values: Mapping[str, float]) -> str:
    return " ".join(f"{name} {value:.4f}" for name, value in values.items())


def save(state: Checkpoint, path: Path) -> None:
    """Write a checkpoint; the file is replaced at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    torch.save(state, draft)
    draft.replace(path)


def load(path: Path) -> Checkpoint:
    state: Checkpoint = torch.load(path, weights_only=True)
    return state


def main(arguments: Sequence[str] | None = None) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.steps is None and options.minutes is None and not options.resume:
        parser.error("say how long: --steps or --minutes")
    torch.set_num_threads(options.threads)
    plan = Plan(
        seed=options.seed,
        steps=options.steps,
        minutes=options.minutes,
        checkpoint_every=options.checkpoint_every,
        bfloat16=not options.float32,
    )
    examples = load_examples(options.data)
    training = Training(examples, plan)
    if options.resume:
        training.resume(load(options.out))
    logger.info(
        "%d sentences, %.0f minutes, %d held out, %d symbols, %d parameters",
        len(examples),
        sum(example.frames for example in examples) * 256 / 22050 / 60,
        sum(example.held_out for example in examples),
        len(training.table),
        sum(parameter.numel() for parameter in training.network.parameters()),
    )
    train(training, options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tts.training.train", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="directories of .npz files")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint, written as training goes on")
    parser.add_argument("--seed", type=int, default=7)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int)
    length.add_argument("--minutes", type=float, help="as many steps as fit, judged by the first ones")
    parser.add_argument("--checkpoint-every", type=int, default=1000, metavar="STEPS")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--float32", action="store_true", help="compute in float32 rather than bfloat16")
    parser.add_argument("--resume", action="store_true", help="continue from --out")
    return parser


if __name__ == "__main__":
    main()
