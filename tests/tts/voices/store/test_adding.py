"""Taking in voices from this machine's disk, with real sessions."""

import json
import shutil

import pytest

from tests.family_voices.vits import write_lexicon_voice, write_melo_voice
from tests.tts.voices.store.published import tar_of, tone_pair
from tests.tts.voices.store.shop import PAIR, Shop
from tts.voices.store.details import Details
from tts.voices.store.errors import NotAVoice


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


def test_a_changed_voice_is_taken_in_where_it_lies(shop: Shop) -> None:
    shop.offer_pair()
    shop.store.install("v")
    model = shop.voices / "v.onnx"
    model.write_bytes(tone_pair(shop.root / "changed", "v", noise=True)["v.onnx"])
    assert [row.state for row in shop.store.rows()] == ["corrupt"]

    shop.store.add(model, replace=True)
    assert shop.names() == PAIR
    assert [row.state for row in shop.store.rows()] == ["ready"]
    assert [verdict.problems for verdict in shop.store.verify()] == [()]


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
