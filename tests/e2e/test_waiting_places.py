"""Places for waiting callers over HTTP: a tenant that takes all it can get leaves some to others."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.e2e.test_isolation import manage
from tests.system import System, running_system

pytestmark = pytest.mark.slow

PLACES = 8
HOGS = 40


def speak(system: System, key: str) -> int:
    response = requests.post(
        f"{system.base_url}/api/tts",
        json={"text": "你好，世界。"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=40,
    )
    return response.status_code


def test_a_tenant_that_asks_without_end_leaves_places_to_others(tmp_path: Path) -> None:
    with running_system(
        tmp_path / "data",
        VOXGATE_WAITERS=str(PLACES),
        VOXGATE_WORKERS="2",
        VOXGATE_PRIMARY_ENGINE="tests.engines_for_tests:build_steady",
    ) as system:
        manage(system, "create_tenant", "small")
        key = manage(system, "issue_key", "small", "app")
        over, crowded = threading.Event(), threading.Event()

        def ask_without_end() -> list[int]:
            codes = []
            while not over.is_set():
                codes.append(speak(system, system.key))
                if codes[-1] == 503:
                    crowded.set()
            return codes

        with ThreadPoolExecutor(HOGS) as pool:
            hogs = [pool.submit(ask_without_end) for _ in range(HOGS)]
            try:
                assert crowded.wait(30), "the hog found every place it may have taken"
                answers = [speak(system, key) for _ in range(8)]
            finally:
                over.set()
        assert answers == [200] * 8
        assert {code for hog in hogs for code in hog.result()} == {200, 503}
