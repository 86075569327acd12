"""The voices a worker can speak with: loaded from a directory, and again when its files change."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tts.engines.base import CancelToken, NoVoice, SpeechTask, SynthesisCanceled
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.loading import load_voice
from tts.engines.onnx.model import LoadedVoice, VoiceModel
from tts.text.types import Run, Sentence
from tts.voices.catalog import CatalogEntry, Fingerprint, Now, VoiceCatalog
from tts.voices.description import VoiceConfig
from tts.voices.listing import ListedVoice, list_voices
from tts.voices.plain import plain
from tts.voices.problems import MAX_PROBLEM_CHARACTERS, VoiceIncompatible, VoiceProblem
from tts.voices.routing import VoiceIndex
from tts.voices.store.integrity import check_installed
from tts.voices.voice import VoiceInfo, VoiceState

logger = logging.getLogger(__name__)

SCAN_SECONDS = 2.0

STARTER_DIRECTORY = Path(__file__).parent / "starter"
"""Voices that come with Voxgate."""
CACHED_GRAPH_SECONDS = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model in memory, and the files it came from."""

    fingerprint: Fingerprint
    config: VoiceConfig
    model: VoiceModel


@dataclass(frozen=True, slots=True, eq=False)
class SpokenPart:
    """Runs of a sentence and the voice that speaks them in one go."""

    voice: LoadedVoice
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """Everything a request needs to see at one moment."""

    index: VoiceIndex = field(default_factory=VoiceIndex)
    models: Mapping[str, VoiceModel] = field(default_factory=dict)

    def loaded(self, voice: ListedVoice) -> LoadedVoice:
        return LoadedVoice(voice.info.id, self.models[voice.stem], voice.speaker)


