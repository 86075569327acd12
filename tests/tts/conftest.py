from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # models can be imported once Django is set up
    from pathlib import Path

    from pytest_django import Settings

    from tts.engines.espeak.engine import EspeakEngine


@pytest.fixture
def empty_redis() -> None:
    from tests.outages import flush_redis

    flush_redis()


@pytest.fixture
def audio_folder(settings: "Settings", tmp_path: "Path") -> "Path":
    """History audio of this test alone."""
    from tests.storage import storage_moved

    return storage_moved(settings, "audio", tmp_path / "audio")


@pytest.fixture
def exports_folder(settings: "Settings", tmp_path: "Path") -> "Path":
    """Exports of this test alone."""
    from tests.storage import storage_moved

    return storage_moved(settings, "exports", tmp_path / "exports")


@pytest.fixture(scope="session")
def espeak() -> Iterator["EspeakEngine"]:
    from tts.engines.espeak.engine import EspeakEngine
    from tts.engines.espeak.process import EspeakProcess

    engine = EspeakEngine(EspeakProcess())
    yield engine
    engine.close()
