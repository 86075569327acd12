"""SSML, dictionaries and kill switches as the API shows them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast, Member
from tts.services.lexicons import entry_create
from tts.text.lexicon import Kind, LexiconEntry

pytestmark = pytest.mark.django_db

SSML = '<speak>你好<break time="2s"/><prosody rate="slow">世界3/4</prosody></speak>'


def preview(member: Member, **body: Any) -> Any:
    return Client().post("/api/text/preview", body, content_type="application/json", headers=member.headers)


def errors(member: Member, **body: Any) -> list[tuple[str, str]]:
    response = preview(member, **body)
    assert response.status_code == 400, response.content
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_the_preview_shows_sentences_with_rate_and_breaks(cast: Cast) -> None:
    shown = preview(cast.alice, ssml=SSML).json()
    assert shown["characters"] == 7
    assert shown["normalized"] == "你好世界四分之三"
    assert shown["sentences"] == [
        {
            "text": "你好",
            "language": "zh-CN",
            "pause_after_seconds": 0.0,
            "rate": 1.0,
            "break_before_seconds": 0.0,
            "break_after_seconds": 0.0,
        },
        {
            "text": "世界四分之三",
            "language": "zh-CN",
            "pause_after_seconds": 0.0,
            "rate": 0.7,
            "break_before_seconds": 2.0,
            "break_after_seconds": 0.0,
        },
    ]
    assert [step["rule"] for step in shown["steps"]] == ["ssml", "zh-fraction"]


def test_the_preview_applies_the_dictionary_of_its_caller(cast: Cast) -> None:
    for entry in (LexiconEntry("SQL", "sequel"), LexiconEntry("Voxgate", "vˈɒksɡeɪt", Kind.PHONEMES)):
        entry_create(tenant=cast.alice.tenant, entry=entry, now=timezone.now())
    shown = preview(cast.alice, text="用SQL和Voxgate").json()
    assert shown["normalized"] == "用sequel和Voxgate"
    assert shown["steps"][0] == {"rule": "lexicon", "before": "用SQL和Voxgate", "after": "用sequel和Voxgate"}
    assert shown["runs"][-1] == {"language": "en-US", "text": "Voxgate", "phonemes": "vˈɒksɡeɪt"}
    assert preview(cast.alice, ssml="<speak>SQL</speak>").json()["normalized"] == "sequel"
    assert preview(cast.bob, text="用SQL").json()["normalized"] == "用SQL"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "text", "required"),
        ({"text": "a", "ssml": "<speak>a</speak>"}, "ssml", "exclusive"),
        ({"ssml": None}, "ssml", "null"),
        ({"ssml": 5}, "ssml", "type"),
        ({"ssml": ""}, "ssml", "blank"),
        ({"ssml": "<speak>a\0</speak>"}, "ssml", "invalid_characters"),
        ({"ssml": "你好"}, "ssml", "ssml_invalid"),
        ({"ssml": "<!DOCTYPE s><speak>a</speak>"}, "ssml", "ssml_invalid"),
        ({"ssml": "<speak><p>a</p></speak>"}, "ssml", "ssml_element"),
        ({"ssml": "<speak><break time='1h'/>a</speak>"}, "ssml", "ssml_attribute"),
        ({"ssml": "<speak> </speak>"}, "ssml", "blank"),
        ({"ssml": "<speak>…<break/></speak>"}, "ssml", "nothing_to_speak"),
        ({"ssml": f"<speak>{'好' * 801}</speak>"}, "ssml", "too_long"),
        ({"ssml": "<speak>" + f"<sub alias='{'好' * 200}'>a</sub>" * 5 + "</speak>"}, "ssml", "too_long"),
        ({"ssml": f"<speak>a<!--{'x' * 8000}--></speak>"}, "ssml", "too_long"),
    ],
)
def test_bad_directions_are_named(cast: Cast, body: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in errors(cast.alice, **body)


def test_a_missing_text_is_named_beside_what_else_is_wrong(cast: Cast) -> None:
    named = errors(cast.alice, language="!", normalize=1)
    assert set(named) == {("text", "required"), ("language", "invalid"), ("normalize", "type")}


def test_a_refusal_tells_where_and_what_is_allowed_and_quotes_no_text(cast: Cast) -> None:
    (error,) = preview(cast.alice, ssml="<speak>secret\n <audio src='x'/></speak>").json()["errors"]
    assert error["message"].startswith("line 2, column 2: <audio> is not supported; supported are speak, ")
    assert "secret" not in str(error)


def test_the_tags_are_not_counted_against_the_limit(cast: Cast) -> None:
    ssml = "<speak>" + "<prosody rate='fast'>好</prosody>" * 200 + "</speak>"
    assert preview(cast.alice, ssml=ssml).json()["characters"] == 200


def test_features_can_be_switched_off(cast: Cast, settings: Settings) -> None:
    entry_create(tenant=cast.alice.tenant, entry=LexiconEntry("SQL", "sequel"), now=timezone.now())
    settings.TTS_TEXT_OFF = frozenset({"ssml", "lexicon", "fractions"})
    assert errors(cast.alice, ssml=SSML) == [("ssml", "switched_off")]
    assert preview(cast.alice, text="SQL 中 3/4").json()["normalized"] != "sequel 中 四分之三"
    assert "SQL" in preview(cast.alice, text="SQL 中").json()["normalized"]


def test_emoji_are_named_where_the_operator_says_so(cast: Cast, settings: Settings) -> None:
    assert errors(cast.alice, text="\U0001f600") == [("text", "nothing_to_speak")]
    settings.TTS_TEXT_EMOJI = "name"
    assert preview(cast.alice, text="\U0001f600").json()["normalized"]
