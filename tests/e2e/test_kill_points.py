"""A worker dies at every point of a request: the request ends once, is charged once, and leaves nothing behind."""

from collections.abc import Iterator

import pytest

from tests.fixture_voices import write_fixture_voice
from tests.kill_points import ENGINE, Point, kill_at
from tests.system import System, running_system

pytestmark = pytest.mark.slow

CHARACTERS = 7


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Two workers that die where they are told to, and a real voice."""
    data = tmp_path_factory.mktemp("mortal")
    write_fixture_voice(data / "voices", "steady")
    with running_system(data, VOXGATE_WORKERS="2", VOXGATE_PRIMARY_ENGINE=ENGINE) as system:
        yield system


@pytest.mark.parametrize(
    "point", [Point.BEFORE_CLAIM, Point.BEFORE_SYNTHESIS, Point.AFTER_SYNTHESIS, Point.AFTER_FILE]
)
def test_a_worker_that_dies_before_the_end_is_followed_by_another(mortal: System, point: Point) -> None:
    left = kill_at(mortal, point)
    assert left.is_clean, left
    assert (left.http_status, left.audio_files, left.usage_characters) == (200, 1, CHARACTERS)
    assert left.claims == (1 if point is Point.BEFORE_CLAIM else 2)


@pytest.mark.parametrize("point", [Point.AFTER_SETTLING, Point.BEFORE_ACKNOWLEDGEMENT])
def test_a_worker_that_dies_after_the_end_changes_nothing(mortal: System, point: Point) -> None:
    """After settling nobody is told, so the caller finds the audio on record when its time is over."""
    left = kill_at(mortal, point, timeout=4)
    assert left.is_clean, left
    assert (left.http_status, left.audio_files, left.usage_characters) == (200, 1, CHARACTERS)
    assert left.claims == 1


def test_all_is_charged_once(mortal: System) -> None:
    """After all deaths: what the periods say, what the events say and what was answered agree."""
    ((used, requests),) = mortal.sql(
        "SELECT used_characters, requests FROM accounts_usageperiod WHERE api_key_id IS NULL"
    )
    events = mortal.sql("SELECT characters FROM tts_usageevent")
    assert used == sum(characters for (characters,) in events) == CHARACTERS * requests
    assert len(events) == requests == len(Point)
