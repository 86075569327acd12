"""The shape of the house: what may import what, and the trap named `platform`."""

import ast
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PURE = ("tts/engines", "tts/text", "tts/audio", "tts/voices")
ALLOWED = {
    # Imports only go right: voxgate → tts → accounts.
    "accounts": {"accounts"},
    "tts": {"tts", "accounts"},
    "voxgate": {"voxgate", "tts", "accounts"},
}
PURE_MAY_NOT = {"django", "rest_framework", "rq", "django_rq", "redis", "psycopg"}
MAX_LINES = 450


def sources() -> list[Path]:
    found = [path for top in ("tts", "accounts", "platform/voxgate") for path in (ROOT / top).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def test_platform_stays_the_standard_library() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert list((ROOT / "platform").glob("*.py")) == []
    assert str(ROOT) not in str(platform.__file__)


@pytest.mark.parametrize("where", [".", "platform"])
def test_a_fresh_interpreter_finds_the_right_platform(where: str) -> None:
    code = "import sys; sys.path[:0] = ['.', 'platform']; import platform, voxgate; print(platform.system())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == platform.system()


def test_imports_only_go_right() -> None:
    ours = set(ALLOWED)
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources()
        for name in imported(path)
        if (top := name.partition(".")[0]) in ours
        and top
        not in ALLOWED[
            "voxgate" if "platform" in path.relative_to(ROOT).parts else path.relative_to(ROOT).parts[0]
        ]
    ]
    assert wrong == []


def test_engines_text_audio_and_voices_know_no_django() -> None:
    inner = (
        "tts.models",
        "tts.services",
        "tts.api",
        "tts.jobs",
        "tts.admin",
        "tts.selectors",
        "tts.connections",
    )
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources()
        if str(path.relative_to(ROOT)).startswith(PURE)
        for name in imported(path)
        if name.partition(".")[0] in PURE_MAY_NOT or name.startswith(inner) or name.startswith("accounts")
    ]
    assert wrong == []


def test_nobody_imports_the_outer_callers() -> None:
    """api, admin, jobs and commands are equal callers of services; no room below reaches up to them."""
    callers = ("tts.api", "tts.admin", "tts.jobs", "tts.management")
    inner = ("tts/services", "tts/models", "tts/selectors.py", "tts/connections.py")
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources()
        if str(path.relative_to(ROOT)).startswith(inner)
        for name in imported(path)
        if name.startswith(callers)
    ]
    assert wrong == []


def test_rooms_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_absolute_path_of_a_machine_is_committed() -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not on this machine, so what is committed cannot be told from what was made")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    suffixes = {".py", ".md", ".toml", ".txt", ".in", ".yaml", ".yml", ".sh", ".html", ".js", ".css", ""}
    marks = ("/work/" + "main", "/root/" + ".", "/home/" + "user")
    wrong = [
        name
        for name in listed.stdout.splitlines()
        if (path := ROOT / name).suffix in suffixes and path.is_file()
        if any(mark in path.read_text(encoding="utf-8", errors="ignore") for mark in marks)
    ]
    assert wrong == []
