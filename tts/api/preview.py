"""`POST /api/text/preview`: what will be said. Costs nothing."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from tts.api.base import ApiView
from tts.api.problems import FieldError, InvalidRequest
from tts.api.request_facts import request_facts_current
from tts.api.serializers import NOTHING_TO_SPEAK, TextSerializer
from tts.text import NothingToSpeak, prepare


class PreviewView(ApiView):
    """The normalised text, its languages and sentences, and each rule that changed something."""

    required_scope = Scope.SPEECH_WRITE

    def post(self, request: Request) -> Response:
        fields = TextSerializer(data=request.data).checked()
        try:
            text = prepare(fields["text"], language=fields["language"] or None, normalize=fields["normalize"])
        except NothingToSpeak as nothing:
            raise InvalidRequest([FieldError("text", "nothing_to_speak", NOTHING_TO_SPEAK)]) from nothing
        request_facts_current().characters = text.characters
        return Response(
            {
                "characters": text.characters,
                "normalized": text.normalized,
                "runs": [{"language": run.language, "text": run.text} for run in text.runs],
                "sentences": [
                    {
                        "text": sentence.text,
                        "language": sentence.language,
                        "pause_after_seconds": sentence.pause_after_seconds,
                    }
                    for sentence in text.sentences
                ],
                "steps": [
                    {"rule": step.rule, "before": step.before, "after": step.after} for step in text.steps
                ],
            }
        )
