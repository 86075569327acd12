"""A script as one string, so that cleaning and sentence splitting see whole sentences."""

from tts.text.belt import break_words, limit_apostrophes
from tts.text.clean import clean, is_speakable
from tts.text.insets import Inset, Insets, border, without_standins
from tts.text.script import Part, SayAs, Script, Substitute


def compose(script: Script, insets: Insets) -> str:
    """The texts of `script` with borders between its passages, and insets for what rules must not touch.

    Plain text comes out as it is, private-use characters included, which cleaning drops.
    """
    if is_plain(script):
        return script.written
    return "".join(
        (border(number) if number else "") + "".join(_composed(part, insets) for part in passage.parts)
        for number, passage in enumerate(script.passages)
    )


def is_plain(script: Script) -> bool:
    """Whether `script` is one passage of nothing but text."""
    return len(script.passages) == 1 and all(isinstance(part, str) for part in script.passages[0].parts)


def _composed(part: Part, insets: Insets) -> str:
    if isinstance(part, str):
        return without_standins(part)
    said = " ".join(clean(part.spoken if isinstance(part, Substitute) else part.written).split())
    if not is_speakable(said):
        return ""
    if isinstance(part, SayAs):
        # Whole until it is read: a space in a long number would make it two.
        return insets.add(Inset(said, waiting=part.reading))
    return insets.add(Inset(break_words(limit_apostrophes(said)), waiting=""))
