"""What users have spoken, and the keys they do it with, are in no log at any level; seen from the whole system."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from accounts import keys
from tests.system import ROOT, System, running_system, wait_for
from tts.services.logs_wire import STREAM

pytestmark = pytest.mark.slow

MARK = "quixotic"
CHINESE = "饕餮盛宴"
MARKS = (MARK, CHINESE, "wrongword")
FILES = ("tts_access.log", "tts_error.log", "tts_debug.log")


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that logs all it can, but for phonemes."""
    with running_system(tmp_path_factory.mktemp("leaks") / "data", VOXGATE_LOG_DEBUG="1") as system:
        yield system


def logs(system: System) -> str:
    """Everything that processes wrote, and every record on its way to the admin or there."""
    files = [path.read_text(errors="replace") for path in (system.data / "logs").iterdir()]
    rows = system.sql("SELECT message || ' ' || stack FROM tts_logrecord")
    stream = cast(list[object], system.redis().xrange(STREAM))
    return "\n".join([*files, *(text for (text,) in rows), repr(stream)])


def test_no_text_and_no_key_is_logged_at_any_level(talkative: System) -> None:
    key = keys.generate("live").text
    spoken = talkative.speak(f"The {MARK} price is 12.50 USD. {CHINESE}，第 3 次。", reference="marked")
    assert spoken.status_code == 200
    row = spoken.headers["X-Request-ID"]
    ssml = f"<speak>{MARK}<break time='100ms'/><say-as interpret-as='date'>2026-01-02</say-as></speak>"
    assert talkative.speak(ssml, ssml=True).status_code in (200, 400)
    assert talkative.post("/api/text/preview", json={"text": f"{MARK} 3 kg"}).status_code == 200
    refused = [
        talkative.post(data=f'{{"text": "{MARK}', headers={"Content-Type": "application/json"}),
        talkative.speak(MARK, voice="wrongword"),
        talkative.speak(MARK, speed="wrongword"),
        talkative.speak(MARK * 3_000),
        talkative.get(f"/api/requests/{key}"),
        talkative.post(json={"text": MARK}, headers={"Authorization": f"Bearer {key}", "X-Request-ID": key}),
    ]
    assert all(400 <= answer.status_code < 500 for answer in refused)

    def is_told() -> list[tuple[object, ...]]:
        return talkative.sql(
            "SELECT 1 FROM tts_logrecord WHERE level = 'debug' AND message LIKE %s", "%text rules:%"
        )

    wait_for(is_told, what="the debug records in the table")
    everything = logs(talkative)
    assert [mark for mark in MARKS if mark in everything] == []
    assert key not in everything
    assert key[-38:-6] not in everything
    # It is not that nothing was logged.
    assert f"request_id={row}" in (talkative.data / "logs" / "tts_access.log").read_text()
    debug = (talkative.data / "logs" / "tts_debug.log").read_text()
    for told in ("text rules: ", "sentence 1 of", "fallback: ", "encoded in", "espeak succeeded after"):
        assert told in debug, told
    assert "tts.phonemes" not in debug
    assert {level for (level,) in talkative.sql("SELECT DISTINCT level FROM tts_logrecord")} >= {
        "access",
        "debug",
    }


def test_worker_records_lead_to_their_request_and_its_tenant(talkative: System) -> None:
    answer = talkative.speak("One more sentence.")
    (row,) = talkative.sql(
        "SELECT id::text FROM tts_synthesisrequest WHERE request_id = %s", answer.headers["X-Request-ID"]
    )

    def of_request() -> list[tuple[object, ...]]:
        return talkative.sql(
            "SELECT DISTINCT tenant_slug FROM tts_logrecord WHERE request_id = %s AND message LIKE %s",
            row[0],
            "sentence 1 of%",
        )

    assert wait_for(of_request, what="the worker's records") == [("demo",)]


PHONEMES = """
import sys, django
django.setup()
from pathlib import Path
from tests.tts.engines.onnx.voices import load_fixture, soon
from tts.engines.base import CancelToken
from tts.engines.espeak.phonemes import EspeakPhonemizer
from tts.engines.espeak.process import EspeakProcess
from tts.text.types import Run
process = EspeakProcess()
model = load_fixture(Path(sys.argv[1]))
model.say((Run("en-US", "hello"),), phonemizer=EspeakPhonemizer(process), speaker=0, speed=1.0, deadline=soon(),
          cancel=CancelToken())
process.close()
"""


@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({}, False),
        ({"VOXGATE_LOG_PHONEMES": "1"}, False),
        ({"VOXGATE_LOG_DEBUG": "1"}, False),
        ({"VOXGATE_LOG_DEBUG": "1", "VOXGATE_LOG_PHONEMES": "1"}, True),
    ],
)
def test_phonemes_are_in_the_debug_file_alone_and_only_when_two_settings_say_so(
    talkative: System, tmp_path: Path, settings: dict[str, str], written: bool
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "VOXGATE_LOG_DIR": str(tmp_path),
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-c", PHONEMES, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = {name: "tts.phonemes" in (tmp_path / name).read_text() for name in FILES}
    assert found == {"tts_access.log": False, "tts_error.log": False, "tts_debug.log": written}
    assert "tts.phonemes" not in done.stderr
