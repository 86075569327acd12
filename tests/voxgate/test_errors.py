"""Errors outside of views: problems for programs, pages for people."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client, RequestFactory

from voxgate import errors

API_PATHS = ["/api/x", "/v1/x", "/livez", "/readyz"]


@pytest.mark.parametrize("path", API_PATHS)
def test_programs_get_problems(path: str) -> None:
    request = RequestFactory().get(path)
    answers = [
        errors.bad_request(request, SuspiciousOperation("secretphrase")),
        errors.forbidden(request, PermissionDenied("secretphrase")),
        errors.not_found(request, Http404("secretphrase")),
        errors.server_error(request),
    ]
    assert [answer.status_code for answer in answers] == [400, 403, 404, 500]
    for answer in answers:
        assert answer["Content-Type"] == "application/problem+json"
        assert b"secretphrase" not in answer.content


def test_people_get_pages() -> None:
    request = RequestFactory().get("/admin/x")
    answers = [
        errors.bad_request(request, SuspiciousOperation()),
        errors.forbidden(request, PermissionDenied()),
        errors.server_error(request),
    ]
    assert [answer.status_code for answer in answers] == [400, 403, 500]
    for answer in answers:
        assert answer["Content-Type"].startswith("text/html")


def test_a_host_that_is_not_ours_is_refused() -> None:
    response = Client().get("/api/voices", headers={"Host": "evil.example"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize("path", ["/v1/audio/speech", "/api/", "/api/tts/", "/api/requests/nothing"])
def test_unknown_paths_of_programs_are_problems_for_every_method(path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = Client(enforce_csrf_checks=True).generic(method, path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found"), (method, path)
