"""The web page on `/`: the same API in a browser."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing but this server's own files; `blob:` is the audio that was just made."""


class HomeView(TemplateView):
    """Text in, speech out; everything it does goes through `/api/tts`."""

    template_name = "web/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            max_characters=settings.TTS_MAX_CHARACTERS,
            needs_key=not settings.VOXGATE_ANONYMOUS_TENANT,
            **kwargs,
        )
