from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium, chromium_program, driver_problem
from tests.browser.visitor import Visitor
from tests.system import System


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the whole session: while Playwright's event loop lives, Django refuses to use the database."""
    program = chromium_program()
    if program is None:
        pytest.skip("no Chromium on PATH (chromium, chromium-browser or google-chrome)")
    problem = driver_problem()
    if problem is not None:
        pytest.skip(f"{problem} (on Debian: apt-get install libatomic1)")
    with chromium(program) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, system: System) -> Iterator[Visitor]:
    """Opens the page of the running system; afterwards the page must have been quiet and kept to its server."""
    visitor = Visitor(browser, system.base_url)
    yield visitor
    visitor.leave()
