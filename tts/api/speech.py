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
from tts.api.serializers import NOTHING_TO_SPEAK, SpeechSerializer
from tts.engines.length import MAX_SPEECH_SECONDS
from tts.models import SynthesisRequest
from tts.services import speech

REPORT = "Report the request id to the operator of this server."


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
            return _too_late(error.row)
        case speech.ClientGone():
            # Nobody reads this; the access log does (status 499 is nginx's word for it).
            return Problem(499, error.code, "The client closed the connection.")
        case speech.SynthesisFailed() if error.row is not None:
            return _failed(error.row)
        case _:
            return Problem(500, "internal", REPORT)


def _failed(row: SynthesisRequest) -> Problem | InvalidRequest:
    match row.error_code:
        case "nothing_to_speak":
            return InvalidRequest([FieldError(_field_of(row), "nothing_to_speak", NOTHING_TO_SPEAK)])
        case "too_much_speech":
            message = f"would be spoken for more than {MAX_SPEECH_SECONDS:.0f} seconds; send it in parts"
            return InvalidRequest([FieldError(_field_of(row), "too_long", message)])
        case "no_voice":
            message = "no voice that may speak here reads the language of this text; /api/voices lists them"
            return InvalidRequest([FieldError(_field_to_blame(row), "no_voice", message)])
        case "too_long_for_deadline":
            return _hopeless(row)
        case "deadline_exceeded":
            return _too_late(row)
        case "internal":
            return Problem(500, "internal", REPORT, record=row.id)
        case _:
            detail = f"Every engine failed ({row.error_detail}). Nothing was charged."
            return Problem(500, "synthesis_failed", detail, record=row.id)


def _too_late(row: SynthesisRequest | None) -> Problem:
    detail = "No audio by the deadline. Nothing was charged; send less text."
    return Problem(
        504, "deadline_exceeded", detail, should_retry=False, record=None if row is None else row.id
    )


def _hopeless(row: SynthesisRequest) -> Problem:
    """The same 504 as after a long wait, at once: another day the same text may be spoken in time."""
    message = "as it would be spoken, this is too long for the time there is; send it in parts"
    return Problem(
        504,
        "deadline_exceeded",
        "There would be no audio by the deadline, so nothing was tried. Nothing was charged; send less text.",
        errors=[FieldError(_field_of(row), "too_long", message)],
        should_retry=False,
        record=row.id,
    )


def _field_to_blame(row: SynthesisRequest) -> str:
    """What the caller chose that left no voice over."""
    if row.engine == SynthesisRequest.EngineChoice.PRIMARY:
        return "engine"
    return "language" if row.language else _field_of(row)


def _field_of(row: SynthesisRequest) -> str:
    return "ssml" if row.is_ssml else "text"
