"""What the debug log tells of a request that is spoken: names, counts and seconds, never a word of it."""

import logging
from collections import Counter

from tts.engines.chain import Synthesis
from tts.models import SynthesisRequest
from tts.services.states import Outcome
from tts.text.types import PreparedText

logger = logging.getLogger(__name__)


def log_spoken(
    row: SynthesisRequest, prepared: PreparedText, synthesis: Synthesis, *, seconds: float
) -> None:
    """How a text was prepared, which engines were asked and why, and how long it all took."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    rules = Counter(step.rule for step in prepared.steps)
    logger.debug(
        "%d characters in %d sentences, text rules: %s",
        row.characters,
        len(prepared.sentences),
        ", ".join(f"{rule} {count}" for rule, count in rules.items()) or "none",
    )
    for attempt in synthesis.attempts:
        logger.debug(
            "%s %s after %.3f s %s",
            attempt.engine,
            attempt.outcome,
            attempt.seconds,
            attempt.message,
        )
    logger.debug(
        "%.3f s of audio by %s in %.3f s, fallback: %s",
        synthesis.speech.seconds,
        synthesis.speech.voice,
        seconds,
        synthesis.fallback.value,
    )


def log_kept(row: SynthesisRequest, outcome: Outcome) -> None:
    """How long encoding and storing took."""
    logger.debug(
        "%d bytes of %s encoded in %.4f s, %s in %.4f s",
        outcome.audio_bytes,
        row.audio_format,
        outcome.encode_seconds,
        "stored" if outcome.audio else "not stored",
        outcome.store_seconds,
    )
