"""Kokoro's tables of tokens, for models that come without one."""

import re
from enum import StrEnum
from pathlib import Path

from tts.engines.onnx.tokens import TokenTable, read_tokens, read_vocabulary
from tts.voices.manifest import Manifest
from tts.voices.problems import VoiceIncompatible

_SPEAKER_OF_1_1 = re.compile(r"z[fm]_\d+")

# The places in hexgrad/Kokoro-82M's config.json; numbers between were letters of earlier versions.
_RUNS_OF_1_0 = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}

SYMBOLS_178 = (
    '$;:,.!?¡¿—…"«»“” ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢǀǁǂǃˈˌːˑʼʴʰʱʲʷˠˤ˞↓↑→↗↘'̩'ᵻ"
)
"""Symbols by place that StyleTTS 2, Kokoro 0.19 and Matcha-TTS share; the first is the pad."""


class KokoroVersion(StrEnum):
    """Versions whose phonemes differ: 0.19 takes espeak-ng's IPA, 1.0 misaki's, 1.1 Zhuyin for Mandarin."""

    LEGACY = "0.19"
    V1_0 = "1.0"
    V1_1 = "1.1"


def kokoro_tokens(folder: Path, manifest: Manifest, *, rows: int) -> TokenTable:
    """The voice's own table where it has one, else that of the version its styles, of that many rows, tell.

    Raises `VoiceCorrupt` for one that cannot be read, `VoiceIncompatible` for a version whose table is not known here.
    """
    for path in manifest.paths(folder, "tokens"):
        return read_tokens(path)
    for path in manifest.paths(folder, "vocab"):
        return read_vocabulary(path)
    if any(_SPEAKER_OF_1_1.fullmatch(speaker.name) for speaker in manifest.description.speakers):
        raise VoiceIncompatible(
            "Kokoro 1.1 needs its table of tokens: files.vocab (config.json) or files.tokens"
        )
    if rows == 511:
        return TokenTable({symbol: number for number, symbol in enumerate(SYMBOLS_178)})
    return TokenTable(
        {symbol: first + place for first, run in _RUNS_OF_1_0.items() for place, symbol in enumerate(run)}
    )


def version_of(tokens: TokenTable) -> KokoroVersion:
    """Told by symbols that only one version has."""
    if "ㄓ" in tokens:
        return KokoroVersion.V1_1
    return KokoroVersion.V1_0 if "\uab67" in tokens else KokoroVersion.LEGACY
