from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tts.voices.store.publisher import Publisher, publishing
from tests.tts.voices.store.shop import Shop


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, publisher: Publisher) -> Shop:
    return Shop(tmp_path, publisher)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The publisher is on this machine, whatever way out this machine has."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
