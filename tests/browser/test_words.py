"""The page has words, in both languages, for everything the server can tell it."""

import re

import pytest

from tests.browser.visitor import Visitor
from tts.api.problems import TITLES
from tts.engines.chain import Fallback

NOT_OF_SPEECH = {
    "not_found",
    "method_not_allowed",
    "not_ready",
    "audio_expired",
    "export_expired",
    "unsupported_media_type",
    "range_not_satisfiable",
    "canceled",
    # It sends no such key.
    "idempotency_in_flight",
    "idempotency_mismatch",
}
"""Codes the page never meets, because it sends one well-formed kind of request and reads its answer."""


@pytest.fixture
def strings(visitor: Visitor) -> dict[str, list[str]]:
    imported = "import('/static/tts/web/strings.js').then((module) => module.STRINGS)"
    return dict(visitor.opens().evaluate(imported))


def test_every_reason_for_the_fallback_has_words(strings: dict[str, list[str]]) -> None:
    assert {f"fallback.{reason}" for reason in Fallback} <= strings.keys()


def test_every_refusal_has_words(strings: dict[str, list[str]]) -> None:
    assert {f"problem.{code}" for code in TITLES.keys() - NOT_OF_SPEECH} <= strings.keys()


def test_both_languages_say_the_same(strings: dict[str, list[str]]) -> None:
    for key, (chinese, english) in strings.items():
        if not key.startswith("status."):
            assert chinese, key
            assert english, key
            assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english)), key
