"""`voice.json`: what a voice in a folder of its own consists of.

Piper voices are pairs of files that describe themselves. Those of other families need several files whose names differ
from publisher to publisher, and say little about languages and speakers; this file does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tts.voices.description import Family, Speaker, VoiceDescription
from tts.voices.fields import Fields, json_object
from tts.voices.language import language_family
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

MANIFEST_NAME = "voice.json"
MAX_SPEAKERS = 2000
"""Twice what is published: LibriTTS has 904."""

MAX_FILES = 500
"""Kokoro's packs of the styles of all speakers may be one file each; 103 speakers are the most that are published."""

ROLES = ("model", "tokens", "lexicon", "voices", "vocoder", "vocab", "rule_fsts")
"""What a file is for. `rule_fsts` of sherpa-onnx are accepted and not used: Voxgate normalises text itself."""

REQUIRED_ROLES: Mapping[Family, tuple[str, ...]] = {
    Family.VITS: ("model", "tokens"),
    Family.MELO: ("model", "tokens", "lexicon"),
    Family.MATCHA: ("model",),
    Family.KOKORO: ("model", "voices"),
    Family.MMS: ("model", "vocab"),
}

_KEYS = frozenset(
    {"family", "name", "languages", "sample_rate", "licence", "gender", "speakers", "files", "options"}
)
_OPTIONS = frozenset(
    {"fixture", "noise_scale", "length_scale", "noise_w", "espeak_voice", "speaker_id", "add_blank"}
)
_OPTION_NUMBERS: Mapping[str, tuple[float, float]] = {
    "noise_scale": (0.0, 2.0),
    "length_scale": (0.1, 10.0),
    "noise_w": (0.0, 2.0),
}
"""The bounds of the engines, which read these again."""

_MAX_SPEAKER_ID = 100_000
_FILE_NAME = re.compile(r"[^\x00-\x1f\\/:]{1,200}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a `voice.json`: a description and the voice's files by role, as paths relative to the folder."""

    description: VoiceDescription
    files: Mapping[str, tuple[str, ...]]
    options: Fields

    @property
    def family(self) -> Family:
        return self.description.family

    def path(self, folder: Path, role: str) -> Path:
        """The only file of that role, which the family requires."""
        (name,) = self.files[role]
        return folder / name

    def paths(self, folder: Path, role: str) -> tuple[Path, ...]:
        """The files of that role, none where there are none."""
        return tuple(folder / name for name in self.files.get(role, ()))

    def names(self) -> Iterator[str]:
        """Every file once, in the order of the manifest."""
        yield from dict.fromkeys(name for names in self.files.values() for name in names)


def parse_manifest(data: bytes) -> Manifest:
    """Raises `VoiceCorrupt` naming the field that is wrong, `VoiceIncompatible` for a family that is not supported."""
    root = Fields(json_object(data))
    _refuse_unknown(root, _KEYS, "field")
    family = _family(root)
    options = root.section("options")
    _check_options(options)
    languages = root.languages("languages")
    if not languages:
        raise VoiceCorrupt("languages must name at least one language")
    speakers = _speakers(root)
    return Manifest(
        description=VoiceDescription(
            family=family,
            name=root.text("name", ""),
            languages=languages,
            sample_rate=root.integer("sample_rate", 8000, 48000),
            speakers=speakers,
            also_reads=_also_reads(languages, speakers),
            licence=root.text("licence", ""),
            is_fixture=options.flag("fixture"),
        ),
        files=_files(root.section("files"), family),
        options=options,
    )


def _refuse_unknown(fields: Fields, known: frozenset[str], kind: str) -> None:
    for key in fields.values:
        if key not in known:
            raise VoiceCorrupt(f"{key!r:.60} is no {kind} of {MANIFEST_NAME}")


def _check_options(options: Fields) -> None:
    _refuse_unknown(options, _OPTIONS, "option")
    for key, (low, high) in _OPTION_NUMBERS.items():
        options.number(key, low, high, low)
    options.integer("speaker_id", 0, _MAX_SPEAKER_ID, 0)
    options.flag("add_blank")
    options.text("espeak_voice", "")


def _family(root: Fields) -> Family:
    name = root.text("family")
    supported = [family for family in Family if family in REQUIRED_ROLES]
    if name == Family.PIPER:
        raise VoiceIncompatible("voices of the family piper are pairs of files, X.onnx and X.onnx.json")
    if name not in supported:
        raise VoiceIncompatible(f"family {name!r:.60} is not supported; supported are {', '.join(supported)}")
    return Family(name)


def _speakers(root: Fields) -> tuple[Speaker, ...]:
    if len(root.items("speakers")) > MAX_SPEAKERS:
        raise VoiceCorrupt(f"speakers must be at most {MAX_SPEAKERS}")
    found = tuple(entry.speaker() for entry in root.sections("speakers"))
    if not found:
        return (Speaker(gender=root.gender("gender")),)
    names = [speaker.name for speaker in found]
    if len(set(names)) < len(names):
        raise VoiceCorrupt("speakers must have names that differ")
    return found


def _also_reads(languages: tuple[str, ...], speakers: tuple[Speaker, ...]) -> tuple[str, ...]:
    """Where speakers of one model differ in language, each can read those of the others with its own accent."""
    tags = [*languages, *(tag for speaker in speakers for tag in speaker.languages)]
    return tuple(dict.fromkeys(map(language_family, tags))) if any(s.languages for s in speakers) else ()


def _files(fields: Fields, family: Family) -> Mapping[str, tuple[str, ...]]:
    for role in fields.values:
        if role not in ROLES:
            raise VoiceCorrupt(f"files.{role!r:.60} is no kind of file; known are {', '.join(ROLES)}")
    files = {role: _file_names(fields, role) for role in ROLES if fields.values.get(role) is not None}
    for role in REQUIRED_ROLES[family]:
        if not files.get(role):
            raise VoiceCorrupt(f"files.{role} is missing, which voices of the family {family} need")
    if sum(map(len, files.values())) > MAX_FILES:
        raise VoiceCorrupt(f"files must name at most {MAX_FILES} files")
    return files


def _file_names(fields: Fields, role: str) -> tuple[str, ...]:
    value = fields.values[role]
    several = role in ("lexicon", "voices", "rule_fsts")
    names = value if several and isinstance(value, list) else [value]
    for name in names:
        if not isinstance(name, str) or not _is_inside(name):
            expected = (
                "names of files in the voice's folder" if several else "the name of a file in its folder"
            )
            raise fields.wrong(role, expected, value)
    return tuple(names)


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return (
        all(_FILE_NAME.fullmatch(part) and part not in (".", "..") for part in parts)
        and not PurePosixPath(name).is_absolute()
    )
