import re

import pytest

from tts.text import prepare, tables
from tts.text.rules import Rule


def raise_key_error(match: re.Match[str]) -> str:
    raise KeyError(match[0])


def test_a_rule_that_fails_leaves_the_text_to_the_others(
    monkeypatch: pytest.MonkeyPatch, rule_failures: list[str]
) -> None:
    faulty = Rule("en-faulty", "numbers", re.compile("secret"), raise_key_error, digits=False)
    monkeypatch.setitem(tables.RULES, "en", (faulty, *tables.RULES["en"]))
    assert prepare("The secret is 5%.").normalized == "The secret is five percent."
    assert rule_failures == ["text rule en-faulty failed: KeyError"]
    rule_failures.clear()
