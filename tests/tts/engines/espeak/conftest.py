"""One espeak-ng server for the tests of a module."""

from collections.abc import Iterator

import pytest

from tts.engines.espeak.process import EspeakProcess


@pytest.fixture(scope="module")
def shared_process() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


@pytest.fixture
def process() -> Iterator[EspeakProcess]:
    """A server that a test may kill."""
    process = EspeakProcess()
    yield process
    process.close()
