"""Installing voices of the catalogue, with a publisher on this machine and real sessions."""

import json

import pytest

from tests.family_voices.kokoro import write_raw_voice
from tests.family_voices.matcha import write_baker_voice
from tests.family_voices.mms import write_mms_voice
from tests.family_voices.vits import write_character_voice, write_lexicon_voice, write_melo_voice
from tests.fixture_voices import Fault, write_fixture_voice
from tests.tts.voices.store.published import download, entry, publish, tar_of
from tests.tts.voices.store.publisher import cut_after, status
from tests.tts.voices.store.shop import PAIR, Shop
from tts.voices.store.errors import (
    AlreadyThere,
    DownloadFailed,
    LicenceNotAccepted,
    ProbeFailed,
    StoreNotWritable,
    UnsafeArchive,
    WrongContent,
)
from tts.voices.store.installed import AVAILABLE
from tts.voices.store.voice_store import Installed


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


def test_too_small_a_disk_is_told_before_anything_is_fetched(shop: Shop) -> None:
    shop.offer_pair()
    downloads = shop.entries[0]["downloads"]
    assert isinstance(downloads, list)
    downloads[0]["bytes"] = 10**15
    with pytest.raises(StoreNotWritable, match=r"v needs 1000000\.\d+ GB"):
        shop.store.install("v")
    assert shop.publisher.asked == []


def test_ctrl_c_while_fetching_leaves_no_voice(shop: Shop) -> None:
    shop.offer_pair()

    def interrupt(done: int, total: int | None) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.store.install("v", watch_of=lambda _: interrupt)
    assert shop.names() == []
    assert [row.state for row in shop.store.rows()] == [AVAILABLE]
