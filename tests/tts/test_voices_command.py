"""`manage.py voices` as a person at a terminal meets it."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.fixture_voices import write_fixture_voice
from tests.tts.voices.store.published import catalogue_file, download, entry, publish, tone_pair
from tests.tts.voices.store.publisher import Publisher, hang, publishing, status
from tts.models import Voice
from tts.services.voices import voices_sync
from tts.voices.voice import VoiceInfo, VoiceState

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with publishing() as running:
        yield running


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Settings, publisher: Publisher) -> Path:
    """The voices directory; its catalogue offers the voice `v`."""
    files = tone_pair(tmp_path / "published", "v")
    publish(publisher, files)
    offered = entry("v", [download(data, name) for name, data in files.items()], recommended=True)
    settings.VOICES_DIR = tmp_path / "voices"
    settings.VOICES_CATALOGUE = catalogue_file(tmp_path, offered)
    settings.VOICES_MIRROR = [publisher.url]
    return tmp_path / "voices"


def voices(*arguments: str) -> str:
    """What the command says, errors included."""
    said = io.StringIO()
    call_command("voices", *arguments, stdout=said, stderr=said)
    return said.getvalue()


@pytest.mark.django_db
def test_a_voice_from_the_list_to_its_removal(place: Path, tmp_path: Path) -> None:
    assert "* v     available  zh-CN      female" in voices("list")

    told = voices("install", "v")
    assert "v: CC0-1.0" in told
    assert "v is installed: it spoke" in told
    assert "* v     ready" in voices("list", "--installed")
    assert "v: in order, spoke" in voices("verify")

    output = tmp_path / "hello.wav"
    assert "hello.wav" in voices("sample", "v", "--out", str(output), "--text", "你好")
    assert output.read_bytes().startswith(b"RIFF")

    assert "v is removed" in voices("remove", "v", "--yes")
    assert list(place.glob("*.onnx*")) == []


@pytest.mark.django_db
def test_the_list_is_there_for_machines_and_for_one_language(place: Path) -> None:
    write_fixture_voice(place, "english", language="en_US")
    assert {row["name"]: row["state"] for row in json.loads(voices("list", "--json"))} == {
        "english": "ready",
        "v": "available",
    }
    assert [row["name"] for row in json.loads(voices("list", "--json", "--language", "en"))] == ["english"]
    assert [row["name"] for row in json.loads(voices("list", "--json", "--language", "zh-CN"))] == ["v"]


@pytest.mark.django_db
def test_a_language_without_voices_is_answered_with_those_that_have_some(place: Path) -> None:
    write_fixture_voice(place, "english", language="en_US")
    told = voices("list", "--language", "xx")
    assert "None of these voices speaks xx.\nTheir languages: en-US, " in told
    assert "zh-CN" in told
    assert "licence" not in told
    assert json.loads(voices("list", "--language", "xx", "--json")) == []


@pytest.mark.django_db
def test_the_list_shows_what_a_request_may_name(place: Path) -> None:
    write_fixture_voice(place, "many", speakers=9)
    lines = [line.strip() for line in voices("list").splitlines()]
    assert "many:speaker0" in lines
    assert "many:speaker8" not in lines
    assert "… 5 more: `voices list many` shows all" in lines

    lines = [line.strip() for line in voices("list", "many").splitlines()]
    assert "many:speaker8" in lines
    assert not any(line.startswith("* v") for line in lines)
    (row,) = json.loads(voices("list", "many", "--json"))
    assert row["voice_ids"] == [f"many:speaker{number}" for number in range(9)]


@pytest.mark.django_db
def test_the_list_tells_what_is_wrong_and_what_to_do(place: Path) -> None:
    write_fixture_voice(place, "half").config.unlink()
    told = voices("list", "--installed")
    assert "missing" in told
    assert (
        "half.onnx.json is not there: put the missing file beside the others, or install the voice again"
        in told
    )


@pytest.mark.django_db
def test_the_list_knows_what_the_admin_switched_off(place: Path) -> None:
    for name, speakers in (("one", 1), ("many", 3)):
        write_fixture_voice(place, name, speakers=speakers)
    found = [
        VoiceInfo(voice_id, voice_id, ("zh-CN",), "", "onnx", 22050, "", None, VoiceState.READY)
        for voice_id in ("one", "many:speaker0", "many:speaker1", "many:speaker2")
    ]
    voices_sync(engine="onnx", found=found)
    Voice.objects.filter(pk__in=("one", "many:speaker1")).update(enabled=False)

    rows = {row["name"]: row for row in json.loads(voices("list", "--json", "--installed"))}
    assert (rows["one"]["state"], rows["many"]["state"]) == ("disabled", "ready")
    assert rows["many"]["problem"] == "1 of 3 speakers switched off"
    assert "switch it on in the admin" in rows["one"]["advice"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["install", "w"], "The catalogue has no voice 'w'"),
        (["install", "v", "--mirror", "nonsense"], "A mirror must begin with https://"),
        (["list", "w"], "Neither the voices directory nor the catalogue has 'w'"),
        (["verify", "w"], "No voice 'w' is installed"),
        (["remove", "w", "--yes"], "No voice 'w' is installed"),
        (["sample", "w"], "No voice 'w' is installed"),
        (["add", "nowhere"], "nowhere is not there"),
    ],
)
def test_mistakes_end_in_one_line(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        voices(*arguments)


def test_verify_fails_when_a_voice_is_not_in_order(place: Path) -> None:
    write_fixture_voice(place, "good")
    write_fixture_voice(place, "bad").model.write_bytes(b"no model")
    with pytest.raises(CommandError, match=r"Not in order: bad\. Installing a voice again"):
        voices("verify")
    assert "good: in order" in voices("verify", "good")


def test_verify_answers_machines_too(place: Path) -> None:
    write_fixture_voice(place, "good")
    (verdict,) = json.loads(voices("verify", "--json"))
    assert (verdict["name"], verdict["problems"]) == ("good", [])
    assert verdict["spoken"]["sample_rate"] == 22050


@pytest.mark.parametrize(("answer", "removed"), [("y", True), ("yes", True), ("n", False), ("", False)])
def test_remove_asks(place: Path, monkeypatch: pytest.MonkeyPatch, answer: str, removed: bool) -> None:
    files = write_fixture_voice(place, "v")
    monkeypatch.setattr("builtins.input", lambda _: answer)
    if removed:
        voices("remove", "v")
    else:
        with pytest.raises(CommandError, match="Nothing was removed"):
            voices("remove", "v")
    assert files.model.exists() is not removed


@pytest.mark.parametrize(
    ("name", "told"), [("w", "No voice 'w'"), ("voxgate-starter-en", "VOXGATE_STARTER_VOICES")]
)
def test_what_cannot_be_removed_is_not_asked_about(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str, told: str
) -> None:
    settings.STARTER_VOICES = ["voxgate-starter-en"]
    # Asking would end in "Nothing was removed".
    monkeypatch.setattr("builtins.input", lambda _: "n")
    with pytest.raises(CommandError, match=told):
        voices("remove", name)


def test_without_a_network_the_ways_out_are_named(publisher: Publisher) -> None:
    publisher.publish("/publisher.example/v.onnx", b"", status(403))
    with pytest.raises(CommandError, match=r"refused the file.*VOXGATE_VOICES_MIRROR.*`voices add`"):
        voices("install", "v")


def test_without_anybody_to_ask_nothing_is_removed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write_fixture_voice(place, "v")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="--yes does it without asking"):
        voices("remove", "v")
    assert files.model.exists()


def test_a_directory_that_cannot_be_listed_is_told(place: Path) -> None:
    place.write_text("a file")
    with pytest.raises(CommandError, match=r"voices: Not a directory"):
        voices("verify")


def test_details_of_an_added_voice_are_written_down(place: Path, tmp_path: Path) -> None:
    files = write_fixture_voice(tmp_path / "mine", "m")
    details = [
        "--name",
        "own",
        "--title",
        "Own",
        "--language",
        "en-GB",
        "--gender",
        "male",
        "--licence",
        "mine",
    ]
    voices("add", str(files.model), *details)
    config = json.loads((place / "own.onnx.json").read_bytes())
    assert config["voxgate"] == {"name": "Own", "gender": "male", "licence": "mine"}
    assert config["language"] == {"code": "en_GB"}


def environment(place: Path, publisher: Publisher) -> Mapping[str, str]:
    """A shell in which nothing of Voxgate is set up and nothing runs."""
    return {
        "PATH": os.environ["PATH"],
        "no_proxy": "127.0.0.1",
        "VOXGATE_DATA_DIR": str(place.parent / "data"),
        "VOXGATE_VOICES_DIR": str(place),
        "VOXGATE_VOICES_CATALOGUE": str(place.parent / "catalogue.json"),
        "VOXGATE_VOICES_MIRROR": publisher.url,
        "VOXGATE_ALLOW_FIXTURE_VOICE": "1",
        "VOXGATE_STARTER_VOICES": "",
        "DATABASE_URL": "postgres://voxgate@127.0.0.1:9/voxgate",
    }


def test_nothing_else_has_to_run(place: Path, publisher: Publisher) -> None:
    for arguments, told in (
        (["install", "v"], "v is installed"),
        (["list"], "The database cannot be asked"),
        (["verify"], "v: in order"),
        (["remove", "v", "--yes"], "v is removed"),
    ):
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "voices", *arguments],
            env=environment(place, publisher),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert told in done.stdout
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_install_says_how_to_go_on(
    place: Path, publisher: Publisher, how: signal.Signals
) -> None:
    publisher.files["/publisher.example/v.onnx"].habits.append(hang)
    # Shells let what they start in the background ignore Ctrl+C, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-u", str(ROOT / "manage.py"), "voices", "install", "v"],
        env=environment(place, publisher),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    # It says what it is about to fetch, and then hangs.
    assert process.stdout.readline().startswith("v: CC0")
    assert publisher.wait_until_asked()
    process.send_signal(how)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert list(place.glob("*.onnx*")) == []
