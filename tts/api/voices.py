"""`GET /api/voices`: who can speak here."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.selectors import voices_listed
from tts.voices.voice import VoiceState


class VoicesView(ApiView):
    """Every voice the caller may use, with its state; `ready` ones may be named in `voice`."""

    required_scope = Scope.VOICES_READ

    def get(self, request: Request) -> Response:
        allowed = caller_of(request).allowed_voices
        voices = [
            {
                "id": voice.id,
                "name": voice.name,
                "languages": voice.languages,
                "gender": voice.gender,
                "engine": voice.engine,
                "sample_rate": voice.sample_rate,
                "licence": voice.licence,
                "speaker_id": voice.speaker_id,
                "state": voice.state if voice.enabled else VoiceState.DISABLED,
            }
            for voice in voices_listed()
            if allowed is None or voice.id in allowed
        ]
        return Response({"voices": voices})
