"""Folders of fixture voices, loaded as the platform loads them."""

import json
from collections.abc import Callable
from pathlib import Path

from tts.engines.base import CancelToken, Deadline
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.loading import load_voice
from tts.engines.onnx.recognize import recognize
from tts.engines.onnx.sequence_model import SequenceModel
from tts.voices.manifest import MANIFEST_NAME, parse_manifest

Write = Callable[[Path], object]
Values = dict[str, object]


class NoPhonemizer:
    """For voices that must not need one."""

    def phonemize(self, text: str, *, espeak_voice: str, deadline: Deadline) -> str:
        raise AssertionError("the voice asked for phonemes")


class SpelledPhonemizer:
    """Letters for phonemes, and the espeak-ng voices that were asked for."""

    def __init__(self) -> None:
        self.voices: list[str] = []

    def phonemize(self, text: str, *, espeak_voice: str, deadline: Deadline) -> str:
        self.voices.append(espeak_voice)
        return text.lower()


def recognized(folder: Path) -> Values:
    return recognize(sorted(path for path in folder.rglob("*") if path.is_file()))


def write_manifest(folder: Path, **changes: object) -> Values:
    """`voice.json` as `recognize` makes it, with `changes`."""
    values = recognized(folder) | changes
    (folder / MANIFEST_NAME).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    return values


def load_folder(folder: Path, **changes: object) -> SequenceModel:
    manifest = parse_manifest(json.dumps(recognized(folder) | changes).encode())
    model = load_voice(folder, manifest, GraphCache(folder.parent / "cache"), cancel=CancelToken())
    assert isinstance(model, SequenceModel)
    return model


def written_and_loaded(folder: Path, write: Write, **changes: object) -> SequenceModel:
    write(folder)
    return load_folder(folder, **changes)
