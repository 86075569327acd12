"""Errors outside of API views: problems below `/api/`, Django's pages elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from tts.api.problems import problem

API_PREFIXES = ("/api/", "/v1/", "/livez", "/readyz")


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIXES)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem(
            400, "invalid_request", "The request cannot be read; check its Host header and its path."
        )
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(403, "forbidden") if _is_api(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(404, "not_found") if _is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(500, "internal") if _is_api(request) else defaults.server_error(request)
