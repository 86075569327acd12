"""The published examples, run unchanged as their readers would run them."""

import os
import re
import shutil
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


def requests_of_key(system: System, name: str) -> int:
    ((count,),) = system.sql("SELECT count(*) FROM tts_synthesisrequest WHERE api_key_name = %s", name)
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
    demo, nobody = requests_of_key(system, "demo"), requests_of_key(system, "")
    assert run_client(system.base_url, TEXT, output, key=system.key).returncode == 0
    assert (requests_of_key(system, "demo"), requests_of_key(system, "")) == (demo + 1, nobody)
    assert run_client(system.base_url, TEXT, output).returncode == 0
    assert (requests_of_key(system, "demo"), requests_of_key(system, "")) == (demo + 1, nobody + 1)


def test_the_client_says_what_the_server_refuses(system: System, tmp_path: Path) -> None:
    output = tmp_path / "hello.wav"
    fast = run_client(system.base_url, TEXT, str(output), "--speed", "9")
    assert fast.returncode == 1
    assert "invalid_request: speed: must lie between 0.5 and 2.0" in fast.stderr
    wrong_key = run_client(system.base_url, TEXT, str(output), key="vg_live_wrong")
    assert wrong_key.returncode == 1
    assert "unauthenticated" in wrong_key.stderr
    assert not output.exists()


def readme_block(language: str, word: str, base_url: str) -> str:
    """The first code block of README.md in `language` that holds `word`, for the server at `base_url`."""
    blocks: list[str] = re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S
    )
    block = next(block for block in blocks if word in block)
    assert "http://127.0.0.1:7860" in block
    return block.replace("http://127.0.0.1:7860", base_url)


@pytest.mark.parametrize(
    ("language", "word", "command"),
    [("sh", "curl", ("bash", "-ec")), ("python", "requests.post", (sys.executable, "-c"))],
)
def test_the_first_request_of_the_readme_can_be_pasted(
    system: System, tmp_path: Path, language: str, word: str, command: tuple[str, str]
) -> None:
    if shutil.which(command[0]) is None or (word == "curl" and shutil.which("curl") is None):
        pytest.skip(f"{word} is not on this machine")
    block = readme_block(language, word, system.base_url)
    done = subprocess.run(
        [*command, block], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert soundfile.info(tmp_path / "hello.wav").duration > 1


@pytest.mark.slow
def test_the_load_test_runs_without_a_failure(system: System, tmp_path: Path) -> None:
    result = run_locust(system.base_url, system.key, tmp_path, users=5, seconds=5)
    assert result.failures == 0
    assert result.requests >= 5
    # Percentiles are rounded, so they may exceed the maximum by a little.
    assert 0 < result.p50 <= result.p95 < 15
    assert 0 < result.mean <= result.longest < 15
