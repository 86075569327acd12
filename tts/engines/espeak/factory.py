"""The espeak-ng engine as `VOXGATE_FALLBACK_ENGINE` names it."""

from tts.engines.base import Engine
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.espeak.process import EspeakProcess
from tts.engines.registry import EngineSettings


def build(settings: EngineSettings) -> Engine:
    """An engine with an espeak-ng process of its own; it needs no voices from outside."""
    return EspeakEngine(EspeakProcess())
