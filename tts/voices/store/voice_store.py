"""The voice store: what `manage.py voices` does, without Django."""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tts.voices.library import STARTER_DIRECTORY
from tts.voices.store.archives import members_of, unpack
from tts.voices.store.assemble import assemble, material_of, proposed_name
from tts.voices.store.catalogue import Catalogue, CatalogueVoice, CommercialUse, Download
from tts.voices.store.details import Details
from tts.voices.store.download import Downloader, Watch
from tts.voices.store.errors import (
    AlreadyThere,
    LicenceNotAccepted,
    ProbeFailed,
    StarterVoice,
    StoreNotWritable,
    UnknownVoice,
    UnsafeArchive,
)
from tts.voices.store.installed import InstalledVoice, Row, installed_voices, rows
from tts.voices.store.integrity import changes, configuration_changes
from tts.voices.store.layout import StoreLayout, writing
from tts.voices.store.mirror import NO_MIRROR, Mirror
from tts.voices.store.place import displace, files_of, place
from tts.voices.store.probe import ProbeTask, Spoken, probe
from tts.voices.store.progress import human_bytes
from tts.voices.store.records import (
    VoiceRecord,
    forget_record,
    record_files,
    unrecorded,
    write_record,
)

SPARE_BYTES = 64 * 2**20
"""What must be left on the disk beside a voice."""

Prober = Callable[[ProbeTask], Spoken]
WatchOf = Callable[[Download], Watch]


