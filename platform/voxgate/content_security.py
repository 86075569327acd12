"""The Content-Security-Policy of every answer: nothing but this server's own files, nothing inline."""

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

HEADER = "Content-Security-Policy"

Policy = Mapping[str, Sequence[str]]
"""Sources by directive, as in `SECURE_CSP` of Django 6.0."""


def policy_text(policy: Policy) -> str:
    """The header's value."""
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


class ContentSecurityPolicyMiddleware:
    """Sends the setting `SECURE_CSP` with every answer that has no policy of its own.

    Django has this from 6.0 on, under the same setting; until the next LTS these lines do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        # Django's pages for developers carry their style and script with them.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.headers.setdefault(HEADER, policy_text(settings.SECURE_CSP))
        return response
