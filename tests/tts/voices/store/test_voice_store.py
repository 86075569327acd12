"""Installing, adding, checking and removing, with a publisher on this machine and real sessions."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.family_voices.kokoro import write_raw_voice
from tests.family_voices.matcha import write_baker_voice
from tests.family_voices.mms import write_mms_voice
from tests.family_voices.vits import write_character_voice, write_lexicon_voice, write_melo_voice
from tests.fixture_voices import Fault, write_fixture_voice
from tests.tts.voices.store.published import catalogue_of, download, entry, publish, tar_of, tone_pair
from tests.tts.voices.store.publisher import QUICK, Publisher, cut_after, status
from tts.voices.store.catalogue import Catalogue
from tts.voices.store.details import Details
from tts.voices.store.download import Downloader
from tts.voices.store.errors import (
    AlreadyThere,
    DownloadFailed,
    LicenceNotAccepted,
    NotAVoice,
    ProbeFailed,
    StarterVoice,
    StoreBusy,
    StoreNotWritable,
    UnknownVoice,
    UnsafeArchive,
    WrongContent,
)
from tts.voices.store.installed import AVAILABLE
from tts.voices.store.layout import StoreLayout, writing
from tts.voices.store.mirror import parse_mirror
from tts.voices.store.voice_store import Installed, VoiceStore

PAIR = ["v.onnx", "v.onnx.json"]


class Shop:
    """A voices directory, its publisher, and stores between the two."""

    def __init__(self, root: Path, publisher: Publisher) -> None:
        self.root = root
        self.voices = root / "voices"
        self.starters = root / "starters"
        self.publisher = publisher
        self.entries: list[Mapping[str, object]] = []

    @property
    def store(self) -> VoiceStore:
        return VoiceStore(
            self.voices,
            catalogue_of(self.root, *self.entries) if self.entries else Catalogue(),
            mirror=parse_mirror([self.publisher.url]),
            downloader=Downloader(patience=QUICK, sleep=lambda _: None),
            starters=self.starters,
            allow_fixture=True,
            now=lambda: 1234.5,
        )

    def offer_pair(self, name: str = "v", **options: object) -> Mapping[str, bytes]:
        files = tone_pair(self.root / "published", name, **options)
        publish(self.publisher, files)
        self.entries.append(entry(name, [download(data, file) for file, data in files.items()]))
        return files

    def offer(self, content: bytes, members: list[str], *, name: str = "v", **changes: object) -> None:
        publish(self.publisher, {f"{name}.tar.bz2": content})
        parts = download(content, f"{name}.tar.bz2", folder="top", members=members)
        self.entries.append(entry(name, [parts], **changes))

    def names(self) -> list[str]:
        """Files where workers look."""
        found = (path.relative_to(self.voices) for path in self.voices.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.parts[0] != ".store")

    def rests(self) -> list[str]:
        """What lies about in the store beside records."""
        store = self.voices / ".store"
        return sorted(
            str(path.relative_to(store))
            for path in store.rglob("*")
            if path.is_file() and path.name != "lock" and path.parent.name != "records"
        )


@pytest.fixture
def shop(tmp_path: Path, publisher: Publisher) -> Shop:
    return Shop(tmp_path, publisher)


def test_a_pair_is_installed_checked_and_described(shop: Shop) -> None:
    files = shop.offer_pair()
    installed = shop.store.install("v")

    assert installed == Installed("v", "CC0-1.0", installed.spoken)
    assert installed.spoken.audio_seconds > 1.0
    assert shop.names() == PAIR
    assert shop.rests() == []
    assert (shop.voices / "v.onnx").read_bytes() == files["v.onnx"]
    voxgate = json.loads((shop.voices / "v.onnx.json").read_bytes())["voxgate"]
    assert voxgate == {"name": "Voice v", "gender": "female", "licence": "CC0-1.0"}
    (row,) = shop.store.rows()
    assert (row.state, row.title, row.licence, row.gender) == ("ready", "Voice v", "CC0-1.0", "female")


def test_listing_shows_what_is_there_and_what_could_be(shop: Shop) -> None:
    shop.offer_pair("v")
    shop.offer_pair("w")
    shop.store.install("w")
    write_fixture_voice(shop.voices, "own", speakers=3)
    write_fixture_voice(shop.voices, "half").config.unlink()
    write_fixture_voice(shop.starters, "starter")

    rows = {row.name: row for row in shop.store.rows()}
    assert list(rows) == ["half", "own", "w", "starter", "v"]
    assert [row.state for row in rows.values()] == ["missing", "ready", "ready", "ready", AVAILABLE]
    assert rows["half"].problem == "half.onnx.json is not there"
    assert "missing file" in rows["half"].advice
    assert rows["own"].speakers == 3
    assert rows["starter"].is_starter
    assert not rows["own"].in_catalogue
    assert rows["v"].size_bytes == sum(map(len, shop.offer_pair("v").values()))


def test_without_a_catalogue_and_a_directory_nothing_is_there(shop: Shop) -> None:
    assert shop.store.rows() == []
    assert list(shop.store.verify()) == []


WRITERS = {
    "vits": (write_lexicon_voice, ["model.onnx", "tokens.txt", "lexicon.txt"]),
    "characters": (write_character_voice, ["model.onnx", "tokens.txt"]),
    "melo": (write_melo_voice, ["model.onnx", "tokens.txt", "lexicon.txt"]),
    "kokoro": (write_raw_voice, ["model.onnx", "tokens.txt", "voices.bin"]),
}


@pytest.mark.parametrize("family", list(WRITERS))
def test_archives_become_folders_with_only_what_is_needed(shop: Shop, family: str) -> None:
    write, members = WRITERS[family]
    folder = shop.root / "made"
    write(folder)
    content = tar_of(folder, "top", {"README.md": b"hello", "../evil": b"evil"})
    shop.offer(content, members, family="vits" if family == "characters" else family)

    shop.store.install("v")
    assert shop.names() == sorted(f"v/{name}" for name in [*members, "voice.json"])
    (row,) = shop.store.rows()
    assert (row.state, row.licence, row.title) == ("ready", "CC0-1.0", "Voice v")
    assert shop.rests() == []


def test_loose_files_become_a_folder_that_tells_its_language(shop: Shop) -> None:
    folder = shop.root / "made"
    write_mms_voice(folder, language="")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    publish(shop.publisher, files)
    downloads = [download(content, name) for name, content in files.items()]
    shop.entries.append(entry("mms-tts-eng", downloads, family="mms", languages=["en"]))

    shop.store.install("mms-tts-eng")
    assert shop.names() == [f"mms-tts-eng/{name}" for name in ("model.onnx", "vocab.json", "voice.json")]
    (row,) = shop.store.rows()
    assert (row.family, row.languages) == ("mms", ("en",))


def test_a_voice_may_come_in_parts_from_several_places(shop: Shop) -> None:
    folder = shop.root / "made"
    write_baker_voice(folder)
    (vocoder,) = [path for path in folder.glob("*.onnx") if not path.name.startswith("model")]
    alone = vocoder.read_bytes()
    vocoder.unlink()
    content = tar_of(folder, "top")
    publish(shop.publisher, {"v.tar.bz2": content, vocoder.name: alone})
    parts = [
        download(
            content, "v.tar.bz2", folder="top", members=["model-steps-3.onnx", "tokens.txt", "lexicon.txt"]
        ),
        download(alone, vocoder.name),
    ]
    shop.entries.append(entry("v", parts, family="matcha"))

    shop.store.install("v")
    assert f"v/{vocoder.name}" in shop.names()


def test_an_archive_without_a_file_it_should_have_is_refused(shop: Shop) -> None:
    write_lexicon_voice(shop.root / "made")
    shop.offer(tar_of(shop.root / "made", "top"), ["model.onnx", "tokens.txt", "voices.bin"], family="vits")
    with pytest.raises(UnsafeArchive, match=r"lacks voices\.bin"):
        shop.store.install("v")
    assert shop.names() == []


def test_a_licence_against_commercial_use_has_to_be_accepted(shop: Shop) -> None:
    shop.offer_pair()
    shop.entries[0] = {**shop.entries[0], "commercial_use": "no", "licence": "CC BY-NC 4.0"}
    with pytest.raises(LicenceNotAccepted, match=r"CC BY-NC 4\.0 \(https.*--accept-licence"):
        shop.store.install("v")
    assert shop.publisher.asked == []

    shop.store.install("v", accept_licence=True)
    assert shop.names() == PAIR


def test_downloads_without_a_checksum_are_named(shop: Shop) -> None:
    shop.offer_pair()
    downloads = shop.entries[0]["downloads"]
    assert isinstance(downloads, list)
    for known in downloads:
        del known["sha256"], known["md5"]
    assert shop.store.install("v").without_checksum == tuple(PAIR)


def test_a_wrong_checksum_installs_nothing(shop: Shop) -> None:
    files = shop.offer_pair()
    publish(shop.publisher, {"v.onnx": b"x" * len(files["v.onnx"])})
    with pytest.raises(WrongContent):
        shop.store.install("v")
    assert shop.names() == []


def test_a_broken_download_is_completed_by_the_next_call(shop: Shop) -> None:
    files = shop.offer_pair()
    publish(shop.publisher, files, *[cut_after(50_000)] * 3)
    with pytest.raises(DownloadFailed):
        shop.store.install("v")
    assert shop.names() == []
    assert shop.rests() == ["partial/v/v.onnx.partial", "partial/v/v.onnx.partial.json"]

    shop.store.install("v")
    assert shop.names() == PAIR
    assert shop.rests() == []
    assert "bytes=150000-" in shop.publisher.ranges()


def test_what_is_complete_is_not_fetched_again_for_the_rest(shop: Shop) -> None:
    files = shop.offer_pair()
    config = "/publisher.example/v.onnx.json"
    shop.publisher.publish(config, files["v.onnx.json"], *[status(500)] * 3)
    with pytest.raises(DownloadFailed):
        shop.store.install("v")
    shop.store.install("v")
    assert [asked.path for asked in shop.publisher.asked].count("/publisher.example/v.onnx") == 1


def test_a_voice_that_does_not_speak_is_not_installed(shop: Shop) -> None:
    shop.offer_pair(fault=Fault.SILENCE)
    with pytest.raises(ProbeFailed, match=r"v was not installed, for it does not speak here: .*silence"):
        shop.store.install("v")
    assert shop.names() == []


def test_a_voice_that_is_there_is_replaced_only_when_asked(shop: Shop) -> None:
    write_fixture_voice(shop.voices, "v", speakers=2)
    files = shop.offer_pair()
    with pytest.raises(AlreadyThere, match="--replace"):
        shop.store.install("v")
    shop.store.install("v", replace=True)
    assert (shop.voices / "v.onnx").read_bytes() == files["v.onnx"]
    assert shop.rests() == []


def test_a_failed_replacement_leaves_the_earlier_voice(shop: Shop) -> None:
    shop.offer_pair()
    shop.store.install("v")
    before = (shop.voices / "v.onnx").read_bytes()
    shop.entries.clear()
    shop.offer_pair(fault=Fault.RAISE)
    with pytest.raises(ProbeFailed):
        shop.store.install("v", replace=True)
    assert (shop.voices / "v.onnx").read_bytes() == before
    assert [verdict.problems for verdict in shop.store.verify()] == [()]


def test_unknown_names_are_refused_with_a_hint(shop: Shop) -> None:
    shop.offer_pair()
    with pytest.raises(UnknownVoice, match="has no voice 'w'"):
        shop.store.install("w")
    with pytest.raises(UnknownVoice, match="`voices install v` gets it"):
        shop.store.remove("v")
    with pytest.raises(UnknownVoice, match="`voices list`"):
        shop.store.verify(["w"])


def test_too_small_a_disk_is_told_before_anything_is_fetched(shop: Shop) -> None:
    shop.offer_pair()
    downloads = shop.entries[0]["downloads"]
    assert isinstance(downloads, list)
    downloads[0]["bytes"] = 10**15
    with pytest.raises(StoreNotWritable, match=r"v needs 1000000\.\d+ GB"):
        shop.store.install("v")
    assert shop.publisher.asked == []


def test_a_disk_that_fills_up_is_told() -> None:
    with (
        pytest.raises(StoreNotWritable, match="is full"),
        writing(Path("voices")),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")


def test_two_changes_at_once_do_not_meet(shop: Shop) -> None:
    shop.offer_pair()
    with StoreLayout(shop.voices).changing():
        with pytest.raises(StoreBusy, match=f"process {os.getpid()}"):
            shop.store.install("v")
        assert shop.names() == []
    shop.store.install("v")


def test_what_a_killed_process_left_is_cleared_away(shop: Shop) -> None:
    staging = shop.voices / ".store" / "staging"
    (staging / "tmp1" / "voice").mkdir(parents=True)
    (staging / "tmp1" / "voice" / "v.onnx").write_bytes(b"half")
    shop.offer_pair()
    shop.store.install("v")
    assert shop.rests() == []


def test_ctrl_c_while_fetching_leaves_no_voice(shop: Shop) -> None:
    shop.offer_pair()

    def interrupt(done: int, total: int | None) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.store.install("v", watch_of=lambda _: interrupt)
    assert shop.names() == []
    assert [row.state for row in shop.store.rows()] == [AVAILABLE]


@pytest.mark.parametrize("which", PAIR)
def test_a_pair_on_disk_is_added_by_either_file(shop: Shop, which: str) -> None:
    tone_pair(shop.root / "mine", "v")
    tone_pair(shop.root / "mine", "other")
    details = Details("Mine", "en-GB", "male", "my own")

    shop.store.add(shop.root / "mine" / which, name="renamed", details=details)
    assert shop.names() == ["renamed.onnx", "renamed.onnx.json"]
    (row,) = shop.store.rows()
    assert (row.title, row.languages, row.gender, row.licence) == ("Mine", ("en-GB",), "male", "my own")
    assert (shop.root / "mine" / "v.onnx").stat().st_nlink == 1


def test_a_folder_with_a_manifest_is_added_without_the_rest_of_it(shop: Shop) -> None:
    write_lexicon_voice(shop.root / "mine")
    shop.store.add(shop.root / "mine")
    (shop.voices / "mine" / "junk").write_text("junk")

    shop.store.add(shop.voices / "mine", name="copy", details=Details(licence="CC0"))
    assert [name for name in shop.names() if name.startswith("copy/")] == [
        f"copy/{name}" for name in ("lexicon.txt", "model.onnx", "tokens.txt", "voice.json")
    ]
    assert json.loads((shop.voices / "copy" / "voice.json").read_bytes())["licence"] == "CC0"


@pytest.mark.parametrize("suffix", ["tar.bz2", "zip"])
def test_an_archive_on_disk_is_added(shop: Shop, suffix: str) -> None:
    folder = shop.root / "made"
    write_melo_voice(folder)
    path = shop.root / f"my voice (1).{suffix}"
    if suffix == "zip":
        shutil.make_archive(str(path).removesuffix(".zip"), "zip", folder)
    else:
        path.write_bytes(tar_of(folder, "top", {"notes": b"hello"}))
    shop.store.add(path)
    assert "my-voice-1/voice.json" in shop.names()
    assert not any("notes" in name for name in shop.names())


def test_an_archive_of_a_pair_is_added_as_a_pair(shop: Shop) -> None:
    tone_pair(shop.root / "mine", "v")
    path = shop.root / "vits-piper-v.tar.bz2"
    path.write_bytes(tar_of(shop.root / "mine", "top", {"tokens.txt": b"a 1"}))
    shop.store.add(path)
    assert shop.names() == ["vits-piper-v.onnx", "vits-piper-v.onnx.json"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("nowhere.onnx", "is not there"),
        ("alone.onnx", r"alone\.onnx\.json is not beside"),
        ("text.txt", "neither a voice's model"),
        ("empty", "no voice that Voxgate knows"),
        ("several", "more than one pair"),
        ("espeak-mine.onnx", "cannot be a voice's name"),
    ],
)
def test_what_is_no_voice_is_refused_with_a_reason(shop: Shop, path: str, told: str) -> None:
    (shop.root / "alone.onnx").write_bytes(b"x")
    (shop.root / "text.txt").write_text("x")
    (shop.root / "empty").mkdir()
    tone_pair(shop.root, "espeak-mine")
    for name in ("one", "two"):
        tone_pair(shop.root / "several", name)
    with pytest.raises(NotAVoice, match=told):
        shop.store.add(shop.root / path)
    assert shop.names() == []


def test_a_manifest_that_points_outside_its_folder_is_refused(shop: Shop) -> None:
    folder = shop.root / "mine"
    write_lexicon_voice(folder)
    shop.store.add(folder)
    evil = shop.root / "evil"
    shutil.copytree(shop.voices / "mine", evil)
    (evil / "tokens.txt").unlink()
    (evil / "tokens.txt").symlink_to("/etc/passwd")
    with pytest.raises(NotAVoice, match=r"tokens\.txt is named in voice\.json and is not there"):
        shop.store.add(evil)


def test_verify_tells_what_changed_and_what_speaks(shop: Shop) -> None:
    shop.offer_pair("v")
    shop.offer_pair("w")
    for name in ("v", "w"):
        shop.store.install(name)
    write_fixture_voice(shop.voices, "own")
    with (shop.voices / "w.onnx").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\0")

    found = {verdict.name: verdict for verdict in shop.store.verify()}
    assert found["v"].problems == ()
    assert found["v"].spoken is not None
    assert found["w"].problems[0] == "w.onnx has changed since it was installed"
    assert found["own"].problems == ()
    assert found["own"].notes == ("no checksums were recorded: it was copied by hand",)
    assert [verdict.name for verdict in shop.store.verify(["own"])] == ["own"]


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda path: path.write_bytes(b"short"), "has 5 bytes"),
        (lambda path: path.unlink(), "is gone"),
    ],
)
def test_verify_tells_of_damaged_and_missing_files(shop: Shop, harm: object, told: str) -> None:
    assert callable(harm)
    shop.offer_pair()
    shop.store.install("v")
    harm(shop.voices / "v.onnx")
    (verdict,) = shop.store.verify()
    assert told in verdict.problems[0]
    assert verdict.spoken is None or verdict.problems


def test_a_removed_voice_is_gone_with_its_record(shop: Shop) -> None:
    shop.offer_pair()
    shop.store.install("v")
    freed = shop.store.remove("v")
    assert freed > 200_000
    assert shop.names() == []
    assert list((shop.voices / ".store" / "records").iterdir()) == []
    assert [row.state for row in shop.store.rows()] == [AVAILABLE]


def test_half_a_voice_can_be_removed(shop: Shop) -> None:
    write_fixture_voice(shop.voices, "half").config.unlink()
    shop.store.remove("half")
    assert shop.names() == []


def starter(folder: Path, name: str) -> None:
    config = write_fixture_voice(folder, name).config
    config.write_text(json.dumps(json.loads(config.read_text()) | {"voxgate": {"starter": True}}))


def test_voices_that_came_with_voxgate_stay(shop: Shop) -> None:
    starter(shop.starters, "shipped")
    starter(shop.voices, "copied")
    for force in (False, True):
        with pytest.raises(StarterVoice, match="VOXGATE_STARTER_VOICES"):
            shop.store.remove("shipped", force=force)
    with pytest.raises(StarterVoice, match="--force"):
        shop.store.remove("copied")
    shop.store.remove("copied", force=True)
    assert shop.names() == []
    assert (shop.starters / "shipped.onnx").exists()


def test_samples_are_spoken_by_the_speaker_asked_for(shop: Shop) -> None:
    write_fixture_voice(shop.voices, "v", speakers=3)
    output = shop.root / "out.wav"
    for speaker in ("", "2", "speaker1"):
        assert shop.store.sample("v", output=output, speaker=speaker).audio_seconds > 1.0
        assert output.stat().st_size > 1000
        output.unlink()
    with pytest.raises(UnknownVoice, match="has no speaker 'nobody'; it has speaker0, speaker1, speaker2"):
        shop.store.sample("v", output=output, speaker="nobody")
    with pytest.raises(ProbeFailed, match="v did not speak"):
        shop.store.sample("v", output=output, text="...")
    assert not output.exists()


def test_a_lock_dies_with_its_process(shop: Shop) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tts.voices.store.layout import StoreLayout\n"
        f"with StoreLayout(Path({str(shop.voices)!r})).changing(): os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    with StoreLayout(shop.voices).changing():
        assert (shop.voices / ".store" / "lock").read_text() == str(os.getpid())
