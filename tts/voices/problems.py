"""Why a voice on disk cannot speak."""

from typing import ClassVar

from tts.voices.plain import plain
from tts.voices.voice import VoiceState

MAX_PROBLEM_CHARACTERS = 500


class VoiceProblem(Exception):
    """A voice cannot be used; the message tells an operator why, `state` is what the voice list shows.

    Messages may quote files: they are cut to 500 characters in one line.
    """

    state: ClassVar[VoiceState] = VoiceState.INCOMPATIBLE

    def __init__(self, message: str) -> None:
        super().__init__(plain(message, MAX_PROBLEM_CHARACTERS))


class VoiceMissing(VoiceProblem):
    """One of its files is not there."""

    state = VoiceState.MISSING


class VoiceCorrupt(VoiceProblem):
    """A file is damaged or not what its name says; copying it again may help."""

    state = VoiceState.CORRUPT


class VoiceIncompatible(VoiceProblem):
    """The files are whole, but this version of Voxgate cannot speak with them."""

    state = VoiceState.INCOMPATIBLE
