"""Listing, checking, sampling and removing what is installed, with real sessions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixture_voices import write_fixture_voice
from tests.tts.voices.store.shop import Shop
from tts.voices.store.errors import (
    ProbeFailed,
    StarterVoice,
    StoreBusy,
    StoreNotWritable,
    UnknownVoice,
)
from tts.voices.store.installed import AVAILABLE
from tts.voices.store.layout import StoreLayout, writing


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
    assert rows["own"].voice_ids == ("own:speaker0", "own:speaker1", "own:speaker2")
    assert rows["w"].voice_ids == ("w",)
    assert rows["half"].voice_ids == rows["v"].voice_ids == ()
    assert rows["starter"].is_starter
    assert not rows["own"].in_catalogue
    assert rows["v"].size_bytes == sum(map(len, shop.offer_pair("v").values()))


def test_without_a_catalogue_and_a_directory_nothing_is_there(shop: Shop) -> None:
    assert shop.store.rows() == []
    assert list(shop.store.verify()) == []


def flip_a_weight(model: Path) -> None:
    """Damage that neither size nor onnxruntime tells."""
    content = bytearray(model.read_bytes())
    content[-1] ^= 1
    model.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (flip_a_weight, "v.onnx has changed since it was installed"),
        (lambda model: model.write_bytes(b"short"), "v.onnx has 5 bytes; "),
    ],
)
def test_an_installed_voice_whose_model_changed_is_listed_as_corrupt(
    shop: Shop, harm: Callable[[Path], object], told: str
) -> None:
    shop.offer_pair()
    shop.store.install("v")
    assert [row.state for row in shop.store.rows()] == ["ready"]
    harm(shop.voices / "v.onnx")
    (row,) = shop.store.rows()
    assert row.state == "corrupt"
    assert row.problem.startswith(told)
    assert "--replace" in row.advice


def test_a_list_reads_only_files_dated_after_the_installation(shop: Shop) -> None:
    shop.installed_at = 1.5e9
    shop.offer_pair()
    shop.store.install("v")
    model = shop.voices / "v.onnx"
    flip_a_weight(model)
    for dated, state in ((1.4e9, "ready"), (1.6e9, "corrupt")):
        os.utime(model, (dated, dated))
        assert [row.state for row in shop.store.rows()] == [state]
        assert [bool(verdict.problems) for verdict in shop.store.verify()] == [True]


def test_a_configuration_that_was_edited_is_noted_and_no_damage(shop: Shop) -> None:
    shop.offer_pair()
    shop.store.install("v")
    config = shop.voices / "v.onnx.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"voxgate": {"name": "Mine"}}))
    assert [(row.state, row.title) for row in shop.store.rows()] == [("ready", "Mine")]
    (verdict,) = shop.store.verify()
    assert verdict.problems == ()
    assert len(verdict.notes) == 1
    assert verdict.notes[0].startswith("v.onnx.json has ")


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


def test_of_a_voice_that_came_with_voxgate_only_a_copy_can_be_removed(shop: Shop) -> None:
    for folder in (shop.starters, shop.voices):
        starter(folder, "v")
    assert [row.is_starter for row in shop.store.rows()] == [False]
    shop.store.remove("v")
    assert shop.names() == []
    assert [row.is_starter for row in shop.store.rows()] == [True]
    for refused in (shop.store.removable, shop.store.remove):
        with pytest.raises(StarterVoice, match="VOXGATE_STARTER_VOICES"):
            refused("v")
    assert (shop.starters / "v.onnx").exists()


def test_samples_are_spoken_by_the_speaker_asked_for(shop: Shop) -> None:
    write_fixture_voice(shop.voices, "v", speakers=3)
    output = shop.root / "out.wav"
    for speaker in ("", "2", "speaker1"):
        assert shop.store.sample("v", output=output, speaker=speaker).audio_seconds > 1.0
        assert output.stat().st_size > 1000
        output.unlink()
    assert shop.store.sample("v:speaker2", output=output).audio_seconds > 1.0
    output.unlink()
    with pytest.raises(UnknownVoice, match="has no speaker 'nobody'; it has speaker0, speaker1, speaker2"):
        shop.store.sample("v", output=output, speaker="nobody")
    with pytest.raises(ProbeFailed, match="v did not speak"):
        shop.store.sample("v", output=output, text="...")
    assert not output.exists()


def test_unknown_names_are_refused_with_a_hint(shop: Shop) -> None:
    shop.offer_pair()
    with pytest.raises(UnknownVoice, match="has no voice 'w'"):
        shop.store.install("w")
    with pytest.raises(UnknownVoice, match="`voices install v` gets it"):
        shop.store.remove("v")
    with pytest.raises(UnknownVoice, match="`voices list`"):
        shop.store.verify(["w"])


def test_a_lock_dies_with_its_process(shop: Shop) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tts.voices.store.layout import StoreLayout\n"
        f"with StoreLayout(Path({str(shop.voices)!r})).changing(): os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    with StoreLayout(shop.voices).changing():
        assert (shop.voices / ".store" / "lock").read_text() == str(os.getpid())


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


def test_a_disk_that_fills_up_is_told() -> None:
    with (
        pytest.raises(StoreNotWritable, match="is full"),
        writing(Path("voices")),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
