"""`POST /api/tts`: speech, answered at once."""

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.scopes import Scope
from tts.api.addresses import client_address
from tts.api.audio_response import audio_response
from tts.api.base import ApiView, caller_of
from tts.api.client_socket import client_watch
from tts.api.problems import FieldError, InvalidRequest, Problem
from tts.api.request_facts import request_facts_current
from tts.api.serializers import SpeechSerializer
from tts.models import SynthesisRequest
from tts.services import speech


class SpeechView(ApiView):
    """Speak a text and answer with the audio; section 2 of the HTTP contract."""

    required_scope = Scope.SPEECH_WRITE

    def post(self, request: Request) -> HttpResponse:
        parameters = SpeechSerializer(data=request.data).parameters()
        facts = request_facts_current()
        facts.characters = parameters.characters
        try:
            spoken = speech.speech_create(
                caller=caller_of(request),
                parameters=parameters,
                request_id=facts.request_id,
                address=client_address(request),
                client_is_there=client_watch(request._request),
            )
        except speech.SpeechError as error:
            raise _refusal(error) from error
        return audio_response(spoken.row, spoken.audio)


def _refusal(error: speech.SpeechError) -> Problem | InvalidRequest:
    match error:
        case speech.AtCapacity():
            return Problem(
                503, error.code, "Too many requests are waiting here. Try again shortly.", retry_after=1
            )
        case speech.DependencyUnavailable():
            return Problem(503, error.code, "The queue is away. Nothing was charged.", retry_after=5)
        case speech.DeadlineExceeded():
            return Problem(
                504,
                error.code,
                "No audio by the deadline. Nothing was charged; send less text.",
                should_retry=False,
            )
        case speech.ClientGone():
            # Nobody reads this; the access log does (status 499 is nginx's word for it).
            return Problem(499, error.code, "The client closed the connection.")
        case speech.SynthesisFailed():
            return _failed(error.row)
        case _:
            return Problem(500, "internal", "Report the request id to the operator of this server.")


def _failed(row: SynthesisRequest | None) -> Problem | InvalidRequest:
    if row is not None and row.error_code == "nothing_to_speak":
        message = "holds nothing to speak: no letter, digit or ideograph"
        return InvalidRequest([FieldError("text", "nothing_to_speak", message)])
    if row is not None and row.error_code == "no_voice":
        message = "no voice of this server speaks the language of this text, or the voice is switched off"
        return InvalidRequest([FieldError("language" if row.language else "text", "no_voice", message)])
    if row is not None and row.error_code == "internal":
        return Problem(500, "internal", "Report the request id to the operator of this server.")
    detail = row.error_detail if row is not None else ""
    return Problem(500, "synthesis_failed", f"Every engine failed ({detail}). Nothing was charged.")
