"""Documents that an attacker found: each was a 500, free speech, or a request lost to the fallback."""

import pytest

from tts.text import prepare
from tts.text.ssml import parse_ssml

LONG_NUMBERS = (
    "12345678901234567890123456789012.12345678901234567890123456789012",
    "123,456,789,012,345,678.12345678901234567890123456789012",
)


@pytest.mark.parametrize("language", ["zh", "en", "ja", "ko", "fr"])
@pytest.mark.parametrize("number", LONG_NUMBERS)
@pytest.mark.parametrize("reading", ["cardinal", "digits", "telephone"])
def test_a_long_number_is_read_whole(language: str, number: str, reading: str) -> None:
    document = f'<speak xml:lang="{language}"><say-as interpret-as="{reading}">{number}</say-as></speak>'
    try:
        script = parse_ssml(document)
    except ValueError:
        # Some readings refuse separators, by name and place.
        return
    assert prepare(script).normalized


@pytest.mark.parametrize(
    ("document", "characters"),
    [
        ('<speak><sub alias="World Wide Web Consortium">W3C</sub></speak>', 25),
        ('<speak><sub alias="you">U and me</sub></speak>', 8),
        ('<speak><sub alias="hello"></sub></speak>', 5),
        ('<speak>a<sub alias="bb">c</sub>d</speak>', 4),
    ],
)
def test_a_substitute_is_billed_by_the_longer_text(document: str, characters: int) -> None:
    assert parse_ssml(document).characters == characters


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("content", ["²", "½", "٣", "५", "Ⅷ"])
def test_a_character_without_a_name_is_not_left_out(language: str, content: str) -> None:
    document = (
        f'<speak xml:lang="{language}">A。<say-as interpret-as="characters">{content}</say-as>。</speak>'
    )
    prepared = prepare(parse_ssml(document))
    assert all(any(map(str.isalnum, sentence.text)) for sentence in prepared.sentences)
    assert len(prepared.sentences) == 2
