"""The configuration beside an exported voice: Piper's fields, and Voxgate's own under `voxgate`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from tts.training.symbols import SymbolTable
from tts.training.utterance import HOP, SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Speaker:
    """`standard` is the number clients ask for, the same in every voice."""

    name: str
    gender: str
    standard: int


SPEAKERS = (
    Speaker("female-clear", "female", 0),
    Speaker("female-warm", "female", 1),
    Speaker("male-calm", "male", 2),
    Speaker("male-lively", "male", 3),
)

PERMISSIVE = "Apache-2.0; learned from festvox-us-slt-hts and flite, whose notices come with it"
COPYLEFT = "GPL-3.0-or-later; learned from espeak-ng, festvox-us-slt-hts and flite"

_ESPEAK_VOICES = {"zh-CN": "cmn", "en-US": "en-us"}
_LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "code": "zh_CN",
        "family": "zh",
        "region": "CN",
        "name_native": "简体中文",
        "name_english": "Chinese",
        "country_english": "China",
    },
    "en-US": {
        "code": "en_US",
        "family": "en",
        "region": "US",
        "name_native": "English",
        "name_english": "English",
        "country_english": "United States",
    },
}


def voice_config(name: str, table: SymbolTable, languages: Sequence[str], speakers: int) -> dict[str, object]:
    """What is written as `<name>.onnx.json`.

    `languages` are BCP 47 tags the voice was trained on; with Mandarin among them that is its main language, and the
    licence is that of espeak-ng, its teacher. Raises `ValueError` for other languages and for more speakers than have
    names.
    """
    unknown = set(languages) - set(_LANGUAGES)
    if unknown or not languages:
        raise ValueError(f"no configuration for languages {sorted(languages)}")
    if speakers > len(SPEAKERS):
        raise ValueError(f"only {len(SPEAKERS)} speakers have names, the voice has {speakers}")
    ordered = [language for language in _LANGUAGES if language in languages]
    named = SPEAKERS[:speakers]
    return {
        "audio": {"sample_rate": SAMPLE_RATE, "quality": "low"},
        "espeak": {"voice": _ESPEAK_VOICES[ordered[0]]},
        "language": dict(_LANGUAGES[ordered[0]]),
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": table.phoneme_id_map(),
        "num_symbols": len(table),
        "num_speakers": speakers,
        "speaker_id_map": {speaker.name: number for number, speaker in enumerate(named)},
        "hop_length": HOP,
        "dataset": "voxgate-starter",
        "piper_version": "1.0.0",
        "voxgate": {
            "name": f"Voxgate starter ({', '.join(ordered)})",
            "licence": COPYLEFT if "zh-CN" in languages else PERMISSIVE,
            "starter": True,
            "half_width_marks": True,
            "languages": ordered,
            # Symbols of Mandarin come from pinyin: espeak-ng writes its first and fourth tone alike.
            **({"mandarin": "pinyin-ipa"} if "zh-CN" in ordered else {}),
            "speakers": [asdict(speaker) for speaker in named],
        },
    }
