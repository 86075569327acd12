"""The text front end's work on a request."""

from django.conf import settings

from tts.models import SynthesisRequest
from tts.services.lexicons import lexicon_at
from tts.text import PreparedText, prepare
from tts.text.ssml import parse_ssml


def request_prepare(*, row: SynthesisRequest) -> PreparedText:
    """What is to be spoken of a request, with the dictionary it was accepted with and the settings of now.

    Raises `NothingToSpeak`, and `InvalidSsml` where a text that was accepted is refused by now.
    """
    return prepare(
        parse_ssml(row.text) if row.is_ssml else row.text,
        language=row.language or None,
        normalize=row.normalize,
        lexicon=lexicon_at(tenant_id=row.tenant_id, version=row.lexicon_version),
        off=settings.TTS_TEXT_OFF,
        emoji=settings.TTS_TEXT_EMOJI,
    )
