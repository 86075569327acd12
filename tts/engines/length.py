"""How long a text will be spoken, told from its characters alone, before any engine is asked."""

from tts.engines.base import SpeechTask
from tts.engines.checks import duration_bounds

MAX_SPEECH_SECONDS = 600.0
"""What one request may be spoken for. 800 Chinese characters at half speed take about 350; some scripts' letters have
names so long that 800 of them would take half an hour, and a worker's memory with it."""

_FLUENT = 2.0
"""Fluent speech takes twice the shortest plausible duration (`tts.engines.checks`)."""


def fluent_seconds(task: SpeechTask) -> float:
    """Seconds of speech without pauses if a fast speaker spoke `task` fluently: 0.1 for a syllable, 0.04 for a letter.

    Voices take up to three times as long, never much less; so a text that is too long by this measure is too long.
    """
    return _FLUENT * sum(
        duration_bounds(sentence.text, speed=task.rate_of(sentence))[0] for sentence in task.sentences
    )
