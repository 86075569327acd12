"""What the measures listen to: a voice file, the fallback, or recordings, all behind one function of a text.

A voice file is loaded and phonemised by the platform's own code, so that what is measured is what a client hears.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from tts.audio.resample import resample
from tts.engines.base import CancelToken, Deadline, Samples, Speech, SpeechTask
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.espeak.phonemes import EspeakPhonemizer, phonemize
from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.graph_cache import GraphCache
from tts.engines.onnx.piper import PiperModel, load_piper
from tts.engines.onnx.piper_config import parse_piper_config
from tts.engines.onnx.piper_front_end import piper_phonemes_of
from tts.text.types import Run, Sentence
from tts.text.zh.mandarin_ipa import mandarin_phonemes

SECONDS_PER_SENTENCE = 60.0

Speak = Callable[[str], Speech]
"""Says one sentence."""

_LATIN = re.compile("[A-Za-z]")
_RUNS = re.compile("[A-Za-z][A-Za-z' -]*|[^A-Za-z]+")
_HAN = re.compile("[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """`zh-CN` for a text with ideographs, else `en-US`."""
    return "zh-CN" if _HAN.search(text) else "en-US"


def load_voice(model: Path) -> PiperModel:
    """The Piper voice `model`, whose configuration lies beside it. Raises what `load_piper` raises."""
    config = parse_piper_config(Path(f"{model}.json").read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        return load_piper(model, config, GraphCache(Path(scratch)), cancel=CancelToken())


def speak_voice(model: PiperModel, speaker: int, process: EspeakProcess, *, speed: float = 1.0) -> Speak:
    """Speak with one speaker of a voice file, phonemised by the ONNX engine's front end."""

    phonemizer = EspeakPhonemizer(process)

    def speak(text: str) -> Speech:
        deadline = Deadline.after(SECONDS_PER_SENTENCE)
        samples = model.speak(
            piper_phonemes_of(runs_of(text), model.config, phonemizer, deadline=deadline),
            speaker=speaker,
            speed=speed,
            deadline=deadline,
            cancel=CancelToken(),
        )
        return Speech(samples, model.config.sample_rate, f"speaker {speaker}")

    return speak


def runs_of(text: str) -> list[Run]:
    """A sentence of the test sets by language: Latin words in a Mandarin one are English."""
    if language_of(text) == "en-US":
        return [Run("en-US", text)]
    return [Run("en-US" if _LATIN.match(run) else "zh-CN", run) for run in _RUNS.findall(text)]


def ipa_of(text: str, process: EspeakProcess) -> str:
    """Phonemes whatever the voice: English words by espeak-ng, the rest by `mandarin_ipa`."""
    deadline = Deadline.after(SECONDS_PER_SENTENCE)
    return " ".join(
        mandarin_phonemes(run.text)
        if run.language == "zh-CN"
        else phonemize(process, run.text, "en-us", deadline=deadline)
        for run in runs_of(text)
    )


def speak_espeak(speaker: int, process: EspeakProcess, *, speed: float = 1.0) -> Speak:
    """Speak with the fallback engine."""
    engine = EspeakEngine(process)

    def speak(text: str) -> Speech:
        task = SpeechTask((Sentence(text, language_of(text), 0.0),), speaker_id=speaker, speed=speed)
        deadline = Deadline.after(SECONDS_PER_SENTENCE)
        return next(iter(engine.speak(task, deadline=deadline, cancel=CancelToken())))

    return speak


def recordings(directory: Path, sentences: Sequence[str]) -> Speak:
    """Play the `.wav` files of `directory`, which in the order of their names are `sentences`.

    Raises `ValueError` when there are not as many of one as of the other.
    """
    paths = sorted(directory.glob("*.wav"))
    if len(paths) != len(sentences):
        raise ValueError(f"{len(paths)} recordings for {len(sentences)} sentences")
    path_of = dict(zip(sentences, paths, strict=True))

    def speak(text: str) -> Speech:
        path = path_of[text]
        samples, rate = soundfile.read(path, dtype="float32")
        return Speech(samples, rate, path.stem)

    return speak


def pcm(speech: Speech, rate: int) -> bytes:
    """16-bit samples at `rate` Hz, the loudest at half of full scale."""
    samples: Samples = resample(speech.samples, speech.sample_rate, rate)
    loudest = float(np.abs(samples).max(initial=1e-6))
    return bytes((samples * (16_384.0 / loudest)).astype(np.int16).tobytes())
