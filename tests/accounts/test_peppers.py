import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.peppers import Pepper, pepper_current, pepper_numbered

ONE, TWO = "11" * 32, "22" * 32


def test_the_highest_number_signs_and_every_number_checks(settings: Settings) -> None:
    settings.VOXGATE_KEY_PEPPERS = {"2": TWO, "10": f" {ONE} ", "1": ONE}
    assert pepper_current() == Pepper(10, ONE)
    assert pepper_numbered(2) == Pepper(2, TWO)
    assert pepper_numbered(3) is None


@pytest.mark.parametrize(
    "peppers",
    [
        {"one": ONE},
        {"1": "zz" * 32},
        {"1": "11" * 31},
        {"1": ""},
        {"1": ONE, "2": "short"},
        {"-1": ONE},
        {"32768": ONE},
    ],
)
def test_peppers_that_protect_nothing_are_refused_unquoted(
    settings: Settings, peppers: dict[str, str]
) -> None:
    settings.VOXGATE_KEY_PEPPERS = peppers
    with pytest.raises(ImproperlyConfigured, match=r"secrets\.token_hex") as raised:
        pepper_current()
    assert not any(secret and secret in str(raised.value) for secret in peppers.values())


def test_without_a_pepper_keys_are_impossible(settings: Settings) -> None:
    settings.VOXGATE_KEY_PEPPERS = {}
    with pytest.raises(ImproperlyConfigured, match="not set"):
        pepper_current()
    assert pepper_numbered(1) is None
