"""The web page on `/`: the same API in a browser."""

from typing import Any

from django.conf import settings
from django.views.generic import TemplateView


class HomeView(TemplateView):
    """Text in, speech out; everything it does goes through `/api/tts`."""

    template_name = "web/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            max_characters=settings.TTS_MAX_CHARACTERS,
            needs_key=not settings.VOXGATE_ANONYMOUS_TENANT,
            **kwargs,
        )
