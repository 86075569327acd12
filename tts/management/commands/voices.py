"""`manage.py voices`: look at, install, check and remove voices. Needs neither database nor workers."""

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseProblem
from django.db import connection

from tts.services.voices import voices_disabled
from tts.voices.library import STARTER_DIRECTORY
from tts.voices.store.catalogue import Download, load_catalogue
from tts.voices.store.details import Details
from tts.voices.store.download import Watch
from tts.voices.store.errors import StoreError, UnknownVoice
from tts.voices.store.installed import ADVICE, AVAILABLE, Row
from tts.voices.store.mirror import parse_mirror
from tts.voices.store.progress import ProgressBar, human_bytes
from tts.voices.store.table import COMMERCIAL_NOTES, in_brackets, languages_told, of_language, table
from tts.voices.store.voice_store import Installed, Verdict, VoiceStore
from tts.voices.voice import VoiceState

INTERRUPTED = 130
"""What a shell reports for a process that Ctrl+C ended."""


class Command(BaseCommand):
    help = "Look at, install, check and remove voices."
    # Voices are often installed before there are secrets, a database or a proxy's answer.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for build in (_list, _install, _add, _verify, _remove, _sample):
            build(commands)

    def handle(self, *args: Any, **options: Any) -> None:
        actions: dict[str, Callable[..., None]] = {
            "list": self._list,
            "install": self._install,
            "add": self._add,
            "verify": self._verify,
            "remove": self._remove,
            "sample": self._sample,
        }
        try:
            with _terminable():
                actions[options["action"]](self._store(options.get("mirror")), **options)
        except StoreError as problem:
            raise CommandError(str(problem)) from problem
        except OSError as problem:
            raise CommandError(f"{problem.filename or settings.VOICES_DIR}: {problem.strerror}") from problem
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted. What has arrived is kept: the same command goes on from there.")
            sys.exit(INTERRUPTED)

    def _store(self, mirror: str | None) -> VoiceStore:
        return VoiceStore(
            settings.VOICES_DIR,
            load_catalogue(settings.VOICES_CATALOGUE),
            mirror=parse_mirror(settings.VOICES_MIRROR if mirror is None else mirror.split(",")),
            starters=STARTER_DIRECTORY if settings.STARTER_VOICES else None,
            allow_fixture=settings.VOICES_ALLOW_FIXTURE,
        )

    def _list(self, store: VoiceStore, **options: Any) -> None:
        known = _chosen(store.rows(), options["names"], installed=options["installed"])
        disabled, told = _disabled()
        rows = of_language(known, options["language"]) if options["language"] else known
        rows = [_switched(row, disabled) for row in rows]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
            return
        if known and not rows:
            self.stdout.write(f"None of these voices speaks {options['language']}.")
            self.stdout.write(f"Their languages: {languages_told(known)}")
            return
        for line in table(rows, all_ids=bool(options["names"])):
            self.stdout.write(line)
        self.stdout.write(f"\nVoices are in {settings.VOICES_DIR}. * marks recommended ones.")
        self.stdout.write(
            "Requests take a name as `voice`, or one of the ids below it; `voices` commands take names."
        )
        if not told:
            self.stdout.write(
                "The database cannot be asked, so voices switched off in the admin look ready here."
            )

    def _install(self, store: VoiceStore, **options: Any) -> None:
        for name in options["names"]:
            voice = store.catalogue.find(name)
            self.stdout.write(f"{name}: {voice.licence}{in_brackets(COMMERCIAL_NOTES[voice.commercial_use])}")
            with _bars(self.stderr) as watch_of:
                installed = store.install(
                    name,
                    accept_licence=options["accept_licence"],
                    replace=options["replace"],
                    watch_of=watch_of,
                )
            for file in installed.without_checksum:
                self.stderr.write(
                    f"{file}: its publisher gives no checksum, so only its size and speech were checked"
                )
            self._tell(installed)

    def _add(self, store: VoiceStore, **options: Any) -> None:
        details = Details(options["title"], options["language"], options["gender"], options["licence"])
        self._tell(
            store.add(
                Path(options["path"]), name=options["name"], details=details, replace=options["replace"]
            )
        )

    def _tell(self, installed: Installed) -> None:
        spoken = installed.spoken
        self.stdout.write(
            f"{installed.name} is installed: it spoke {spoken.audio_seconds:.1f} s at {spoken.sample_rate} Hz "
            f"in {spoken.speak_seconds:.1f} s. Running workers take it up within some seconds."
        )

    def _verify(self, store: VoiceStore, **options: Any) -> None:
        verdicts: list[Verdict] = []
        for verdict in store.verify(options["names"]):
            verdicts.append(verdict)
            if not options["json"]:
                self.stdout.write(_told(verdict))
        if options["json"]:
            self.stdout.write(
                json.dumps([asdict(verdict) for verdict in verdicts], ensure_ascii=False, indent=1)
            )
        elif not verdicts:
            self.stdout.write("No voice is installed.")
        bad = [verdict.name for verdict in verdicts if verdict.problems]
        if bad:
            raise CommandError(
                f"Not in order: {', '.join(bad)}. Installing a voice again with --replace mends it."
            )

    def _remove(self, store: VoiceStore, **options: Any) -> None:
        name = options["name"]
        size = store.removable(name).size_bytes
        question = f"Remove {name} ({human_bytes(size)}) from {settings.VOICES_DIR}? [y/N] "
        if not options["yes"] and not _agreed(question):
            raise CommandError("Nothing was removed. --yes does it without asking.")
        freed = store.remove(name)
        self.stdout.write(f"{name} is removed, {human_bytes(freed)} are free again.")

    def _sample(self, store: VoiceStore, **options: Any) -> None:
        output = Path(options["out"] or f"{options['name'].replace(':', '-')}.wav")
        spoken = store.sample(
            options["name"], output=output, text=options["text"], speaker=options["speaker"]
        )
        self.stdout.write(f"{output}: {spoken.audio_seconds:.1f} s at {spoken.sample_rate} Hz")


