"""A voice is installed and switched on while twenty clients speak: nobody notices, but those who ask for it."""

import contextlib
import hashlib
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
import soundfile

from tests.fixture_voices import write_fixture_voice
from tests.system import ROOT, System, running_system, supervisor_environment, wait_for
from tests.tts.voices.store.published import catalogue_file, download, entry, publish, tone_pair
from tests.tts.voices.store.publisher import publishing

CLIENTS = 20
FIRST, SECOND = "zh_CN-first", "zh_CN-second"
TEXTS = ("今天天气很好。", "我们去公园散步。", "现在是北京时间八点整。", "欢迎光临。")


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer of the server."""

    text: str
    status: int
    voice: str
    fallback: str
    digest: str
    is_sound: bool


@dataclass(slots=True)
class Crowd:
    """Clients that speak one request after another until `stop`."""

    system: System
    voice: str
    heard: list[Heard] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def speak_until_stopped(self, number: int) -> None:
        with requests.Session() as session:
            count = number
            while not self.stop.is_set():
                self.heard.append(say(self.system, session, TEXTS[count % len(TEXTS)], self.voice))
                count += 1

    @contextlib.contextmanager
    def speaking(self, clients: int) -> Iterator[None]:
        with ThreadPoolExecutor(clients) as pool:
            running = [pool.submit(self.speak_until_stopped, number) for number in range(clients)]
            try:
                wait_for(lambda: len(self.heard) >= clients, seconds=60, what="every client heard once")
                yield
            finally:
                self.stop.set()
        for client in running:
            client.result()


def say(system: System, session: requests.Session, text: str, voice: str) -> Heard:
    response = session.post(
        f"{system.base_url}/api/tts",
        json={"text": text, "voice": voice},
        headers={"Authorization": f"Bearer {system.key}"},
        timeout=90,
    )
    return Heard(
        text,
        response.status_code,
        response.headers.get("X-Voxgate-Voice", response.text[:200]),
        response.headers.get("X-Voxgate-Fallback", ""),
        hashlib.sha256(response.content).hexdigest(),
        _is_sound(response),
    )


def _is_sound(response: requests.Response) -> bool:
    """Whether it is a whole WAV file of the length and loudness its headers promise."""
    if response.status_code != 200 or int(response.headers["Content-Length"]) != len(response.content):
        return False
    samples, rate = soundfile.read(io.BytesIO(response.content))
    promised = float(response.headers["X-Voxgate-Audio-Seconds"])
    return abs(len(samples) / rate - promised) < 0.01 and bool(abs(samples).max() > 0.05)


class Operator:
    """The first superuser, at a browser and at a terminal."""

    def __init__(self, system: System, environment: dict[str, str]) -> None:
        self._system = system
        self._environment = environment
        self._session = requests.Session()
        self._submit(
            "/admin/login/",
            username="admin",
            password=(system.data / "admin.password").read_text().strip(),
            next="/admin/",
        )

    def switch(self, voice: str, *, on: bool) -> None:
        """With the action of the admin's list of voices."""
        page = self._submit(
            "/admin/tts/voice/", action="switch_on" if on else "switch_off", _selected_action=voice
        )
        # Django's messages, and that it was this voice's switch.
        assert re.search(r"(1 voice|1 个)", page), page

    def voices(self, *arguments: str) -> str:
        """What `manage.py voices` says."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "voices", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        self._session.close()

    def _submit(self, path: str, **fields: str) -> str:
        url = self._system.base_url + path
        self._session.get(url, timeout=40)
        token = self._session.cookies["csrftoken"]
        response = self._session.post(
            url, {**fields, "csrfmiddlewaretoken": token}, headers={"Referer": url}, timeout=40
        )
        assert response.status_code == 200, response.text[:500]
        return response.text


def state_of(system: System, voice: str) -> str:
    voices = {entry["id"]: entry["state"] for entry in system.get("/api/voices").json()["voices"]}
    return str(voices.get(voice, ""))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_voice_comes_into_service_under_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    write_fixture_voice(data / "voices", FIRST)
    files = tone_pair(tmp_path / "published", SECOND, sample_rate=16000)
    offered = entry(SECOND, [download(content, name) for name, content in files.items()])
    with publishing() as publisher, contextlib.ExitStack() as stack:
        publish(publisher, files)
        settings = {
            "VOXGATE_VOICES_CATALOGUE": str(catalogue_file(tmp_path, offered)),
            "VOXGATE_VOICES_MIRROR": publisher.url,
            "no_proxy": "127.0.0.1",
            # A machine busy with other things must not make the fallback speak: that is another test's matter.
            "TTS_TIMEOUT": "60",
        }
        system = stack.enter_context(running_system(data, VOXGATE_WORKERS="2", **settings))
        environment = {"PATH": os.environ["PATH"], **supervisor_environment(data, 0, settings)}
        operator = stack.enter_context(contextlib.closing(Operator(system, environment)))
        wait_for(lambda: state_of(system, FIRST) == "ready", what="the first voice is ready")

        # An operator once tried the second voice, switched it off, and took it away.
        operator.voices("install", SECOND)
        wait_for(lambda: state_of(system, SECOND) == "ready", what="the second voice was ready once")
        operator.switch(SECOND, on=False)
        operator.voices("remove", SECOND, "--yes")
        wait_for(lambda: system.sql("SELECT 1 FROM tts_voice WHERE id = %s AND state = 'missing'", SECOND))
        with requests.Session() as session:
            alone = {text: say(system, session, text, FIRST) for text in TEXTS}
        workers = system.workers()

        crowd = Crowd(system, FIRST)
        with crowd.speaking(CLIENTS):
            assert "is installed" in operator.voices("install", SECOND)
            wait_for(
                lambda: system.sql("SELECT 1 FROM tts_voice WHERE id = %s AND state = 'ready'", SECOND),
                seconds=60,
                what="workers have the second voice",
            )
            assert state_of(system, SECOND) == "disabled"
            operator.switch(SECOND, on=True)
            assert state_of(system, SECOND) == "ready"
            later = _until_it_speaks(system)
            with requests.Session() as session:
                later += [say(system, session, TEXTS[number % 4], SECOND) for number in range(8)]

        assert len(workers) == 2
        assert system.workers() == workers
        _check(crowd.heard, FIRST, {text: heard.digest for text, heard in alone.items()})
        _check(later[-8:], SECOND, {})
        assert {heard.status for heard in later} == {200}
        assert "in order" in operator.voices("verify", SECOND)


def _until_it_speaks(system: System) -> list[Heard]:
    """Ask for the second voice until both workers have read the switch, which they do every two seconds."""
    heard: list[Heard] = []
    with requests.Session() as session:

        def spoke_often() -> bool:
            heard.append(say(system, session, TEXTS[0], SECOND))
            return len(heard) >= 8 and {answer.voice for answer in heard[-8:]} == {SECOND}

        wait_for(spoke_often, seconds=60, what="the second voice speaks")
    return heard


def _check(heard: list[Heard], voice: str, digests: dict[str, str]) -> None:
    """Every answer is sound, by `voice` itself, and where it is known the same as without load."""
    assert len(heard) >= 8
    assert {answer.status for answer in heard} == {200}
    assert all(answer.is_sound for answer in heard)
    assert {answer.voice for answer in heard} == {voice}
    assert {answer.fallback for answer in heard} == {"none"}
    for text, digest in digests.items():
        assert {answer.digest for answer in heard if answer.text == text} == {digest}
