import time

import pytest

from tts.text.ssml import ELEMENTS, MAX_DEPTH, InvalidSsml, parse_ssml

SPEAK = "<speak>{}</speak>"


def refusal(ssml: str) -> InvalidSsml:
    with pytest.raises(InvalidSsml) as caught:
        parse_ssml(ssml)
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "p",
        "s",
        "voice",
        "audio",
        "emphasis",
        "mark",
        "phoneme",
        "amazon:effect",
        "mstts:express-as",
        "SPEAK",
        "script",
    ],
)
def test_other_elements_are_refused_by_name_with_their_place(name: str) -> None:
    problem = refusal(f"<speak>你好\n  <{name}>世界</{name}></speak>")
    assert problem.code == "ssml_element"
    assert str(problem) == f"line 2, column 3: <{name}> is not supported; supported are {', '.join(ELEMENTS)}"


@pytest.mark.parametrize(
    ("inside", "code", "told"),
    [
        ("<speak>a</speak>", "ssml_element", "stands nowhere else"),
        ("<break>a</break>", "ssml_element", "must be empty"),
        ("<break><sub alias='a'>b</sub></break>", "ssml_element", "no elements inside"),
        ("<sub alias='a'><break/></sub>", "ssml_element", "no elements inside"),
        ("<say-as interpret-as='date'>1<lang xml:lang='en'>2</lang></say-as>", "ssml_element", "no elements"),
        ("<break time='11s'/>", "ssml_attribute", "10 s at most"),
        ("<break time='9s'/>" * 4, "ssml_attribute", "30 s at most"),
        ("<break time='-1s'/>", "ssml_attribute", "must read like"),
        ("<break time='1'/>", "ssml_attribute", "must read like"),
        ("<break time='1e3s'/>", "ssml_attribute", "must read like"),
        ("<break time='NaNs'/>", "ssml_attribute", "must read like"),
        ("<break strength='huge'/>", "ssml_attribute", "one of none"),
        ("<break length='1s'/>", "ssml_attribute", "not length"),
        ("<prosody pitch='high'>a</prosody>", "ssml_attribute", "takes rate, not pitch"),
        ("<prosody>a</prosody>", "ssml_attribute", "needs rate"),
        ("<prosody rate='quick'>a</prosody>", "ssml_attribute", "one of x-slow"),
        ("<prosody rate='10%'>a</prosody>", "ssml_attribute", "between 0.5 and 2"),
        ("<prosody rate='+0.5'>a</prosody>", "ssml_attribute", "must read like"),
        ("<prosody rate='x-slow'><prosody rate='slow'>a</prosody></prosody>", "ssml_attribute", "multiplied"),
        ("<lang>a</lang>", "ssml_attribute", "needs xml:lang"),
        ("<lang xml:lang='中文'>a</lang>", "ssml_attribute", "BCP 47"),
        ("<sub>a</sub>", "ssml_attribute", "needs alias"),
        ("<sub alias=''>a</sub>", "ssml_attribute", "letter, digit"),
        ("<sub alias='{}'>a</sub>".format("a" * 201), "ssml_attribute", "200 characters"),
        ("<say-as>1</say-as>", "ssml_attribute", "needs interpret-as"),
        ("<say-as interpret-as='address'>1</say-as>", "ssml_attribute", "must be one of cardinal"),
        ("<say-as interpret-as='cardinal' detail='1'>1</say-as>", "ssml_attribute", "not detail"),
        ("<say-as interpret-as='cardinal' format='x'>1</say-as>", "ssml_attribute", "no format"),
        ("<say-as interpret-as='cardinal'>one</say-as>", "ssml_attribute", "a number such as"),
        ("<say-as interpret-as='cardinal'/>", "ssml_attribute", "a number such as"),
        ("<say-as interpret-as='date' format='xyz'>1</say-as>", "ssml_attribute", "takes the formats ymd"),
        ("<say-as interpret-as='date'>2/3/2026</say-as>", "ssml_attribute", "in the order"),
        ("<say-as interpret-as='date' format='mdy'>13/3/2026</say-as>", "ssml_attribute", "date that exists"),
        ("<say-as interpret-as='fraction'>3/0</say-as>", "ssml_attribute", "a fraction such as"),
        ("<say-as interpret-as='time'>noon</say-as>", "ssml_attribute", "a time such as"),
        (
            "<say-as interpret-as='characters'>{}</say-as>".format("a" * 101),
            "ssml_attribute",
            "100 characters",
        ),
    ],
)
def test_what_a_direction_cannot_mean_is_refused(inside: str, code: str, told: str) -> None:
    problem = refusal(SPEAK.format(inside))
    assert problem.code == code
    assert told in str(problem)
    assert str(problem).startswith("line 1, column ")


@pytest.mark.parametrize(
    ("ssml", "told"),
    [
        ("", "no element found"),
        ("你好", "not well-formed"),
        ("<speak>你好", "no element found"),
        ("<speak>你好</break></speak>", "mismatched tag"),
        ("<speak>a & b</speak>", "not well-formed"),
        ("<speak>&nbsp;</speak>", "undefined entity"),
        ("<speak>&#0;</speak>", "invalid character"),
        ("<speak>\x00</speak>", "not well-formed"),
        ("<speak>\ud800</speak>", "surrogate"),
        ("<speak/><speak/>", "junk after document element"),
        ('<speak a="1" a="2"/>', "duplicate attribute"),
        ("<?php echo 1 ?><speak>a</speak>", "processing instructions"),
        ("<speak><?xml-stylesheet href='x'?>a</speak>", "processing instructions"),
        ("<!DOCTYPE speak><speak>a</speak>", "document type"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "document type"),
        ('<!DOCTYPE speak SYSTEM "http://127.0.0.1/x.dtd"><speak>a</speak>', "document type"),
        ('<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>', "document type"),
        (
            "<speak>" + "<lang xml:lang='en'>" * 40 + "a" + "</lang>" * 40 + "</speak>",
            f"more than {MAX_DEPTH}",
        ),
    ],
)
def test_what_is_no_safe_xml_is_refused(ssml: str, told: str) -> None:
    problem = refusal(ssml)
    assert problem.code == "ssml_invalid"
    assert told in str(problem)


def test_the_root_must_be_speak() -> None:
    assert refusal("<break/>").code == "ssml_element"


def test_a_billion_laughs_are_refused_before_the_first() -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    started = time.process_time()
    assert "document type" in str(refusal(f'<!DOCTYPE s [<!ENTITY l0 "lol">{lines}]><speak>&l29;</speak>'))
    assert time.process_time() - started < 0.1


def test_names_in_refusals_are_short_and_printable() -> None:
    message = str(refusal(SPEAK.format(f"<{'x' * 5000}/>")))
    assert len(message) < 200


def test_no_text_is_quoted() -> None:
    for inside in (
        "secret<p/>",
        "<say-as interpret-as='cardinal'>secret</say-as>",
        "<break>secret</break>",
        "secret&",
    ):
        assert "secret" not in str(refusal(SPEAK.format(inside)))
