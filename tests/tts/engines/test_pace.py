import pytest

from tts.engines.pace import Pace


def learned(*seconds: float, characters: int = 10) -> Pace:
    pace = Pace()
    for one in seconds:
        pace.learn(characters=characters, speed=1.0, seconds=one)
    return pace


def test_nothing_learned_is_nothing_expected() -> None:
    pace = Pace()
    assert pace.expected_seconds(characters=800, speed=0.5) == 0.0
    assert pace.seconds_per_task == 0.0
    pace.doubt(characters=800, speed=0.5)
    pace.late(characters=800, speed=0.5, seconds=15.0)
    assert pace.expected_seconds(characters=800, speed=0.5) == 0.0
    assert pace.least_seconds(characters=800, speed=0.5) == 0.0


def test_twice_the_text_and_half_the_speed_take_twice_as_long() -> None:
    pace = learned(2.0)
    assert pace.expected_seconds(characters=10, speed=1.0) == pytest.approx(2.0)
    assert pace.expected_seconds(characters=20, speed=1.0) == pytest.approx(4.0)
    assert pace.expected_seconds(characters=10, speed=0.5) == pytest.approx(4.0)
    assert pace.expected_seconds(characters=10, speed=2.0) == pytest.approx(1.0)


def test_a_text_shorter_than_a_unit_is_one() -> None:
    pace = learned(1.0, characters=1)
    assert pace.expected_seconds(characters=0, speed=1.0) == pytest.approx(1.0)


def test_a_machine_that_gets_busy_is_noticed_within_a_few_requests() -> None:
    pace = learned(1.0, *[4.0] * 10)
    assert 3.5 < pace.expected_seconds(characters=10, speed=1.0) < 4.0
    assert 3.5 < pace.seconds_per_task < 4.0


def test_one_slow_start_is_forgotten_as_fast() -> None:
    assert learned(20.0, *[1.0] * 20).expected_seconds(characters=10, speed=1.0) < 1.25


def test_an_engine_that_is_passed_over_is_asked_again_sooner_or_later() -> None:
    pace = learned(100.0)
    times = 0
    while pace.expected_seconds(characters=10, speed=1.0) > 12.0:
        pace.doubt(characters=10, speed=1.0)
        times += 1
    assert 10 < times < 30


def observed(*tasks: tuple[int, float]) -> Pace:
    """(characters, seconds) of each task."""
    pace = Pace()
    for characters, seconds in tasks:
        pace.learn(characters=characters, speed=1.0, seconds=seconds)
    return pace


def test_what_every_task_costs_is_not_taken_for_a_cost_of_characters() -> None:
    greetings = [(6, 0.106), (60, 0.16)] + [(6, 0.106)] * 100
    expected = observed(*greetings).expected_seconds(characters=800, speed=1.0)
    assert expected == pytest.approx(0.9, rel=0.05)


def test_a_slow_voice_is_known_to_be_slow_after_two_lengths() -> None:
    expected = observed((6, 0.17), (60, 1.25)).expected_seconds(characters=800, speed=1.0)
    assert expected == pytest.approx(16.05, rel=0.05)


def test_a_machine_that_gets_busy_is_noticed_at_every_length() -> None:
    quiet = [(6, 0.106), (60, 0.16)] * 10
    pace = observed(*quiet, *[(6, 0.424)] * 12)
    assert pace.expected_seconds(characters=6, speed=1.0) == pytest.approx(0.424, rel=0.15)


@pytest.mark.parametrize("tasks", [[(10, 1.0), (100, 0.5)], [(10, 0.0), (100, 5.0)], [(0, 0.1), (0, 0.2)]])
def test_odd_observations_give_a_finite_expectation(tasks: list[tuple[int, float]]) -> None:
    assert 0.0 <= observed(*tasks).expected_seconds(characters=800, speed=0.5) < 1000.0


def test_texts_made_long_on_purpose_wear_no_doubt_into_a_pace() -> None:
    pace = learned(100.0)
    before = pace.expected_seconds(characters=10, speed=1.0)
    for _ in range(30):
        pace.doubt(characters=1001, speed=0.5)
    assert pace.expected_seconds(characters=10, speed=1.0) == before


def test_an_engine_stopped_late_is_thought_slower_until_it_shows_otherwise() -> None:
    pace = observed((6, 0.17), (60, 1.25), (200, 4.05))
    expected = pace.expected_seconds(characters=700, speed=1.0)
    assert expected == pytest.approx(14.05, rel=0.05)
    pace.late(characters=700, speed=1.0, seconds=12.0)
    assert pace.expected_seconds(characters=700, speed=1.0) == pytest.approx(24.0)
    for _ in range(20):
        pace.learn(characters=200, speed=1.0, seconds=4.05)
    assert pace.expected_seconds(characters=700, speed=1.0) == pytest.approx(expected, rel=0.05)


def test_an_engine_that_hangs_on_a_greeting_is_not_thought_slow() -> None:
    pace = learned(0.1)
    pace.late(characters=10, speed=1.0, seconds=12.0)
    assert pace.expected_seconds(characters=10, speed=1.0) == pytest.approx(0.2)


def test_greetings_tell_nothing_of_a_page() -> None:
    pace = learned(0.1, 0.1)
    assert pace.expected_seconds(characters=800, speed=1.0) == pytest.approx(8.0)
    assert pace.least_seconds(characters=800, speed=1.0) == pytest.approx(1.0)
    pace.learn(characters=100, speed=1.0, seconds=1.0)
    assert pace.least_seconds(characters=800, speed=1.0) == pytest.approx(8.0, rel=0.1)
