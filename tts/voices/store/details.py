"""What people know about a voice and its files do not tell: written into its configuration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tts.voices.store.errors import NotAVoice


@dataclass(frozen=True, slots=True)
class Details:
    """`language` is a BCP 47 tag, `gender` `female` or `male`; empty fields leave what the files say."""

    title: str = ""
    language: str = ""
    gender: str = ""
    licence: str = ""


def describe_piper(config: Path, details: Details) -> None:
    """Put `details` into the object `voxgate` of a Piper configuration, which Piper's own readers pass over.

    Raises `NotAVoice` where the file is no JSON object.
    """
    values = _json_object(config)
    ours = {"name": details.title, "gender": details.gender, "licence": details.licence}
    known = values.get("voxgate")
    added = {key: value for key, value in ours.items() if value}
    if details.language:
        values["language"] = {"code": details.language.replace("-", "_")}
    if added:
        values["voxgate"] = {**(known if isinstance(known, dict) else {}), **added}
    if added or details.language:
        _write(config, values)


def described_manifest(manifest: Mapping[str, object], details: Details) -> dict[str, object]:
    """The content of a `voice.json` with `details` in place of what it said."""
    changed = dict(manifest)
    if details.title:
        changed["name"] = details.title
    if details.language:
        changed["languages"] = [details.language]
    if details.licence:
        changed["licence"] = details.licence
    if details.gender:
        changed["gender"] = details.gender
    return changed


def write_manifest(path: Path, manifest: Mapping[str, object]) -> None:
    _write(path, manifest)


def read_manifest(path: Path) -> dict[str, object]:
    """Raises `NotAVoice`."""
    return _json_object(path)


def _json_object(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise NotAVoice(f"{path.name} cannot be read: {problem}") from None
    if not isinstance(values, dict):
        raise NotAVoice(f"{path.name} is not a JSON object")
    return cast("dict[str, object]", values)


def _write(path: Path, values: Mapping[str, object]) -> None:
    # A file of its own: the one of that name may be a second name of somebody else's.
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
