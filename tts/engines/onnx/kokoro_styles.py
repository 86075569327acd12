"""Styles of Kokoro's speakers: for each a table with a style vector of 256 numbers for every count of tokens.

Three kinds of files hold them: an npz archive with the speakers' names (kokoro-onnx), all tables one after the other as
little-endian float32 (sherpa-onnx), and one such file for each speaker (onnx-community).
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

STYLE_NUMBERS = 256
MAX_STYLE_BYTES = 512 * 2**20
MAX_TOKENS = 510
"""Of one run, without the zeros around them."""

_ROWS = (510, 511)

Table = NDArray[np.float32]
"""Shape (510 or 511, 256)."""


@dataclass(frozen=True, slots=True, eq=False)
class Styles:
    """The tables, in the order of the speakers."""

    tables: tuple[Table, ...]

    def of(self, speaker: int, tokens: int) -> Table:
        """The style for that many tokens, shape (1, 256).

        A table of 510 rows begins with one token, as in `KPipeline.infer` of hexgrad/kokoro; those of version 0.19
        have 511 and begin with none.
        """
        table = self.tables[speaker]
        row = min(max(tokens + len(table) - (MAX_TOKENS + 1), 0), len(table) - 1)
        return table[row : row + 1]


def read_styles(paths: Sequence[Path], names: Sequence[str]) -> Styles:
    """The styles of the speakers called `names`. Raises `VoiceCorrupt`; `VoiceIncompatible` where one is missing."""
    for path in paths:
        if path.stat().st_size > MAX_STYLE_BYTES:
            raise VoiceCorrupt(f"{path.name} is larger than {MAX_STYLE_BYTES} bytes")
    if len(paths) > 1:
        return _from_files(paths, names)
    if zipfile.is_zipfile(paths[0]):
        return _from_archive(paths[0], names)
    return _from_one_file(paths[0], len(names))


def _from_files(paths: Sequence[Path], names: Sequence[str]) -> Styles:
    by_name = {path.stem: path for path in paths}
    for name in names:
        if name not in by_name:
            raise VoiceIncompatible(f"there is no file with the style of speaker {name!r}")
    return Styles(tuple(_table(_raw(by_name[name]), by_name[name].name) for name in names))


def _from_archive(path: Path, names: Sequence[str]) -> Styles:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_STYLE_BYTES:
                raise VoiceCorrupt(f"{path.name} unpacks to more than {MAX_STYLE_BYTES} bytes")
        with np.load(path, allow_pickle=False) as arrays:
            missing = next((name for name in names if name not in arrays.files), None)
            if missing is not None:
                raise VoiceIncompatible(f"{path.name} holds no style of speaker {missing!r}")
            return Styles(tuple(_table(arrays[name], path.name) for name in names))
    except (OSError, ValueError, zipfile.BadZipFile) as problem:
        raise VoiceCorrupt(f"{path.name} cannot be read: {type(problem).__name__}") from problem


def _from_one_file(path: Path, speakers: int) -> Styles:
    numbers = _raw(path)
    if len(numbers) % speakers:
        raise VoiceIncompatible(f"{path.name} does not hold the styles of {speakers} speakers")
    return Styles(tuple(_table(part, path.name) for part in numbers.reshape(speakers, -1)))


def _raw(path: Path) -> NDArray[np.float32]:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise VoiceCorrupt(f"{path.name} cannot be read: {problem.strerror}") from problem
    if len(data) % 4:
        raise VoiceCorrupt(f"{path.name} does not consist of float32 numbers")
    return np.frombuffer(data, dtype="<f4").astype(np.float32, copy=False)


def _table(numbers: NDArray[np.generic], name: str) -> Table:
    rows, rest = divmod(numbers.size, STYLE_NUMBERS)
    if rest or rows not in _ROWS or numbers.dtype != np.float32:
        raise VoiceIncompatible(
            f"{name} holds styles of another kind than 510 or 511 vectors of 256 float32 numbers"
        )
    table = np.ascontiguousarray(numbers, dtype=np.float32).reshape(rows, STYLE_NUMBERS)
    if not np.isfinite(table).all():
        raise VoiceCorrupt(f"{name} holds styles that are not finite")
    return table
