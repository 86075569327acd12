"""`POST /api/text/preview`: what will be said. Costs nothing."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.api.problems import FieldError, InvalidRequest
from tts.api.request_facts import request_facts_current
from tts.api.serializers import NOTHING_TO_SPEAK, TextSerializer
from tts.services.lexicons import lexicon_at, lexicon_version
from tts.text import NothingToSpeak, PreparedText, Run, prepare


class PreviewView(ApiView):
    """The normalised text, its languages and sentences, and each rule that changed something."""

    required_scope = Scope.SPEECH_WRITE

    def post(self, request: Request) -> Response:
        fields = TextSerializer(data=request.data, caller=caller_of(request)).checked()
        tenant = caller_of(request).tenant
        try:
            text = prepare(
                fields["source"],
                language=fields["language"] or None,
                normalize=fields["normalize"],
                lexicon=lexicon_at(tenant_id=tenant.pk, version=lexicon_version(tenant=tenant)),
                off=settings.TTS_TEXT_OFF,
                emoji=settings.TTS_TEXT_EMOJI,
            )
        except NothingToSpeak as nothing:
            name = "ssml" if "ssml" in fields else "text"
            raise InvalidRequest([FieldError(name, "nothing_to_speak", NOTHING_TO_SPEAK)]) from nothing
        request_facts_current().characters = text.characters
        return Response(preview_json(text))


def preview_json(text: PreparedText) -> dict[str, Any]:
    """What was made of a text, as the API shows it. Pauses and breaks are seconds."""
    return {
        "characters": text.characters,
        "normalized": text.normalized,
        "runs": [_run_json(run) for run in text.runs],
        "sentences": [
            {
                "text": sentence.text,
                "language": sentence.language,
                "pause_after_seconds": sentence.pause_after_seconds,
                "rate": sentence.rate,
                "break_before_seconds": sentence.break_before_seconds,
                "break_after_seconds": sentence.break_after_seconds,
            }
            for sentence in text.sentences
        ],
        "steps": [{"rule": step.rule, "before": step.before, "after": step.after} for step in text.steps],
    }


def _run_json(run: Run) -> dict[str, str]:
    shown = {"language": run.language, "text": run.text}
    return shown | {"phonemes": run.phonemes} if run.phonemes else shown
