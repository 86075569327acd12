"""Bad input gets the contract's 4xx with the field named, and never a 5xx."""

from typing import Any

import pytest

from tests.system import System, problem_of

BAD_FIELDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("nothing at all", {}, "text", "required"),
    ("an empty text", {"text": ""}, "text", "blank"),
    ("white space", {"text": " \n\t "}, "text", "blank"),
    ("a text of control characters", {"text": "\x01\x02\x03"}, "text", "blank"),
    ("801 characters", {"text": "好" * 801}, "text", "too_long"),
    ("nothing speakable", {"text": "！？…。"}, "text", "nothing_to_speak"),
    ("emoji alone", {"text": "😀🎉"}, "text", "nothing_to_speak"),
    ("a number for text", {"text": 42}, "text", "type"),
    ("a list for text", {"text": ["a"]}, "text", "type"),
    ("null for text", {"text": None}, "text", "null"),
    ("a NUL character", {"text": "a\0b"}, "text", "invalid_characters"),
    ("half a surrogate", {"text": "a\ud800b"}, "text", "invalid_characters"),
    ("speed 9", {"text": "你好", "speed": 9}, "speed", "max_value"),
    ("speed 0", {"text": "你好", "speed": 0}, "speed", "min_value"),
    ("speed as a string", {"text": "你好", "speed": "fast"}, "speed", "type"),
    ("speed true", {"text": "你好", "speed": True}, "speed", "type"),
    ("speed beyond numbers", {"text": "你好", "speed": 10**400}, "speed", "overflow"),
    ("format exe", {"text": "你好", "format": "exe"}, "format", "invalid_choice"),
    ("speaker 4", {"text": "你好", "speaker_id": 4}, "speaker_id", "out_of_range"),
    ("speaker -1", {"text": "你好", "speaker_id": -1}, "speaker_id", "out_of_range"),
    ("speaker 1.5", {"text": "你好", "speaker_id": 1.5}, "speaker_id", "type"),
    ("an unknown voice", {"text": "你好", "voice": "nobody"}, "voice", "unknown_voice"),
    ("a voice with NUL", {"text": "你好", "voice": "no\0body"}, "voice", "invalid_characters"),
    (
        "voice and speaker",
        {"text": "你好", "voice": "espeak-male-calm", "speaker_id": 1},
        "voice",
        "exclusive",
    ),
    ("sample rate 12345", {"text": "你好", "sample_rate": 12345}, "sample_rate", "invalid_choice"),
    (
        "44.1 kHz Opus",
        {"text": "你好", "format": "ogg", "sample_rate": 44100},
        "sample_rate",
        "invalid_choice",
    ),
    ("timeout 0", {"text": "你好", "timeout": 0}, "timeout", "out_of_range"),
    ("timeout 1000", {"text": "你好", "timeout": 1000}, "timeout", "out_of_range"),
    ("engine gpu", {"text": "你好", "engine": "gpu"}, "engine", "invalid_choice"),
    ("a language of signs", {"text": "你好", "language": "中文"}, "language", "invalid"),
    ("a language nobody speaks", {"text": "ni hao", "language": "tlh"}, "language", "no_voice"),
    ("a long reference", {"text": "你好", "reference": "x" * 129}, "reference", "max_length"),
    (
        "a reference with a line break",
        {"text": "你好", "reference": "a\nb"},
        "reference",
        "invalid_characters",
    ),
    ("an unknown field", {"text": "你好", "speeed": 1}, "speeed", "unknown"),
    ("text and ssml", {"text": "你好", "ssml": "<speak>你好</speak>"}, "ssml", "exclusive"),
    ("ssml that is no XML", {"ssml": "你好"}, "ssml", "ssml_invalid"),
    ("an element ssml does not have here", {"ssml": "<speak><p>你好</p></speak>"}, "ssml", "ssml_element"),
    ("a break of an hour", {"ssml": '<speak>你<break time="3600s"/>好</speak>'}, "ssml", "ssml_attribute"),
]


@pytest.mark.parametrize(
    ("body", "field", "code"), [case[1:] for case in BAD_FIELDS], ids=[case[0] for case in BAD_FIELDS]
)
def test_a_bad_field_is_named(system: System, body: dict[str, Any], field: str, code: str) -> None:
    response = system.post(json=body)
    assert response.status_code == 400, response.text
    problem = problem_of(response)
    assert problem["code"] == "invalid_request"
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert (field, code) in [(error["field"], error["code"]) for error in problem["errors"]], problem
    assert all(error["message"] for error in problem["errors"])


def test_every_bad_field_is_named_at_once(system: System) -> None:
    errors = problem_of(system.post(json={"text": "", "speed": 9, "format": "exe", "x": 1}))["errors"]
    assert {error["field"] for error in errors} == {"text", "speed", "format", "x"}


BODIES: list[tuple[str, bytes, int, str]] = [
    ("broken JSON", b'{"text": ', 400, "invalid_request"),
    ("no JSON", b"text=hello", 400, "invalid_request"),
    ("no body", b"", 400, "invalid_request"),
    ("a list", b'["text"]', 400, "invalid_request"),
    ("NaN", b'{"text": "a", "speed": NaN}', 400, "invalid_request"),
    ("a float beyond floats", b'{"text": "a", "speed": 1e999}', 400, "invalid_request"),
    ("no UTF-8", b'{"text": "\xff\xfe"}', 400, "invalid_request"),
    ("a number of 5 000 digits", b'{"text": "a", "speed": ' + b"1" * 5000 + b"}", 400, "invalid_request"),
    ("100 000 brackets", b'{"text": ' + b"[" * 100_000, 400, "invalid_request"),
    ("10 MB", b'{"text": "' + b"a" * 10_000_000 + b'"}', 413, "body_too_large"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_a_bad_body_is_refused(system: System, body: bytes, status: int, code: str) -> None:
    response = system.post(data=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text[:300]
    assert problem_of(response)["code"] == code


def test_another_media_type_is_refused(system: System) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = system.post(data=b'{"text": "a"}', headers={"Content-Type": media_type})
        assert response.status_code == 415
        assert problem_of(response)["code"] == "unsupported_media_type"


def test_wrong_methods_and_unknown_paths_are_problems(system: System) -> None:
    response = system.get("/api/tts")
    assert (response.status_code, problem_of(response)["code"]) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    for path in ("/api/nothing", "/api/requests/not-a-uuid", "/api/"):
        response = system.get(path)
        assert (response.status_code, problem_of(response)["code"]) == (404, "not_found"), path


def test_800_characters_are_taken(system: System) -> None:
    response = system.speak("今天天气很好。" * 114 + "好的")
    assert response.headers["X-Voxgate-Characters"] == "800"


def test_refused_requests_leave_no_row(system: System) -> None:
    before = system.sql("SELECT count(*) FROM tts_synthesisrequest")
    system.post(json={"text": "好" * 801})
    assert system.sql("SELECT count(*) FROM tts_synthesisrequest") == before


def test_what_clients_send_is_not_in_the_logs(system: System) -> None:
    secret = "mysecretphrase"
    system.speak(f"my {secret} is here")
    system.post(json={"text": f"{secret}\0"})
    system.post(json={"text": "ok", f"{secret}": 1})
    system.get(f"/api/voices?q={secret}")
    for path in (system.data / "logs").iterdir():
        assert secret not in path.read_text(errors="replace"), path.name
