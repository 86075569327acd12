"""Cleaning: what is done to every text, whatever its language and whether or not it is normalised."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tts.text.emoji import EmojiPolicy, name_emoji
from tts.text.hypertext import strip_html
from tts.text.kaomoji import drop_kaomoji
from tts.text.markdown import strip_markdown
from tts.text.unicode import drop_surrogates, fold, limit_marks, to_nfc

_ELLIPSIS = re.compile(r"(?:\.{2,}|。{2,}|…+)[.。…]*")
_EXCITED = re.compile(r"[!?！？]{2,}")
_DASHES = re.compile(r"—{3,}|-{2,}")
_REPEATED = re.compile(r"([,，、;；:：~'\"*#=_/|\\^%@&$])\1+")
_REPEATED_PAUSE = re.compile(r"([,，、;；])(?: +\1)+")
_LEADING_PAUSES = re.compile(r"\A\s*+[,，、;；][\s,，、;；]*+")
_SEPARATOR_IN_NUMBER = re.compile(r"(?<=[0-9])[：](?=[0-9])")
_CURLY_APOSTROPHE = re.compile(r"(?<=[A-Za-z])[\u2018\u2019](?=[A-Za-z])")
_MARKS = (
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u2010-\u205e"
    r"\u3000-\u3003\u3008-\u301f\ufe10-\ufe6b\uff00-\uff0f\uff1a-\uff20"
)
_CROWD = re.compile(rf"((?:[{_MARKS}] ?){{8}})(?:[{_MARKS}] ?)+")
_SPACES = re.compile(r" *\n[ \n]*|  +")


@dataclass(frozen=True, slots=True)
class CleaningStep:
    """One step of cleaning. `name` is what the preview shows, `feature` what operators switch off, empty for none."""

    name: str
    feature: str
    apply: Callable[[str], str]


def drop_unspeakable(text: str) -> str:
    """Unicode cleaning: see `tts.text.unicode.fold`."""
    return limit_marks(to_nfc(fold(drop_surrogates(text))))


def collapse_punctuation(text: str) -> str:
    """One mark for a repeated one: `!!!` → `!`, `?!?!` → `?`, `....` → `…`, `--` → `—`.

    Only the first eight of a crowd of different marks stay, and no comma or semicolon before the first word.
    """
    text = _SEPARATOR_IN_NUMBER.sub(":", text)
    text = _CURLY_APOSTROPHE.sub("'", text)
    text = _ELLIPSIS.sub("…", text)
    text = _EXCITED.sub(_strongest, text)
    text = _DASHES.sub(lambda match: "——" if match[0][0] == "—" else "—", text)
    text = _REPEATED.sub(_shorten, text)
    text = _REPEATED_PAUSE.sub(r"\1", text)
    return _LEADING_PAUSES.sub("", _CROWD.sub(r"\1", text))


def collapse_space(text: str) -> str:
    """Single spaces and single line feeds, none around a line feed, none at the ends."""
    return _SPACES.sub(lambda match: "\n" if "\n" in match[0] else " ", text).strip()


def _strongest(match: re.Match[str]) -> str:
    marks = match[0]
    return next((mark for mark in marks if mark in "?？"), marks[0])


def _shorten(match: re.Match[str]) -> str:
    # The two slashes of `https://` belong together.
    before = match.string[match.start() - 1] if match.start() else ""
    return "//" if match[0] == "//" and before == ":" else match[1]


def cleaning(emoji: EmojiPolicy = "drop", language: str | None = None) -> tuple[CleaningStep, ...]:
    """The cleaning steps in order; with the emoji policy `name` in `language`, or in that of each line."""
    named = (CleaningStep("name-emoji", "emoji", partial(name_emoji, language=language)),)
    return (
        CleaningStep("strip-html", "html", strip_html),
        *(named if emoji == "name" else ()),
        CleaningStep("drop-kaomoji", "kaomoji", drop_kaomoji),
        CleaningStep("drop-unspeakable", "", drop_unspeakable),
        CleaningStep("strip-markdown", "markdown", strip_markdown),
        CleaningStep("collapse-punctuation", "", collapse_punctuation),
        CleaningStep("collapse-space", "", collapse_space),
    )


CLEANING = cleaning()
"""The steps when nothing is asked for."""


def clean(text: str, *, emoji: EmojiPolicy = "drop", language: str | None = None) -> str:
    """All cleaning steps in order. Linear in the length of `text`; idempotent but for HTML, Markdown and faces."""
    for step in cleaning(emoji, language):
        text = step.apply(text)
    return text


def is_speakable(text: str) -> bool:
    """Whether `text` holds a letter, digit or ideograph."""
    return any(map(str.isalnum, text))
