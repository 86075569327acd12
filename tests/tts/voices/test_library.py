import gc
import json
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixture_voices import Fault, FixtureVoice, write_fixture_voice
from tts.engines.base import CancelToken, Deadline, NoVoice
from tts.engines.onnx.loading import load_voice
from tts.engines.onnx.model import LoadedVoice, VoiceModel
from tts.engines.onnx.phoneme_ids import phonemes_of
from tts.engines.onnx.piper import PiperModel
from tts.voices.library import VoiceLibrary
from tts.voices.store.layout import StoreLayout
from tts.voices.store.records import VoiceRecord, record_files, write_record
from tts.voices.voice import VoiceInfo, VoiceState

MakeLibrary = Callable[..., VoiceLibrary]


@pytest.fixture
def make_library(tmp_path: Path) -> Iterator[MakeLibrary]:
    made: list[VoiceLibrary] = []

    def make(**options: object) -> VoiceLibrary:
        settings: dict[str, object] = {
            "cache_directory": tmp_path / "cache",
            "allow_fixture": True,
            # Files written just now count as settled.
            "now": lambda: time.time() + 60.0,
        }
        library = VoiceLibrary(tmp_path / "voices", **(settings | options))  # type: ignore[arg-type]  # passed on
        made.append(library)
        return library

    yield make
    for library in made:
        library.close()


@pytest.fixture
def library(make_library: MakeLibrary) -> VoiceLibrary:
    return make_library()


_changes = iter(range(1, 1000))


def put(tmp_path: Path, name: str, **options: object) -> FixtureVoice:
    """Write a voice; a later one is always dated later."""
    files = write_fixture_voice(tmp_path / "voices", name, **options)  # type: ignore[arg-type]  # passed on
    touch(files)
    return files


def touch(files: FixtureVoice) -> None:
    moment = 1_000_000_000 + next(_changes)
    for path in (files.model, files.config):
        if path.exists():
            os.utime(path, (moment, moment))


def only(library: VoiceLibrary) -> VoiceInfo:
    (voice,) = library.list()
    return voice


def says(voice: LoadedVoice, text: str) -> int:
    """Samples of `text`."""
    assert isinstance(voice.model, PiperModel)
    samples = voice.model.speak(
        phonemes_of(text, voice.model.config),
        speaker=voice.speaker,
        deadline=Deadline.after(20.0),
        cancel=CancelToken(),
    )
    return len(samples)


def states(library: VoiceLibrary, *expected: VoiceState) -> bool:
    """Whether the voices come to these states soon."""
    return library.wait_until(
        lambda voices: [voice.state for voice in voices] == list(expected), seconds=20.0
    )


