"""What was made of the text of a past request before an engine spoke it."""

import logging
import traceback

from django.conf import settings

from tts.models import SynthesisRequest
from tts.services.lexicons import lexicon_at
from tts.text import NothingToSpeak, PreparedText, prepare
from tts.text.ssml import InvalidSsml, parse_ssml

logger = logging.getLogger(__name__)


def text_prepared(*, row: SynthesisRequest) -> PreparedText | None:
    """The text front end's work on a request, done once more, with the dictionary it had and the settings of now.

    None where nothing of the text can be spoken, where the front end fails at it, or where it is no longer kept.
    """
    if not row.text:
        return None
    try:
        return prepare(
            parse_ssml(row.text) if row.is_ssml else row.text,
            language=row.language or None,
            normalize=row.normalize,
            lexicon=lexicon_at(tenant_id=row.tenant_id, version=row.lexicon_version),
            off=settings.TTS_TEXT_OFF,
            emoji=settings.TTS_TEXT_EMOJI,
        )
    except (NothingToSpeak, InvalidSsml):
        return None
    except Exception as problem:  # noqa: BLE001 - who looks into why a request failed must be able to open it
        # The message may quote the text.
        stack = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("text of request %s: %s\n%s", row.id, type(problem).__qualname__, stack)
        return None
