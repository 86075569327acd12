"""What was made of the text of a past request before an engine spoke it."""

import logging
import traceback

from tts.models import SynthesisRequest
from tts.services.preparing import request_prepare
from tts.text import NothingToSpeak, PreparedText
from tts.text.ssml import InvalidSsml

logger = logging.getLogger(__name__)


def text_prepared(*, row: SynthesisRequest) -> PreparedText | None:
    """The text front end's work on a request, done once more, with the dictionary it had and the settings of now.

    None where nothing of the text can be spoken, where the front end fails at it, or where it is no longer kept.
    """
    if not row.text:
        return None
    try:
        return request_prepare(row=row)
    except (NothingToSpeak, InvalidSsml):
        return None
    except Exception as problem:  # noqa: BLE001 - who looks into why a request failed must be able to open it
        # The message may quote the text.
        stack = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("text of request %s: %s\n%s", row.id, type(problem).__qualname__, stack)
        return None
