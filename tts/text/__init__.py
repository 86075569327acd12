"""The text front end: from what a client sent to sentences a voice can speak. Pure Python, no Django.

What stands here is imported when it is first asked for: the tables of rules take 0.2 s of CPU, and settings, which only
ask `tts.text.features` for names, should not pay for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOME = {
    "tts.text.belt": ("MAX_APOSTROPHES", "MAX_DIGITS", "MAX_WORD"),
    "tts.text.count": ("count_characters",),
    "tts.text.language": ("CHINESE", "ENGLISH", "JAPANESE", "KOREAN", "UNDETERMINED", "canonical_language"),
    "tts.text.pipeline": ("prepare",),
    "tts.text.sentences": (
        *("MAX_HAN", "MAX_WORDS", "PAUSE_COMMA_SECONDS", "PAUSE_PARAGRAPH_SECONDS"),
        *("PAUSE_SEMICOLON_SECONDS", "PAUSE_SENTENCE_SECONDS"),
    ),
    "tts.text.types": ("NothingToSpeak", "PreparedText", "Run", "Sentence", "Step"),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names}

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

if not TYPE_CHECKING:
    # Hidden from type checkers, for which it would make any name of this package a known one.
    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULES[name]), name)
        globals()[name] = value
        return value
