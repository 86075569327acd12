"""docs/api.md against routes, codes, fields and values of the code."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.scopes import ALL_SCOPES
from tts.api.exposed_headers import EXPOSED_HEADERS
from tts.api.problems import TITLES
from tts.api.serializers import SAMPLE_RATES, SpeechSerializer, TextSerializer
from tts.audio.formats import FORMATS
from tts.engines.base import EngineError
from tts.engines.chain import Fallback
from tts.models import SynthesisRequest
from tts.voices.voice import VoiceState

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The part of the page below the heading that starts with `title`."""
    found = re.search(rf"^## {re.escape(title)}.*?(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[0]


def first_column(text: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def routes(patterns: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif pattern.name != "api-not-found":
            yield re.sub(r"<uuid:\w+>", "{id}", path)


def field_codes_raised() -> set[str]:
    """The codes our own checks of fields use; those of REST framework's fields are its own affair."""
    found = set()
    for path in (ROOT / "tts" / "api").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) >= 2:
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in ("ValidationError", "FieldError") and isinstance(node.args[1], ast.Constant):
                    found.add(str(node.args[1].value))
    return found


def test_every_route_has_a_heading_and_every_heading_a_route() -> None:
    on_page = set(re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE) (/\S+)`", "\n".join(headings())))
    in_code = {path for path in routes(get_resolver().url_patterns) if path.startswith(("/api/", "/livez"))}
    assert "/api/tts" in in_code
    assert on_page == in_code | {"/readyz"}


def headings() -> list[str]:
    return [line for line in TEXT.splitlines() if line.startswith("## ")]


def test_every_error_code_is_explained_and_no_other() -> None:
    assert first_column(section("Errors")) == list(dict.fromkeys(first_column(section("Errors"))))
    assert set(first_column(section("Errors"))) == set(TITLES)


def test_every_field_of_speech_is_explained_and_no_other() -> None:
    fields = first_column(section("`POST /api/tts`").split("**200**")[0])
    assert set(fields) == set(SpeechSerializer._declared_fields)


def test_the_preview_names_its_fields() -> None:
    for name in TextSerializer._declared_fields:
        assert f"`{name}`" in section("`POST /api/text/preview`")


def test_every_reason_of_the_fallback_is_explained_and_no_other() -> None:
    table = section("`POST /api/tts`").split("| `X-Voxgate-Fallback` | Meaning |")[1]
    assert set(first_column(table)) == {reason.value for reason in Fallback}


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("Who is calling", ALL_SCOPES),
        ("`POST /api/tts`", tuple(FORMATS)),
        ("`POST /api/tts`", tuple(map(str, SAMPLE_RATES))),
        ("`POST /api/tts`", tuple(SynthesisRequest.EngineChoice.values)),
        ("`GET /api/requests/{id}`", tuple(SynthesisRequest.Status.values)),
        ("`GET /api/voices`", tuple(state.value for state in VoiceState)),
    ],
)
def test_every_value_is_named(where: str, values: tuple[str, ...]) -> None:
    assert [value for value in values if f"`{value}`" not in section(where)] == []


def test_every_outcome_of_an_attempt_is_named() -> None:
    def codes(of: type[EngineError]) -> Iterator[str]:
        yield of.code
        for child in of.__subclasses__():
            yield from codes(child)

    # A canceled request ends as such; no attempt is recorded for it.
    outcomes = set(codes(EngineError)) - {"canceled"} | {Fallback.OVERLOAD.value, Fallback.CIRCUIT_OPEN.value}
    text = section("`GET /api/requests/{id}`")
    assert [outcome for outcome in outcomes if f"`{outcome}`" not in text] == []


def test_every_code_of_a_bad_field_is_named() -> None:
    codes = field_codes_raised()
    assert "unknown_voice" in codes
    assert [code for code in codes if f"`{code}`" not in section("Errors")] == []


def test_every_header_browsers_may_read_is_described() -> None:
    described = "".join(map(section, ("`POST /api/tts`", "Limits", "Repeating", "Errors")))
    assert [name for name in EXPOSED_HEADERS if f"`{name}`" not in described] == []
