"""The catalogue of recommended voices: a JSON file with names, licences, addresses and checksums."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

from tts.voices.description import GENDERS, Family
from tts.voices.language import tag_of_piper_code
from tts.voices.store.errors import CatalogueBroken, UnknownVoice

SHIPPED_CATALOGUE = Path(__file__).resolve().parents[1] / "catalogue.json"

VOICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
"""What a voice's file or folder may be called: the rule of `VoiceCatalog`."""

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,120}")
_DIGESTS = {"sha256": re.compile(r"[0-9a-f]{64}"), "md5": re.compile(r"[0-9a-f]{32}")}

T = TypeVar("T")


class CommercialUse(StrEnum):
    """Whether the published licence lets a company earn money with the voice."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Download:
    """One file at a publisher's.

    `size_bytes` is None and `checksums` (algorithm to hexadecimal digest) are empty where none is published. A plain
    file is stored as `name`. An archive has `members`, paths inside its folder `folder`, which are stored under their
    last part; nothing else is unpacked.
    """

    url: str
    name: str
    size_bytes: int | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    members: tuple[str, ...] = ()

    @property
    def is_archive(self) -> bool:
        return bool(self.members)


@dataclass(frozen=True, slots=True)
class CatalogueVoice:
    """A public voice. `gender` is empty and `speakers` more than one for models with several.

    `languages` are BCP 47 tags, its main one first; `sample_rate` in Hz. `checked` says what of this entry was looked
    up where; `verified` is true only when the files themselves were downloaded and spoken with.
    """

    name: str
    title: str
    family: Family
    languages: tuple[str, ...]
    gender: str
    speakers: int
    sample_rate: int
    licence: str
    licence_url: str
    commercial_use: CommercialUse
    recommended: bool
    downloads: tuple[Download, ...]
    note: str = ""
    checked: str = ""
    verified: bool = False

    @property
    def size_bytes(self) -> int | None:
        """Of all downloads, None where one is unknown."""
        sizes = [download.size_bytes for download in self.downloads]
        return None if None in sizes else sum(cast("list[int]", sizes))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Voices by name, in the order of the file."""

    voices: Mapping[str, CatalogueVoice] = field(default_factory=dict)

    def __iter__(self) -> Iterator[CatalogueVoice]:
        return iter(self.voices.values())

    def get(self, name: str) -> CatalogueVoice | None:
        return self.voices.get(name)

    def find(self, name: str) -> CatalogueVoice:
        """Raises `UnknownVoice`, which proposes names that look alike."""
        voice = self.voices.get(name)
        if voice is None:
            alike = [other for other in self.voices if name.lower() in other.lower()]
            hint = f" Did you mean {', '.join(alike)}?" if alike else " `voices list` shows the names."
            raise UnknownVoice(f"The catalogue has no voice {name!r}.{hint}")
        return voice


def load_catalogue(path: Path = SHIPPED_CATALOGUE) -> Catalogue:
    """Read a catalogue file. Raises `CatalogueBroken` with the field that is wrong."""
    try:
        root = json.loads(path.read_bytes())
    except OSError as problem:
        raise CatalogueBroken(f"{path.name} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise CatalogueBroken(f"{path.name} is not JSON: {problem}") from None
    rows = _Entry(root if isinstance(root, dict) else {}, path.name).objects("voices")
    voices: dict[str, CatalogueVoice] = {}
    for row in rows:
        voice = _voice(row)
        if voice.name in voices:
            raise CatalogueBroken(f"{row.path}.name: {voice.name} is there twice")
        voices[voice.name] = voice
    return Catalogue(voices)


def _voice(row: "_Entry") -> CatalogueVoice:
    name = row.matching("name", VOICE_NAME)
    downloads = tuple(_download(download) for download in row.objects("downloads"))
    if not downloads:
        raise row.wrong("downloads", "a list of at least one file")
    return CatalogueVoice(
        name=name,
        title=row.get("title", str),
        family=row.choice("family", Family),
        languages=_languages(row),
        gender=row.one_of("gender", ("", *GENDERS)),
        speakers=row.get("speakers", int, 1),
        sample_rate=row.get("sample_rate", int),
        licence=row.get("licence", str),
        licence_url=row.get("licence_url", str, ""),
        commercial_use=row.choice("commercial_use", CommercialUse),
        recommended=row.get("recommended", bool, False),
        downloads=downloads,
        note=row.get("note", str, ""),
        checked=row.get("checked", str, ""),
        verified=row.get("verified", bool, False),
    )


def _languages(row: "_Entry") -> tuple[str, ...]:
    tags = row.texts("languages")
    if not tags or any(tag_of_piper_code(tag) is None for tag in tags):
        raise row.wrong("languages", "a list of language tags")
    return tags


def _download(row: "_Entry") -> Download:
    url = row.get("url", str)
    address = urlsplit(url)
    if address.scheme != "https" or not address.hostname or address.username is not None:
        raise row.wrong("url", "an https address without a password")
    size = row.get("bytes", int, 0)
    members = row.texts("members")
    for member in members:
        if not all(_FILE_NAME.fullmatch(part) for part in member.split("/")):
            raise row.wrong("members", "paths of letters, digits and . _ + -")
    return Download(
        url=url,
        name=row.matching("name", _FILE_NAME, address.path.rpartition("/")[2]),
        size_bytes=size or None,
        checksums=_checksums(row),
        folder=row.get("folder", str, ""),
        members=members,
    )


def _checksums(row: "_Entry") -> Mapping[str, str]:
    found = {}
    for algorithm, form in _DIGESTS.items():
        digest = row.get(algorithm, str, "")
        if digest and not form.fullmatch(digest):
            raise row.wrong(algorithm, f"a {algorithm} digest in lower-case hexadecimal")
        if digest:
            found[algorithm] = digest
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    """An object of the file; each reader names the field it complains about."""

    values: Mapping[str, object]
    path: str

    def get(self, key: str, kind: type[T], default: T | None = None) -> T:
        value = self.values.get(key, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"of type {kind.__name__}")
        return value

    def matching(self, key: str, form: re.Pattern[str], default: str | None = None) -> str:
        value = self.get(key, str, default)
        if not form.fullmatch(value):
            raise self.wrong(key, "made of letters, digits and . _ + -")
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self.get(key, str, "")
        if value not in allowed:
            raise self.wrong(key, f"one of {', '.join(filter(None, allowed))}")
        return value

    def choice(self, key: str, kind: "type[E]") -> "E":
        try:
            return kind(self.get(key, str))
        except ValueError:
            raise self.wrong(key, f"one of {', '.join(kind)}") from None

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "a list of texts")
        return tuple(values)

    def objects(self, key: str) -> list["_Entry"]:
        values = self.values.get(key)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, "a list of objects")
        return [_Entry(value, f"{self.path}.{key}[{number}]") for number, value in enumerate(values)]

    def wrong(self, key: str, expected: str) -> CatalogueBroken:
        return CatalogueBroken(f"{self.path}.{key} must be {expected}")


E = TypeVar("E", Family, CommercialUse)
