"""Fixture voices loaded for tests of the engine."""

import json
from pathlib import Path

from tests.fixture_voices import Fault, write_fixture_voice
from tts.engines.base import CancelToken, Deadline
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.piper import PiperModel, load_piper
from tts.engines.onnx.piper_config import PiperConfig, parse_piper_config

SHORT = list("nˈi2 xˈɑu2.")
LONG = SHORT * 5


def load_fixture(
    directory: Path,
    *,
    speakers: int = 1,
    noise: bool = False,
    fault: Fault | None = None,
    above_ids: int = 60,
) -> PiperModel:
    files = write_fixture_voice(
        directory, "voice", speakers=speakers, noise=noise, fault=fault, fault_above_ids=above_ids
    )
    config = parse_piper_config(files.config.read_bytes())
    return load_piper(files.model, config, GraphCache(directory / "cache"), cancel=CancelToken())


def fixture_piper_config(directory: Path, **changes: object) -> PiperConfig:
    """The configuration of a fixture voice with top-level fields changed."""
    values = json.loads(write_fixture_voice(directory, "voice").config.read_bytes())
    return parse_piper_config(json.dumps(values | changes).encode())


def soon() -> Deadline:
    return Deadline.after(20.0)
