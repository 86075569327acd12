import os
import sys
from types import ModuleType

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from voxgate.settings.environment import ROOT


def found(*, deploy: bool = False) -> dict[str, str]:
    """Hints of our own messages by id."""
    messages = run_checks(include_deployment_checks=deploy)
    return {m.id: m.hint or m.msg for m in messages if m.id is not None and m.id.startswith("voxgate.")}


def test_a_sound_installation_has_nothing_to_say(settings: Settings) -> None:
    settings.VOXGATE_ANONYMOUS_TENANT = ""
    assert found(deploy=True) == {}


def test_a_module_in_the_place_of_the_standard_librarys_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    intruder = ModuleType("platform")
    intruder.__file__ = os.fspath(ROOT / "platform" / "__init__.py")
    monkeypatch.setitem(sys.modules, "platform", intruder)
    assert "platform/voxgate/" in found()["voxgate.E001"]


@pytest.mark.parametrize("key", ["", "short"])
def test_a_missing_or_short_secret_key_is_found_with_a_remedy(settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key
    assert "secrets.token_hex(32)" in found()["voxgate.E002"]


@pytest.mark.parametrize("peppers", [{}, {"1": "short"}, {"one": "11" * 32}])
def test_missing_or_weak_peppers_are_found(settings: Settings, peppers: dict[str, str]) -> None:
    settings.VOXGATE_KEY_PEPPERS = peppers
    assert "VOXGATE_KEY_PEPPERS" in found()["voxgate.E003"]


def test_callers_without_a_key_are_worth_a_warning_when_deployed(settings: Settings) -> None:
    settings.VOXGATE_ANONYMOUS_TENANT = "demo"
    assert found() == {}
    assert "VOXGATE_ANONYMOUS_TENANT" in found(deploy=True)["voxgate.W001"]