class VoiceLibrary:
    """Voices of `directory`, and of the shipped ones those that `starters` names: kept in memory and up to date by
    a background thread.

    Requests go on while models load: a voice is `loading` until then, a changed file replaces its voice in
    one step, and requests that have the old one keep it until they are done. A file that cannot be loaded
    is tried again when it changes; where an earlier version of it still speaks, it goes on. Files that the
    voice store installed must be those it installed, else the voice is `corrupt`. All methods may be called
    from any thread.
    """

    def __init__(
        self,
        directory: Path,
        *,
        cache_directory: Path,
        starters: frozenset[str] = frozenset(),
        starter_directory: Path = STARTER_DIRECTORY,
        allow_fixture: bool = False,
        scan_seconds: float = SCAN_SECONDS,
        now: Now = time.time,
    ) -> None:
        self._catalog = VoiceCatalog(directory, allow_fixture=allow_fixture, now=now)
        self._starters = starters
        self._starter_catalog = VoiceCatalog(starter_directory, allow_fixture=allow_fixture, now=now)
        self._cache = GraphCache(cache_directory)
        self._scan_seconds = scan_seconds
        self._now = now
        self._entries: tuple[CatalogEntry, ...] = ()
        self._loaded: dict[str, _Loaded] = {}
        self._failed: dict[str, tuple[Fingerprint, VoiceProblem]] = {}
        self._disabled: frozenset[str] = frozenset()
        self._snapshot = _Snapshot()
        self._scan_lock = threading.Lock()
        self._published = threading.Condition()
        self._closing = CancelToken()
        self._closed = threading.Event()
        self._scanned = threading.Event()
        self._thread: threading.Thread | None = None

    def list(self) -> tuple[VoiceInfo, ...]:
        """Every voice, ready or not, in the order of file names and speakers."""
        return tuple(voice.info for voice in self._snapshot.index.voices)

    def plan(self, task: SpeechTask) -> tuple[tuple[SpokenPart, ...], ...]:
        """Who speaks each sentence, part by part; see `VoiceIndex.plan`. Raises `NoVoice`."""
        snapshot = self._snapshot
        return tuple(
            tuple(
                SpokenPart(snapshot.loaded(part.voice), part.runs)
                for part in snapshot.index.plan(sentence, task)
            )
            for sentence in task.sentences
        )

    def lacks(self, task: SpeechTask) -> frozenset[int]:
        """The sentences, by index, that `plan` has no voice for."""
        index = self._snapshot.index
        return frozenset(
            number for number, sentence in enumerate(task.sentences) if not _can(index, sentence, task)
        )

    def find(self, language: str, speaker_id: int = 0, voice_id: str | None = None) -> LoadedVoice:
        """The voice for a text in `language`; see `VoiceIndex.choose`. Raises `NoVoice`."""
        snapshot = self._snapshot
        return snapshot.loaded(snapshot.index.choose(language, speaker_id, voice_id))

    def set_disabled(self, voice_ids: frozenset[str]) -> None:
        """Switch off these voices, and only these."""
        self._disabled = voice_ids
        self._publish()

    def wait_until(self, condition: Callable[[tuple[VoiceInfo, ...]], bool], *, seconds: float) -> bool:
        """Wait until `condition` holds for the list of voices; False when it did not within `seconds`."""
        with self._published:
            return self._published.wait_for(lambda: condition(self.list()), timeout=seconds)

    def wait_for_first_scan(self, *, seconds: float) -> bool:
        """Wait until what was there at `start` is loaded; False when that takes longer than `seconds`."""
        return self._scanned.wait(seconds)

    def start(self) -> None:
        """Scan now and every `scan_seconds` from a thread of its own."""
        self._thread = threading.Thread(target=self._keep_scanning, name="voice-library", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop scanning and loading; idempotent."""
        self._closed.set()
        self._closing.cancel(SynthesisCanceled)
        if self._thread is not None:
            self._thread.join(timeout=5.0)

    def scan(self) -> None:
        """Bring the library in line with the directory; returns when new models are loaded.

        Raises OSError where the directory cannot be listed; problems of single voices become their state.
        """
        with self._scan_lock:
            self._entries = self._scan()
            present = {entry.stem for entry in self._entries if entry.state is not VoiceState.MISSING}
            self._loaded = {stem: loaded for stem, loaded in self._loaded.items() if stem in present}
            self._failed = {stem: failed for stem, failed in self._failed.items() if stem in present}
            self._publish()
            for entry in self._entries:
                if self._must_load(entry):
                    self._load(entry)
                    self._publish()

    def _keep_scanning(self) -> None:
        self._cache.prune(unused_since=self._now() - CACHED_GRAPH_SECONDS)
        while not self._closed.is_set():
            try:
                self.scan()
            except SynthesisCanceled:
                return
            except Exception:
                # The voices loaded so far keep speaking, and the next scan may succeed.
                logger.exception("scan of the voices directory failed")
            self._scanned.set()
            self._closed.wait(self._scan_seconds)

    def _scan(self) -> tuple[CatalogEntry, ...]:
        own = self._catalog.scan()
        taken = {entry.stem for entry in own}
        shipped = self._starter_catalog.scan() if self._starters else ()
        return (*own, *(entry for entry in shipped if entry.stem in self._starters - taken))

    def _must_load(self, entry: CatalogEntry) -> bool:
        if entry.state is not VoiceState.READY:
            return False
        loaded, failed = self._loaded.get(entry.stem), self._failed.get(entry.stem)
        if loaded is not None and loaded.fingerprint == entry.fingerprint:
            return False
        return failed is None or failed[0] != entry.fingerprint

    def _load(self, entry: CatalogEntry) -> None:
        if entry.config is None or entry.fingerprint is None:
            return
        started = time.monotonic()
        try:
            check_installed(entry.model.parent, entry.stem)
            model = self._load_model(entry.model, entry.config)
        except VoiceProblem as problem:
            logger.warning("voice %s cannot be used: %s", entry.stem, problem)
            self._failed[entry.stem] = entry.fingerprint, problem
            return
        logger.info("voice %s loaded in %.2f s", entry.stem, time.monotonic() - started)
        self._failed.pop(entry.stem, None)
        self._loaded[entry.stem] = _Loaded(entry.fingerprint, entry.config, model)

    def _load_model(self, path: Path, config: VoiceConfig) -> VoiceModel:
        """As `load_voice`, but whatever else goes wrong is the voice's problem as well."""
        try:
            return load_voice(path, config, self._cache, cancel=self._closing)
        except (VoiceProblem, SynthesisCanceled):
            raise
        except Exception as problem:
            raise VoiceIncompatible(f"loading it failed: {type(problem).__name__}") from problem

    def _publish(self) -> None:
        with self._published:
            loaded = dict(self._loaded)
            entries = [self._as_loaded(entry, loaded.get(entry.stem)) for entry in self._entries]
            models = {stem: kept.model for stem, kept in loaded.items()}
            self._snapshot = _Snapshot(VoiceIndex.of(list_voices(entries, self._disabled)), models)
            self._published.notify_all()

    def _as_loaded(self, entry: CatalogEntry, loaded: _Loaded | None) -> CatalogEntry:
        """`entry` as clients should see it: what speaks now counts, then what is wrong with the files."""
        failed = self._failed.get(entry.stem)
        problem = entry.problem
        state = entry.state
        if failed is not None and failed[0] == entry.fingerprint:
            state, problem = failed[1].state, str(failed[1])
        if loaded is not None:
            if loaded.fingerprint == entry.fingerprint:
                problem = ""
            elif problem and state is not VoiceState.LOADING:
                problem = plain(
                    f"speaks from its earlier file; the new one: {problem}", MAX_PROBLEM_CHARACTERS
                )
            return replace(entry, state=VoiceState.READY, problem=problem, config=loaded.config)
        if state is VoiceState.READY:
            state = VoiceState.LOADING
        return replace(entry, state=state, problem=problem)


def _can(index: VoiceIndex, sentence: Sentence, task: SpeechTask) -> bool:
    try:
        index.plan(sentence, task)
    except NoVoice:
        return False
    return True