Subparsers = Any
"""argparse's `_SubParsersAction`, which has no public name."""


def _list(commands: Subparsers) -> None:
    parser = commands.add_parser("list", help="what is installed, and what can be")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only these, with the ids of all their speakers"
    )
    parser.add_argument("--installed", action="store_true", help="leave out what could be installed")
    parser.add_argument("--language", default="", help="only voices of this language, such as zh or en-GB")
    parser.add_argument("--json", action="store_true")


def _install(commands: Subparsers) -> None:
    parser = commands.add_parser("install", help="fetch voices of the catalogue")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument(
        "--accept-licence", action="store_true", help="needed where a licence forbids commercial use"
    )
    parser.add_argument("--mirror", help="instead of VOXGATE_VOICES_MIRROR, and written like it")
    _takes_replace(parser)


def _add(commands: Subparsers) -> None:
    parser = commands.add_parser("add", help="take in a voice from this machine: pair, folder or archive")
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("--name", default="", help="its id, if it is not to be that of the file")
    parser.add_argument("--title", default="", help="its name for people")
    parser.add_argument(
        "--language", default="", help="BCP 47, such as zh-CN, if the files tell none or a wrong one"
    )
    parser.add_argument("--gender", default="", choices=["", "female", "male"])
    parser.add_argument("--licence", default="")
    _takes_replace(parser)


def _verify(commands: Subparsers) -> None:
    parser = commands.add_parser("verify", help="check files, configuration and speech of installed voices")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", action="store_true")


def _remove(commands: Subparsers) -> None:
    parser = commands.add_parser("remove", help="take a voice away")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _sample(commands: Subparsers) -> None:
    parser = commands.add_parser("sample", help="let a voice speak into a WAV file")
    parser.add_argument("name", metavar="NAME", help="its name, or the id of one of its speakers")
    parser.add_argument("--text", default="", help="instead of a sentence in its language")
    parser.add_argument("--speaker", default="", help="name or number, in models with several")
    parser.add_argument("--out", default="", metavar="FILE", help="NAME.wav otherwise, with - for :")


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        # Nobody is there to answer.
        return False


def _takes_replace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--replace", action="store_true", help="a voice of that name that is there already")


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM clean up like Ctrl+C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:
        # Not the main thread: a test, or a program that calls the command.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _bars(stream: Any) -> Iterator[Callable[[Download], Watch]]:
    """A progress bar for each file, one below the other."""
    bars: list[ProgressBar] = []

    def start(download: Download) -> Watch:
        if bars:
            bars[-1].close()
        bars.append(ProgressBar(getattr(stream, "_out", stream), download.name))
        return bars[-1]

    try:
        yield start
    finally:
        if bars:
            bars[-1].close()


def _disabled() -> tuple[frozenset[str], bool]:
    """Ids of voices that are switched off, and whether the database could tell."""
    try:
        _knock()
        return voices_disabled(), True
    except DatabaseProblem:
        return frozenset(), False
    finally:
        connection.close()


def _knock() -> None:
    """Raise what Django does where the database is away, within a second: its pool would try for longer, aloud."""
    visitor = connection.copy()
    options = visitor.settings_dict.get("OPTIONS", {})
    visitor.settings_dict["OPTIONS"] = {**options, "pool": False, "connect_timeout": 1}
    try:
        visitor.ensure_connection()
    finally:
        visitor.close()


def _chosen(rows: list[Row], names: list[str], *, installed: bool) -> list[Row]:
    """The rows `names` ask for, all without any; with `installed` only what is there. Raises `UnknownVoice`."""
    if unknown := sorted(set(names) - {row.name for row in rows}):
        raise UnknownVoice(
            f"Neither the voices directory nor the catalogue has {', '.join(map(repr, unknown))}. "
            "`voices list` without a name shows all."
        )
    wanted = [row for row in rows if row.name in names] if names else rows
    return [row for row in wanted if not (installed and row.state == AVAILABLE)]


def _switched(row: Row, disabled: frozenset[str]) -> Row:
    """`row` as `disabled` when its voice, or one of its speakers, is switched off."""
    ids = [voice_id for voice_id in disabled if voice_id.split(":")[0] == row.name]
    if row.state != VoiceState.READY or not ids:
        return row
    part = row.speakers > 1 and len(ids) < row.speakers
    values = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    state = row.state if part else VoiceState.DISABLED
    problem = f"{len(ids)} of {row.speakers} speakers switched off" if part else "switched off in the admin"
    return Row(**values | {"state": state, "problem": problem, "advice": ADVICE[VoiceState.DISABLED]})


def _told(verdict: Verdict) -> str:
    if verdict.problems:
        return f"{verdict.name}: {'; '.join(verdict.problems)}"
    spoken = verdict.spoken
    said = f", spoke {spoken.audio_seconds:.1f} s in {spoken.speak_seconds:.1f} s" if spoken else ""
    return f"{verdict.name}: in order{said}{''.join(f'; {note}' for note in verdict.notes)}"
