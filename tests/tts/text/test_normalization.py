import re
from itertools import pairwise

import pytest

from tests.tts.text.corpus import cases
from tts.text import prepare
from tts.text.tables import RULES

_CHINESE = [case.spoken for case in cases() if re.search("[\u4e00-\u9fff]", case.spoken)]


@pytest.mark.parametrize("spoken", _CHINESE)
def test_what_is_read_in_chinese_holds_no_digits(spoken: str) -> None:
    assert not any(character in "0123456789" for character in prepare(spoken, language="zh-CN").normalized)


@pytest.mark.parametrize("sent", ["0,000", "a².png", "http://^", "1,2,3", "0h0m", "¹²³", "٣", "１，２"])
@pytest.mark.parametrize("language", [None, "zh", "en", "ja", "ko"])
def test_odd_digits_break_no_rule(sent: str, language: str | None) -> None:
    prepared = prepare(sent, language=language)
    assert all(any(map(str.isalnum, sentence.text)) for sentence in prepared.sentences)


def test_every_rule_names_the_feature_that_switches_it_off() -> None:
    assert all(
        rule.feature and rule.name.startswith(f"{tag}-") for tag, rules in RULES.items() for rule in rules
    )


@pytest.mark.parametrize(
    "sent", ["单价12,000元", "It costs $3.50, Dr. Smith", "你好,世界!", "https://example.com/a?b=1"]
)
def test_without_normalization_the_text_stays_as_written(sent: str) -> None:
    prepared = prepare(sent, normalize=False)
    assert prepared.normalized == sent
    assert prepared.steps == ()


def test_without_normalization_cleaning_still_happens() -> None:
    assert prepare("35℃\x01!!!\U0001f600", normalize=False).normalized == "35℃!"


def test_steps_lead_from_the_text_sent_to_the_text_spoken() -> None:
    sent = "  温度35℃!!! 单价¥12,000.00。 It costs $3.50\u200b. "
    prepared = prepare(sent)
    assert prepared.steps[0].before == sent
    assert prepared.steps[-1].after == prepared.normalized
    assert all(one.after == two.before for one, two in pairwise(prepared.steps))
    assert all(step.before != step.after for step in prepared.steps)
    assert {"drop-unspeakable", "collapse-punctuation", "zh-temperature", "zh-money", "en-money"} <= {
        step.rule for step in prepared.steps
    }


def test_a_text_nothing_was_done_to_has_no_steps() -> None:
    assert prepare("今天天气很好。").steps == ()


def test_lone_surrogates_are_dropped_and_shown_replaced() -> None:
    prepared = prepare("你\ud800好")
    assert prepared.normalized == "你好"
    assert prepared.steps[0].before == "你\ufffd好"
