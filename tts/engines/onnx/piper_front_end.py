"""Text in one or more languages to the phonemes of a Piper voice."""

import unicodedata
from collections.abc import Iterator, Sequence

from tts.engines.base import Deadline
from tts.engines.espeak.voices import espeak_voice_of
from tts.engines.onnx.phoneme_ids import phonemes_of
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.piper_config import MandarinPhonemes, PhonemeType, PiperConfig
from tts.engines.onnx.piper_pinyin import pinyin_phonemes
from tts.text.types import Run
from tts.text.zh.mandarin_ipa import mandarin_phonemes
from tts.voices.language import language_family

HALF_WIDTH_MARKS = str.maketrans(
    {"，": ", ", "、": ", ", "。": ". ", "！": "! ", "？": "? ", "；": "; ", "：": ": ", "…": ". ", "—": ", "}
)
"""Chinese marks to those that Piper's espeak-ng bridge turns into symbols."""

_MANDARIN = "pinyin"


def piper_phonemes_of(
    runs: Sequence[Run], config: PiperConfig, phonemizer: Phonemizer, *, deadline: Deadline
) -> list[str]:
    """The phonemes of `runs` that the voice knows, in order.

    Like Piper, except that a voice with several native languages has each run read by espeak-ng in the run's own, and
    that runs with `phonemes` from a dictionary keep those. Raises what the phonemizer raises.
    """
    if config.phoneme_type is PhonemeType.TEXT:
        return phonemes_of("".join(run.text for run in runs), config)
    if config.phoneme_type is PhonemeType.PINYIN:
        return pinyin_phonemes("".join(run.text for run in runs), config)
    phonemes: list[str] = []
    for voice, text, given in _stretches(runs, config):
        found = phonemes_of(given or _ipa(text, voice, config, phonemizer, deadline), config)
        if phonemes and found and phonemes[-1] != " " and found[0] != " " and " " in config.phoneme_id_map:
            phonemes.append(" ")
        phonemes.extend(found)
    return phonemes


def _ipa(text: str, voice: str, config: PiperConfig, phonemizer: Phonemizer, deadline: Deadline) -> str:
    if voice == _MANDARIN:
        return mandarin_phonemes(text)
    marked = text.translate(HALF_WIDTH_MARKS) if config.half_width_marks else text
    return phonemizer.phonemize(marked, espeak_voice=voice, deadline=deadline)


def _stretches(runs: Sequence[Run], config: PiperConfig) -> Iterator[tuple[str, str, str]]:
    """(reader, text, phonemes) of neighbours that are read alike; a reader is an espeak-ng voice, or `_MANDARIN`."""
    waiting, text = "", ""
    for run in runs:
        voice = _reader(run.language, config)
        if run.phonemes or voice != waiting:
            if text:
                yield waiting, text, ""
            waiting, text = voice, ""
        if run.phonemes:
            yield voice, run.text, unicodedata.normalize("NFD", run.phonemes)
        else:
            text += run.text
    if text:
        yield waiting, text, ""


def _reader(language: str, config: PiperConfig) -> str:
    """The voice's own espeak-ng voice, but that of `language` where it is another of its native languages."""
    family = language_family(language)
    if family == "zh" and config.mandarin is MandarinPhonemes.PINYIN_IPA:
        return _MANDARIN
    if family == language_family(config.language) or family not in map(language_family, config.languages):
        return config.espeak_voice
    return espeak_voice_of(language)
