"""Building engines by name, so that a platform can name one of its own in the environment."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from tts.engines.base import Engine


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine may need from the outside. Directories may not exist yet.

    `starter_voices` name those of the voices shipped with Voxgate that may speak.
    """

    voices_directory: Path
    cache_directory: Path
    allow_fixture_voice: bool = False
    starter_voices: frozenset[str] = frozenset()


class UnknownEngine(ValueError):
    """The name of an engine does not lead to a function."""


def engine_build(name: str, settings: EngineSettings) -> Engine:
    """Call the factory `module:function` with `settings`. Raises `UnknownEngine` when there is none of that name."""
    module_name, separator, function_name = name.partition(":")
    if not (module_name and separator):
        raise UnknownEngine(f"{name!r} must read `package.module:function`")
    try:
        factory = getattr(import_module(module_name), function_name)
    except (ImportError, AttributeError) as problem:
        raise UnknownEngine(f"{name!r} cannot be imported: {problem}") from problem
    return cast(Callable[[EngineSettings], Engine], factory)(settings)
