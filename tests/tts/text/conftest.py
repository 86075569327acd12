import logging
from collections.abc import Iterator

import pytest


class _Failures(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(autouse=True)
def rule_failures() -> Iterator[list[str]]:
    """What the pipeline logged of rules that failed; a test that expects some empties the list."""
    handler = _Failures()
    logger = logging.getLogger("tts.text.pipeline")
    logger.addHandler(handler)
    yield handler.lines
    logger.removeHandler(handler)
    assert handler.lines == []
