"""The web page on `/`: the same API in a browser."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView

from accounts.selectors import caller_anonymous
from tts.services.allowances import max_characters_sync
from voxgate.content_security import HEADER, policy_text

# Audio that was just made is a `blob:`; the form is never sent, so that no text ends up in a URL.
_OWN_POLICY = {"media-src": ["'self'", "blob:"], "form-action": ["'none'"]}


class HomeView(TemplateView):
    """Text in, speech out; everything it does goes through `/api/tts`."""

    template_name = "web/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response[HEADER] = policy_text(settings.SECURE_CSP | _OWN_POLICY)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            max_characters=_max_characters(),
            needs_key=not settings.VOXGATE_ANONYMOUS_TENANT,
            **kwargs,
        )


def _max_characters() -> int:
    """What the page counts up to: the limit of visitors without a key, the server's own where there are none."""
    caller = caller_anonymous()
    return settings.TTS_MAX_CHARACTERS if caller is None else max_characters_sync(caller)
