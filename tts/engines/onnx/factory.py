"""The ONNX engine as `VOXGATE_PRIMARY_ENGINE` names it."""

from tts.engines.base import Engine
from tts.engines.espeak.phonemes import EspeakPhonemizer
from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.engine import OnnxEngine
from tts.engines.registry import EngineSettings
from tts.voices.library import VoiceLibrary


def build(settings: EngineSettings) -> Engine:
    """An engine whose voices load in the background from now on, with an espeak-ng process for phonemes."""
    library = VoiceLibrary(
        settings.voices_directory,
        cache_directory=settings.cache_directory,
        starters=settings.starter_voices,
        allow_fixture=settings.allow_fixture_voice,
    )
    espeak = EspeakProcess()
    library.start()
    return OnnxEngine(library, EspeakPhonemizer(espeak), on_close=espeak.close)
