"""Making a voice out of files: one Piper pair, or a folder with the files its `voice.json` names."""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tts.voices.catalog import RESERVED_PREFIX
from tts.voices.files import CONFIG_SUFFIX, MODEL_SUFFIX
from tts.voices.manifest import MANIFEST_NAME, Manifest, parse_manifest
from tts.voices.problems import VoiceProblem
from tts.voices.store.archives import everything, is_archive, unpack
from tts.voices.store.catalogue import VOICE_NAME
from tts.voices.store.details import (
    Details,
    describe_piper,
    described_manifest,
    read_manifest,
    write_manifest,
)
from tts.voices.store.errors import NotAVoice, ProbeFailed
from tts.voices.store.place import piper_files
from tts.voices.store.probe import recognized

MAX_FILES = 2000

Copy = Callable[[Path, Path], object]
"""Makes the file at the first path available at the second."""

_NAME_BREAKS = re.compile(r"[^A-Za-z0-9._+-]+")
_ARCHIVE_SUFFIX = re.compile(r"\.(tar(\.(gz|bz2|xz))?|tgz|tbz2?|txz|zip)$", re.IGNORECASE)


def material_of(path: Path, scratch: Path) -> Path:
    """Where the files lie that `path` stands for: an archive's in `scratch`, else its folder, a pair's beside it.

    Raises `NotAVoice`, `UnsafeArchive`, `StoreNotWritable`.
    """
    if not path.exists():
        raise NotAVoice(f"{path} is not there.")
    if path.is_dir():
        return path
    if path.name.endswith((MODEL_SUFFIX, CONFIG_SUFFIX)):
        return _pair_alone(path, scratch)
    if is_archive(path):
        unpack(path, everything(scratch))
        return scratch
    raise NotAVoice(
        f"{path.name} is neither a voice's model, nor its folder, nor a tar or zip archive of one. "
        "A Piper voice is X.onnx beside X.onnx.json; name either."
    )


def proposed_name(path: Path) -> str:
    """What a voice at `path` would be called: `X` of `X.onnx`, of a folder X and of `X.tar.bz2`."""
    name = path.name
    for suffix in (CONFIG_SUFFIX, MODEL_SUFFIX):
        name = name.removesuffix(suffix)
    return _NAME_BREAKS.sub("-", _ARCHIVE_SUFFIX.sub("", name)).strip("-._+")


def assemble(
    material: Path, name: str, staged: Path, details: Details, *, copy: Copy = shutil.copyfile
) -> None:
    """Copy the files of one voice from the folder `material` to `staged`, as `name.onnx` with its configuration or as
    the folder `name`, described by `details`.

    Raises `NotAVoice` where there is no voice, or more than one, and OSError.
    """
    if not VOICE_NAME.fullmatch(name) or name.lower().startswith(RESERVED_PREFIX):
        raise NotAVoice(
            f"{name!r:.120} cannot be a voice's name. Give one with --name: letters, digits and . _ + -, "
            f"not beginning with {RESERVED_PREFIX}"
        )
    files = _files_below(material)
    if manifests := [path for path in files if path.name == MANIFEST_NAME]:
        source = _only(manifests, MANIFEST_NAME).parent
        _build_folder(read_manifest(source / MANIFEST_NAME), source, staged / name, details, copy)
    elif pairs := _pairs(files):
        model = _only(pairs, f"pair of {MODEL_SUFFIX} and {CONFIG_SUFFIX}")
        for path, target in zip((model, _config_of(model)), piper_files(name), strict=True):
            copy(path, staged / target)
        describe_piper(staged / piper_files(name)[1], details)
    else:
        content, source = _recognized(material, files)
        _build_folder(content, source, staged / name, details, copy)


def _pair_alone(path: Path, scratch: Path) -> Path:
    """A folder with nothing but the pair that `path` belongs to: others may lie beside it."""
    stem = path.name.removesuffix(CONFIG_SUFFIX).removesuffix(MODEL_SUFFIX)
    for file in piper_files(stem):
        beside = path.with_name(file)
        if not beside.is_file():
            raise NotAVoice(
                f"{file} is not beside {path.name}. A Piper voice needs both; for any other family name the folder."
            )
        (scratch / file).symlink_to(beside.resolve())
    return scratch


def _files_below(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(found) > MAX_FILES:
        raise NotAVoice(f"{folder} holds {len(found)} files. Name the folder of one voice.")
    return found


def _pairs(files: Iterable[Path]) -> list[Path]:
    """The models that have a configuration of their own name beside them."""
    there = set(files)
    return [path for path in there if path.name.endswith(MODEL_SUFFIX) and _config_of(path) in there]


def _config_of(model: Path) -> Path:
    return model.with_name(model.name.removesuffix(MODEL_SUFFIX) + CONFIG_SUFFIX)


def _only(found: list[Path], what: str) -> Path:
    if len(found) > 1:
        names = ", ".join(sorted(path.name for path in found)[:5])
        raise NotAVoice(f"There is more than one {what} ({names}). Name the file of one voice.")
    return found[0]


def _recognized(material: Path, files: list[Path]) -> tuple[Mapping[str, object], Path]:
    """What a `voice.json` would say of files whose publisher knows none, and the folder its names count from."""
    try:
        return recognized(files)
    except ProbeFailed as problem:
        raise NotAVoice(f"{material.name} is no voice that Voxgate knows: {problem}.") from None


def _build_folder(
    content: Mapping[str, object], source: Path, target: Path, details: Details, copy: Copy
) -> None:
    """The folder of a voice with what its manifest names, and nothing else."""
    target.mkdir()
    write_manifest(target / MANIFEST_NAME, described_manifest(content, details))
    inside = source.resolve()
    for file in _manifest(target).names():
        path = source / file
        if not path.is_file() or not path.resolve().is_relative_to(inside):
            raise NotAVoice(f"{file} is named in {MANIFEST_NAME} and is not there.")
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        copy(path, target / file)


def _manifest(folder: Path) -> Manifest:
    try:
        return parse_manifest((folder / MANIFEST_NAME).read_bytes())
    except VoiceProblem as problem:
        raise NotAVoice(f"{MANIFEST_NAME}: {problem}") from None
