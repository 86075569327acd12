"""The published examples, run unchanged as their readers would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from benchmarks.article_load import run_locust
from tests.system import ROOT, System

CLIENT = ROOT / "examples" / "client.py"
TEXT = "今天的温度是35℃!!!"


def run_client(url: str, *arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CLIENT), *arguments],
        env={"PATH": os.environ["PATH"], "VOXGATE_URL": url, "VOXGATE_KEY": key},
        cwd="/",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def requests_on_record(system: System, reference: str) -> int:
    ((count,),) = system.sql("SELECT count(*) FROM tts_synthesisrequest WHERE api_key_name = %s", reference)
    return int(count)


@pytest.mark.parametrize(
    ("ending", "container"), [("wav", "WAV"), ("mp3", "MP3"), ("ogg", "OGG"), ("flac", "FLAC")]
)
def test_the_client_writes_a_file_that_plays(
    system: System, tmp_path: Path, ending: str, container: str
) -> None:
    output = tmp_path / f"hello.{ending}"
    done = run_client(system.base_url, TEXT, str(output), "--speaker", "1", "--speed", "1.2", key=system.key)

    assert done.returncode == 0, done.stderr
    facts = soundfile.info(output)
    assert facts.format == container
    assert 0.5 < facts.duration < 15
    assert str(output) in done.stdout


def test_the_client_acts_for_the_owner_of_its_key_and_anonymously_without(
    system: System, tmp_path: Path
) -> None:
    output = str(tmp_path / "hello.wav")
    demo, nobody = requests_on_record(system, "demo"), requests_on_record(system, "")
    assert run_client(system.base_url, TEXT, output, key=system.key).returncode == 0
    assert (requests_on_record(system, "demo"), requests_on_record(system, "")) == (demo + 1, nobody)
    assert run_client(system.base_url, TEXT, output).returncode == 0
    assert (requests_on_record(system, "demo"), requests_on_record(system, "")) == (demo + 1, nobody + 1)


def test_the_client_says_what_the_server_refuses(system: System, tmp_path: Path) -> None:
    output = tmp_path / "hello.wav"
    fast = run_client(system.base_url, TEXT, str(output), "--speed", "9")
    assert fast.returncode == 1
    assert "invalid_request: speed: must lie between 0.5 and 2.0" in fast.stderr
    wrong_key = run_client(system.base_url, TEXT, str(output), key="vg_live_wrong")
    assert wrong_key.returncode == 1
    assert "unauthenticated" in wrong_key.stderr
    assert not output.exists()


@pytest.mark.slow
def test_the_load_test_runs_without_a_failure(system: System, tmp_path: Path) -> None:
    result = run_locust(system.base_url, system.key, tmp_path, users=5, seconds=5)
    assert result.failures == 0
    assert result.requests >= 5
    assert 0 < result.p50 <= result.p95 <= result.longest < 15
