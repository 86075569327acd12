"""`POST /api/tts`: speech, answered at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.addresses import client_address
from accounts.scopes import Scope
from tts.api.audio_response import audio_response
from tts.api.base import ApiView, caller_of
from tts.api.client_socket import client_watch
from tts.api.idempotency import REPLAYED, idempotency_key_of
from tts.api.limits import rates_given_back_when, rates_taken
from tts.api.refusals import refusal_of
from tts.api.request_facts import request_facts_current
from tts.api.serializers import SpeechSerializer
from tts.services import speech
from tts.services.in_flight import InFlight


class SpeechView(ApiView):
    """Speak a text and answer with the audio; section 2 of the HTTP contract."""

    required_scope = Scope.SPEECH_WRITE

    def check_throttles(self, request: Request) -> None:
        """Taken in `post`, once the characters are known: one call takes from all buckets or from none."""

    def post(self, request: Request) -> HttpResponse:
        caller = caller_of(request)
        parameters = SpeechSerializer(data=request.data, caller=caller).parameters()
        idempotency_key = idempotency_key_of(request)
        facts = request_facts_current()
        facts.characters = parameters.characters
        field = "ssml" if parameters.is_ssml else "text"
        would_refuse = rates_taken(caller=caller, characters=parameters.characters, field=field)
        try:
            with _refusals(), rates_given_back_when(speech.NOT_ACCEPTED, repeated=speech.REPEATED):
                spoken = speech.speech_create(
                    caller=caller,
                    parameters=parameters,
                    request_id=facts.request_id,
                    address=client_address(request),
                    idempotency_key=idempotency_key,
                    would_refuse=would_refuse,
                    limits_seconds=facts.seconds(),
                    on_accepted=_remember,
                    client_is_there=client_watch(request._request),
                )
        except speech.AlreadyAnswered as answered:
            with _refusals(REPLAYED):
                spoken = speech.speech_repeat(row=answered.row)
            return _with(audio_response(spoken.row, spoken.audio), REPLAYED)
        return audio_response(spoken.row, spoken.audio)


@contextmanager
def _refusals(headers: dict[str, str] | None = None) -> Iterator[None]:
    """Turns what the service raises into what the contract says."""
    try:
        yield
    except speech.ERRORS as error:
        raise refusal_of(error, headers or {}) from error


def _remember(in_flight: InFlight) -> None:
    request_facts_current().in_flight = in_flight


def _with(response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    return response
