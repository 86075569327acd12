"""The policy goes with every answer, and no page of ours needs more than it allows."""

from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from tests.admin_cast import client_of, superuser
from tests.cast import Cast
from tests.tts.rows import claimed
from voxgate.content_security import HEADER, ContentSecurityPolicyMiddleware, policy_text

pytestmark = pytest.mark.django_db

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Inline(HTMLParser):
    """Notes what a policy without `unsafe-inline` keeps from working."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = (given.get("type") or "").endswith("json")
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        for name in ("href", "src", "action"):
            if (given.get(name) or "").startswith(("http:", "javascript:", "data:", "//")):
                self.found.append(f"{tag} {name}={given[name]}")


def inline(page: str) -> list[str]:
    parser = Inline()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/", "/api/voices", "/nowhere", "/readyz", "/static/tts/admin.css"]
)
def test_every_answer_has_the_policy(path: str) -> None:
    response = Client().get(path)
    # Closes the file that a static answer reads from.
    response.close()
    assert response[HEADER] == STRICT


def test_the_page_may_play_what_was_made_and_send_no_form() -> None:
    policy = Client().get("/")[HEADER]
    assert "media-src 'self' blob:" in policy
    assert "form-action 'none'" in policy
    assert policy.count("form-action") == policy.count("media-src") == 1
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")


def test_djangos_pages_for_developers_keep_their_style(settings: Settings) -> None:
    middleware = ContentSecurityPolicyMiddleware(lambda request: HttpResponse(status=500))
    request = RequestFactory().get("/admin/")
    assert HEADER in middleware(request).headers
    settings.DEBUG = True
    assert HEADER not in middleware(request).headers


def test_a_policy_reads_as_browsers_want_it() -> None:
    assert policy_text({"a": ["'self'", "blob:"], "b": ["'none'"]}) == "a 'self' blob:; b 'none'"


def test_the_detector_detects() -> None:
    page = '<script>1</script><p style="x" onclick="y"><script src="z"></script><a href="javascript:1">'
    assert inline(page) == ["<script>", "p style", "p onclick", "a href=javascript:1"]
    assert inline('<script type="application/json">{}</script><a href="/x">') == []


def test_no_page_of_the_admin_has_anything_inline(cast: Cast) -> None:
    row = claimed(cast.alice)
    client = client_of(superuser())
    pages = ["/", "/admin/", f"/admin/tts/synthesisrequest/{row.pk}/change/", "/admin/password_change/"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if model._meta.managed:
            pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
    assert len(pages) > 15
    seen = {path: client.get(path, follow=True) for path in pages}
    assert {page.status_code for page in seen.values()} <= {200, 403}
    assert sum(page.status_code == 200 for page in seen.values()) > 12
    assert {path: found for path, page in seen.items() if (found := inline(page.content.decode()))} == {}
