"""From a voice's files to a model that speaks, whatever its family."""

from pathlib import Path

from tts.engines.base import CancelToken
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.kokoro import load_kokoro
from tts.engines.onnx.matcha import load_matcha
from tts.engines.onnx.mms import load_mms
from tts.engines.onnx.model import VoiceModel
from tts.engines.onnx.piper import load_piper
from tts.engines.onnx.piper_config import PiperConfig
from tts.engines.onnx.vits import load_vits
from tts.voices.description import Family, VoiceConfig
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible


def load_voice(path: Path, config: VoiceConfig, cache: GraphCache, *, cancel: CancelToken) -> VoiceModel:
    """Load the voice at `path`: the model file of a Piper voice, the folder of any other.

    Raises `VoiceProblem` for what is wrong with it, `SynthesisCanceled` once `cancel` is.
    """
    if isinstance(config, PiperConfig):
        return load_piper(path, config, cache, cancel=cancel)
    if isinstance(config, Manifest):
        return _FAMILIES[config.family](path, config, cache, cancel=cancel)
    raise VoiceIncompatible(f"voices of the family {config.description.family} are not supported")


_FAMILIES = {
    Family.VITS: load_vits,
    Family.MELO: load_vits,
    Family.MATCHA: load_matcha,
    Family.KOKORO: load_kokoro,
    Family.MMS: load_mms,
}