@dataclass(frozen=True, slots=True)
class Installed:
    """A voice that is in its place now. `without_checksum` names downloads whose publisher gives none."""

    name: str
    licence: str
    spoken: Spoken
    without_checksum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: `problems` is empty for a voice that is as it was installed and speaks."""

    name: str
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    spoken: Spoken | None = None


def no_watch(download: Download) -> Watch:
    return lambda done, total: None


class VoiceStore:
    """Voices of `directory`: what is there, what the catalogue offers, and the ways between.

    Methods raise `StoreError` with a message for the person who asked. Whatever goes wrong, no half of a voice is
    left where workers look. `starters` is where the voices lie that come with Voxgate.
    """

    def __init__(
        self,
        directory: Path,
        catalogue: Catalogue,
        *,
        mirror: Mirror = NO_MIRROR,
        downloader: Downloader | None = None,
        prober: Prober = probe,
        starters: Path | None = STARTER_DIRECTORY,
        allow_fixture: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.catalogue = catalogue
        self._layout = StoreLayout(directory)
        self._directory = directory
        self._mirror = mirror
        self._downloader = downloader or Downloader()
        self._prober = prober
        self._starters = starters
        self._allow_fixture = allow_fixture
        self._now = now

    def rows(self) -> list[Row]:
        """Everything installed, then what else the catalogue has."""
        return rows(self._installed(), self.catalogue)

    def install(
        self, name: str, *, accept_licence: bool = False, replace: bool = False, watch_of: WatchOf = no_watch
    ) -> Installed:
        """Fetch a voice of the catalogue, check it, let it speak, and put it where workers find it.

        `accept_licence` is needed where the licence forbids commercial use, `replace` where a voice of that name is
        there. What was fetched before a failure is kept for the next call.
        """
        voice = self.catalogue.find(name)
        if voice.commercial_use is CommercialUse.NO and not accept_licence:
            raise LicenceNotAccepted(
                f"{name} is not for commercial use: {voice.licence} ({voice.licence_url or 'no address published'}). "
                "If your use is allowed, say so with --accept-licence."
            )
        with self._layout.changing():
            self._refuse_existing(name, replace)
            self._check_space(voice)
            folder = self._layout.partial(name)
            for download in voice.downloads:
                address = self._mirror.address_of(download.url)
                self._downloader.fetch(download, folder, url=address, watch=watch_of(download))
            with self._layout.staging() as scratch:
                # Some publishers' files tell their language by the name of their folder only.
                material = scratch / "material" / name
                with writing(self._directory):
                    material.mkdir(parents=True)
                for download in voice.downloads:
                    _lay_out(download, folder, material)
                details = Details(voice.title, "", voice.gender, voice.licence[:200])
                spoken = self._build(name, material, scratch, details, source="catalogue", copy=_link)
            shutil.rmtree(folder, ignore_errors=True)
        unknown = tuple(download.name for download in voice.downloads if not download.checksums)
        return Installed(name, voice.licence, spoken, unknown)

    def add(
        self, path: Path, *, name: str = "", details: Details | None = None, replace: bool = False
    ) -> Installed:
        """Take in a voice from this machine's disk: a Piper pair (either file), a folder, or an archive of either."""
        details = details or Details()
        wanted = name or proposed_name(path)
        with self._layout.changing():
            self._refuse_existing(wanted, replace)
            with self._layout.staging() as scratch:
                unpacked = scratch / "material"
                with writing(self._directory):
                    unpacked.mkdir()
                material = material_of(path, unpacked)
                spoken = self._build(wanted, material, scratch, details, source="added", copy=shutil.copyfile)
        return Installed(wanted, details.licence, spoken)

    def verify(self, names: Iterable[str] = ()) -> Iterator[Verdict]:
        """Check voices one after another, all of them unless `names` are given: files, configuration, speech."""
        wanted = [self.find(name) for name in names] or list(self._installed())
        return (self._verify(voice) for voice in wanted)

    def removable(self, name: str) -> InstalledVoice:
        """The voice that `remove` would take away. Raises `UnknownVoice`, and `StarterVoice` for one that is not in
        the voices directory."""
        voice = self.find(name)
        if voice.is_starter:
            raise StarterVoice(
                f"{name} came with Voxgate and is not in the voices directory. "
                "VOXGATE_STARTER_VOICES says which of those may speak."
            )
        return voice

    def remove(self, name: str) -> int:
        """Take a voice away; requests under way finish with it. Returns the bytes that are free now.

        What came with Voxgate stays, and speaks again where a voice of the same name is removed.
        """
        with self._layout.changing():
            size = self.removable(name).size_bytes
            with self._layout.staging() as scratch, writing(self._directory):
                displace(name, self._directory, to=scratch)
                forget_record(self._layout.records, name)
        return size

    def sample(self, name: str, *, output: Path, text: str = "", speaker: str = "") -> Spoken:
        """Let a voice speak into a WAV file. `speaker` is its name or number in models with several, unless `name` is
        a voice's id, which tells it."""
        name, _, own = name.partition(":")
        voice = self.find(name)
        number = _speaker_number(voice, speaker or own)
        task = ProbeTask(
            str(voice.directory), name, text, number, str(output.resolve()), allow_fixture=self._allow_fixture
        )
        try:
            return self._prober(task)
        except ProbeFailed as problem:
            raise ProbeFailed(f"{name} did not speak: {problem}.") from problem

    def find(self, name: str) -> InstalledVoice:
        """An installed voice. Raises `UnknownVoice`."""
        for voice in self._installed():
            if voice.name == name:
                return voice
        hint = (
            f"`voices install {name}` gets it."
            if self.catalogue.get(name)
            else "`voices list` shows the names."
        )
        raise UnknownVoice(f"No voice {name!r:.120} is installed. {hint}")

    def _installed(self) -> Iterator[InstalledVoice]:
        return installed_voices(
            self._directory,
            self._layout.records,
            starter_directory=self._starters,
            allow_fixture=self._allow_fixture,
        )

    def _refuse_existing(self, name: str, replace: bool) -> None:
        if files_of(self._directory, name) and not replace:
            raise AlreadyThere(
                f"{name} is installed. `voices verify {name}` checks it; --replace installs it anew."
            )

    def _check_space(self, voice: CatalogueVoice) -> None:
        # Archives and what they hold are on the disk at the same time.
        known = [
            (download.size_bytes or 0) * (3 if download.is_archive else 1) for download in voice.downloads
        ]
        needed = sum(known) + SPARE_BYTES
        with writing(self._directory):
            free = shutil.disk_usage(self._directory).free
        if free < needed:
            raise StoreNotWritable(
                f"{voice.name} needs {human_bytes(needed)} on the disk of {self._directory}; "
                f"{human_bytes(free)} are free."
            )

    def _build(
        self,
        name: str,
        material: Path,
        scratch: Path,
        details: Details,
        *,
        source: str,
        copy: Callable[[Path, Path], object],
    ) -> Spoken:
        """Put a voice together from `material`, let it speak, and move it to its place."""
        staged, old = scratch / "voice", scratch / "old"
        with writing(self._directory):
            staged.mkdir()
            old.mkdir()
            assemble(material, name, staged, details, copy=copy)
        try:
            spoken = self._prober(ProbeTask(str(staged), name, allow_fixture=self._allow_fixture))
        except ProbeFailed as problem:
            raise ProbeFailed(
                f"{name} was not installed, for it does not speak here: {problem}."
            ) from problem
        with writing(self._directory):
            files = record_files(staged, files_of(staged, name))
            with unrecorded(self._layout.records, name):
                place(staged, name, self._directory, old=old)
            record = VoiceRecord(name, source, details.licence, self._now(), files)
            write_record(self._layout.records, record)
        return spoken

    def _verify(self, voice: InstalledVoice) -> Verdict:
        record = voice.record
        problems = [] if record is None else changes(self._directory, record)
        notes = [] if record is None else configuration_changes(self._directory, record)
        if record is None and not voice.is_starter:
            notes.append("no checksums were recorded: it was copied by hand")
        spoken = None
        if voice.entry.problem:
            problems.append(voice.entry.problem)
        else:
            try:
                spoken = self._prober(
                    ProbeTask(str(voice.directory), voice.name, allow_fixture=self._allow_fixture)
                )
            except ProbeFailed as problem:
                problems.append(str(problem))
        return Verdict(voice.name, tuple(problems), tuple(notes), spoken)


def _lay_out(download: Download, folder: Path, material: Path) -> None:
    """The files of one download, side by side with those of the others."""
    path = folder / download.name
    if not download.is_archive:
        with writing(material):
            _link(path, material / download.name)
        return
    stored = unpack(path, members_of(download.folder, download.members, material))
    missing = {Path(member).name for member in download.members} - {file.name for file in stored}
    if missing:
        raise UnsafeArchive(
            f"{download.name} lacks {', '.join(sorted(missing))}: the publisher has changed it. It was not installed."
        )


def _link(path: Path, to: Path) -> None:
    try:
        os.link(path, to)
    except OSError:
        # Some network disks know no second names.
        shutil.copyfile(path, to)


def _speaker_number(voice: InstalledVoice, speaker: str) -> int:
    if not speaker:
        return 0
    names = [] if voice.entry.config is None else [s.name for s in voice.entry.config.description.speakers]
    if speaker in names:
        return names.index(speaker)
    if speaker.isdecimal() and int(speaker) < max(1, len(names)):
        return int(speaker)
    known = ", ".join(filter(None, names[:8])) or f"0 to {max(0, len(names) - 1)}"
    raise UnknownVoice(
        f"{voice.name} has no speaker {speaker!r:.60}; it has {known}{', …' if len(names) > 8 else ''}."
    )
