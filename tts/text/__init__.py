"""The text front end: from what a client sent to sentences a voice can speak. Pure Python, no Django."""

from tts.text.belt import MAX_APOSTROPHES, MAX_DIGITS, MAX_WORD
from tts.text.count import count_characters
from tts.text.language import CHINESE, ENGLISH, JAPANESE, KOREAN, UNDETERMINED, canonical_language
from tts.text.pipeline import prepare
from tts.text.sentences import (
    MAX_HAN,
    MAX_WORDS,
    PAUSE_COMMA_SECONDS,
    PAUSE_PARAGRAPH_SECONDS,
    PAUSE_SEMICOLON_SECONDS,
    PAUSE_SENTENCE_SECONDS,
)
from tts.text.types import NothingToSpeak, PreparedText, Run, Sentence, Step

__all__ = [
    "CHINESE",
    "ENGLISH",
    "JAPANESE",
    "KOREAN",
    "MAX_APOSTROPHES",
    "MAX_DIGITS",
    "MAX_HAN",
    "MAX_WORD",
    "MAX_WORDS",
    "PAUSE_COMMA_SECONDS",
    "PAUSE_PARAGRAPH_SECONDS",
    "PAUSE_SEMICOLON_SECONDS",
    "PAUSE_SENTENCE_SECONDS",
    "UNDETERMINED",
    "NothingToSpeak",
    "PreparedText",
    "Run",
    "Sentence",
    "Step",
    "canonical_language",
    "count_characters",
    "prepare",
]