class FirstRecord(logging.Handler):
    """Keeps the first log record and tells that it came."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Event()
        self.message = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.message = self.message or record.getMessage()
        self.came.set()


def test_an_empty_or_absent_directory_has_no_voices(library: VoiceLibrary) -> None:
    library.scan()
    assert library.list() == ()
    with pytest.raises(NoVoice):
        library.find("zh-CN")


def test_a_scan_loads_what_is_there(tmp_path: Path, library: VoiceLibrary) -> None:
    put(tmp_path, "lin", speakers=2)
    library.scan()
    assert [(voice.id, voice.state) for voice in library.list()] == [
        ("lin:speaker0", VoiceState.READY),
        ("lin:speaker1", VoiceState.READY),
    ]
    voice = library.find("zh-CN", 1)
    assert (voice.id, voice.speaker) == ("lin:speaker1", 1)
    assert says(voice, "a") > 0


def test_a_voice_is_loading_until_its_model_is_in_memory(
    tmp_path: Path, library: VoiceLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "lin")
    seen: list[VoiceState] = []

    def watched(*args: object, **options: object) -> VoiceModel:
        seen.append(only(library).state)
        with pytest.raises(NoVoice, match="lin is loading"):
            library.find("zh-CN")
        return load_voice(*args, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr("tts.voices.library.load_voice", watched)
    library.scan()
    assert seen == [VoiceState.LOADING]
    assert only(library).state is VoiceState.READY


def test_an_unchanged_voice_is_not_loaded_again(tmp_path: Path, library: VoiceLibrary) -> None:
    put(tmp_path, "lin")
    library.scan()
    before = library.find("zh-CN").model
    library.scan()
    assert library.find("zh-CN").model is before


def test_a_changed_file_replaces_its_voice_and_leaves_requests_the_old_one(
    tmp_path: Path, library: VoiceLibrary
) -> None:
    put(tmp_path, "lin")
    library.scan()
    old = library.find("zh-CN")
    put(tmp_path, "lin", sample_rate=16000)
    library.scan()
    assert library.find("zh-CN").model is not old.model
    assert only(library).sample_rate == 16000
    assert says(old, "a") > 0


def test_a_voice_whose_files_vanish_is_gone(tmp_path: Path, library: VoiceLibrary) -> None:
    files = put(tmp_path, "lin")
    library.scan()
    files.model.unlink()
    files.config.unlink()
    library.scan()
    assert library.list() == ()
    with pytest.raises(NoVoice):
        library.find("zh-CN")


def test_a_voice_that_lost_its_configuration_is_missing(tmp_path: Path, library: VoiceLibrary) -> None:
    files = put(tmp_path, "lin")
    library.scan()
    files.config.unlink()
    library.scan()
    assert only(library).state is VoiceState.MISSING
    with pytest.raises(NoVoice):
        library.find("zh-CN")


def test_memory_is_freed_when_the_last_request_is_done(tmp_path: Path, library: VoiceLibrary) -> None:
    files = put(tmp_path, "lin")
    library.scan()
    voice: LoadedVoice | None = library.find("zh-CN")
    assert voice is not None
    assert isinstance(voice.model, PiperModel)
    session = weakref.ref(voice.model.session)
    files.model.unlink()
    library.scan()
    gc.collect()
    assert session() is not None
    voice = None
    gc.collect()
    assert session() is None


def test_a_broken_file_says_why_and_is_tried_again_only_when_it_changes(
    tmp_path: Path, library: VoiceLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    files = put(tmp_path, "lin")
    whole = files.model.read_bytes()
    files.model.write_bytes(whole[:1000])
    touch(files)
    for _ in range(3):
        library.scan()
    voice = only(library)
    assert voice.state is VoiceState.CORRUPT
    assert "onnxruntime cannot load the model" in voice.problem
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1
    files.model.write_bytes(whole)
    touch(files)
    library.scan()
    assert only(library).state is VoiceState.READY
    assert only(library).problem == ""


def test_a_broken_update_leaves_the_earlier_voice_speaking(tmp_path: Path, library: VoiceLibrary) -> None:
    files = put(tmp_path, "lin")
    library.scan()
    files.model.write_bytes(b"garbage")
    touch(files)
    library.scan()
    voice = only(library)
    assert voice.state is VoiceState.READY
    assert voice.problem.startswith("speaks from its earlier file; the new one: onnxruntime cannot load")
    assert says(library.find("zh-CN"), "a") > 0


def install(tmp_path: Path, name: str) -> FixtureVoice:
    """Write a voice that the voice store knows, as after `voices add`."""
    files = put(tmp_path, name)
    directory = tmp_path / "voices"
    records = StoreLayout(directory).records
    records.mkdir(parents=True, exist_ok=True)
    known = record_files(directory, [files.model.name, files.config.name])
    write_record(records, VoiceRecord(name, "added", "", time.time(), known))
    return files


def flip_a_weight(files: FixtureVoice) -> None:
    """Damage that no graph checker sees."""
    content = bytearray(files.model.read_bytes())
    content[-1000] ^= 1
    files.model.write_bytes(content)
    touch(files)


def test_an_installed_voice_whose_files_changed_is_corrupt(tmp_path: Path, make_library: MakeLibrary) -> None:
    files = install(tmp_path, "lin")
    whole = files.model.read_bytes()
    running, later = make_library(), make_library()
    running.scan()
    assert only(running).problem == ""

    flip_a_weight(files)
    running.scan()
    assert only(running).state is VoiceState.READY
    assert only(running).problem == (
        "speaks from its earlier file; the new one: lin.onnx has changed since it was installed"
    )
    later.scan()
    assert only(later).state is VoiceState.CORRUPT
    assert only(later).problem == "lin.onnx has changed since it was installed"

    files.model.write_bytes(whole)
    touch(files)
    for library in (running, later):
        library.scan()
        assert (only(library).state, only(library).problem) == (VoiceState.READY, "")


def test_the_configuration_of_an_installed_voice_may_be_edited(tmp_path: Path, library: VoiceLibrary) -> None:
    files = install(tmp_path, "lin")
    values = json.loads(files.config.read_text())
    files.config.write_text(json.dumps(values | {"voxgate": {**values.get("voxgate", {}), "name": "Lin"}}))
    library.scan()
    assert (only(library).state, only(library).name) == (VoiceState.READY, "Lin")


def test_a_voice_that_does_not_speak_is_incompatible(tmp_path: Path, library: VoiceLibrary) -> None:
    put(tmp_path, "lin", fault=Fault.SILENCE, fault_above_ids=0)
    library.scan()
    voice = only(library)
    assert voice.state is VoiceState.INCOMPATIBLE
    assert "it does not speak" in voice.problem


def test_one_broken_voice_does_not_keep_others_from_loading(tmp_path: Path, library: VoiceLibrary) -> None:
    put(tmp_path, "a").model.write_bytes(b"garbage")
    put(tmp_path, "b").config.write_text("{}", encoding="utf-8")
    put(tmp_path, "c")
    library.scan()
    states = [(voice.id, voice.state) for voice in library.list()]
    assert states == [("a", VoiceState.CORRUPT), ("b", VoiceState.CORRUPT), ("c", VoiceState.READY)]
    assert library.find("zh-CN").id == "c"


def change_config(files: FixtureVoice, **values: object) -> None:
    config = json.loads(files.config.read_text(encoding="utf-8"))
    files.config.write_text(json.dumps(config | values), encoding="utf-8")
    touch(files)


def test_no_configuration_keeps_other_voices_from_loading(tmp_path: Path, library: VoiceLibrary) -> None:
    phonemes = {"_": [0], "^": [1], "$": [2], "a": [14]}
    change_config(put(tmp_path, "a"), phoneme_id_map={"": [3]} | phonemes)
    change_config(put(tmp_path, "b"), voxgate={"name": "\ud800"})
    change_config(put(tmp_path, "c"), voxgate={"gender": "nonbinary", "licence": "x" * 500, "name": "\u0007"})
    put(tmp_path, "d")
    library.scan()
    assert [voice.state for voice in library.list()] == [
        VoiceState.CORRUPT,
        VoiceState.CORRUPT,
        VoiceState.READY,
        VoiceState.READY,
    ]


def test_what_nobody_expected_while_loading_is_each_voices_own_problem(
    tmp_path: Path, make_library: MakeLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, "a")
    put(tmp_path, "b")
    # Python refuses such a path with a ValueError, which the cache does not foresee.
    library = make_library(cache_directory=tmp_path / "\0")
    for _ in range(2):
        library.scan()
    assert [(voice.id, voice.state, voice.problem) for voice in library.list()] == [
        (stem, VoiceState.INCOMPATIBLE, "loading it failed: ValueError") for stem in "ab"
    ]
    assert caplog.text.count("voice a cannot be used") == caplog.text.count("voice b cannot be used") == 1


def test_voices_made_of_tones_never_speak_unless_allowed(tmp_path: Path, make_library: MakeLibrary) -> None:
    put(tmp_path, "lin")
    library = make_library(allow_fixture=False)
    library.scan()
    assert only(library).state is VoiceState.INCOMPATIBLE
    with pytest.raises(NoVoice):
        library.find("zh-CN", 0, "lin")


def test_disabled_voices_take_effect_at_once_and_can_return(tmp_path: Path, library: VoiceLibrary) -> None:
    put(tmp_path, "lin")
    library.scan()
    library.set_disabled(frozenset({"lin"}))
    assert only(library).state is VoiceState.DISABLED
    with pytest.raises(NoVoice):
        library.find("zh-CN")
    library.set_disabled(frozenset())
    assert library.find("zh-CN").id == "lin"


def test_the_background_thread_follows_the_directory(tmp_path: Path, make_library: MakeLibrary) -> None:
    library = make_library(scan_seconds=0.02)
    library.start()
    files = put(tmp_path, "lin")
    assert states(library, VoiceState.READY)
    files.model.unlink()
    files.config.unlink()
    assert states(library)


def test_the_background_thread_survives_a_directory_it_cannot_list(
    tmp_path: Path, make_library: MakeLibrary
) -> None:
    log = FirstRecord()
    logging.getLogger("tts.voices.library").addHandler(log)
    (tmp_path / "voices").write_text("not a directory", encoding="utf-8")
    library = make_library(scan_seconds=0.02)
    library.start()
    assert log.came.wait(20.0)
    assert log.message == "scan of the voices directory failed"
    logging.getLogger("tts.voices.library").removeHandler(log)
    (tmp_path / "voices").unlink()
    put(tmp_path, "lin")
    assert states(library, VoiceState.READY)


def test_waiting_for_what_does_not_come_ends(library: VoiceLibrary) -> None:
    assert not library.wait_until(lambda voices: len(voices) > 0, seconds=0.05)


def test_closing_interrupts_a_voice_that_hangs_while_loading(
    tmp_path: Path, make_library: MakeLibrary
) -> None:
    put(tmp_path, "lin", fault=Fault.HANG, fault_above_ids=0)
    library = make_library()
    library.start()
    assert states(library, VoiceState.LOADING)
    started = time.monotonic()
    library.close()
    assert time.monotonic() - started < 4.0
    assert not any(thread.name == "voice-library" for thread in threading.enumerate())


def test_closing_twice_and_without_start_is_harmless(library: VoiceLibrary) -> None:
    library.close()
    library.close()
