"""Why a voice on disk cannot speak."""

from typing import ClassVar

from tts.voices.voice import VoiceState


class VoiceProblem(Exception):
    """A voice cannot be used; the message tells an operator why, `state` is what the voice list shows."""

    state: ClassVar[VoiceState] = VoiceState.INCOMPATIBLE


class VoiceMissing(VoiceProblem):
    """One of its files is not there."""

    state = VoiceState.MISSING


class VoiceCorrupt(VoiceProblem):
    """A file is damaged or not what its name says; copying it again may help."""

    state = VoiceState.CORRUPT


class VoiceIncompatible(VoiceProblem):
    """The files are whole, but this version of Voxgate cannot speak with them."""

    state = VoiceState.INCOMPATIBLE
