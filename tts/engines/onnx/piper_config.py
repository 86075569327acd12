"""The configuration beside a Piper voice (`X.onnx.json`), checked field by field.

Format: https://github.com/OHF-Voice/piper1-gpl, docs and published voices. Reading it needs no onnxruntime.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from tts.voices.language import tag_of_espeak_voice, tag_of_piper_code
from tts.voices.plain import is_storable, plain
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

MAX_CONFIG_BYTES = 2**20
"""Published configurations have 5 to 30 kB."""

MAX_TEXT_CHARACTERS = 200
"""What is kept of a text of the configuration; as many as the columns of voices hold."""

GENDERS = ("female", "male")
FIXTURE_DATASET = "voxgate-fixture"

PAD, BOS, EOS = "_", "^", "$"

_REQUIRED = object()


class PhonemeType(StrEnum):
    """Where a voice's phonemes come from: espeak-ng's IPA, or the text's own code points."""

    ESPEAK = "espeak"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """What is needed to speak with a Piper voice and to list it.

    `sample_rate` in Hz, `language` a BCP 47 tag, `speakers` the names by number (empty names where none are
    given), `vowel_clusters` the phoneme sequences that count as one, longest first. `name`, `gender`
    (`female`, `male` or empty) and `licence` come from the optional object `voxgate`, which Piper does not know.
    Texts have no control characters and at most `MAX_TEXT_CHARACTERS`.
    """

    sample_rate: int
    language: str
    espeak_voice: str
    phoneme_type: PhonemeType
    phoneme_id_map: Mapping[str, tuple[int, ...]]
    num_symbols: int
    speakers: tuple[str, ...]
    noise_scale: float
    length_scale: float
    noise_w: float
    vowel_clusters: tuple[tuple[str, ...], ...] = ()
    dataset: str = ""
    quality: str = ""
    name: str = ""
    gender: str = ""
    licence: str = ""

    @property
    def is_fixture(self) -> bool:
        """Tones made for tests, no speech."""
        return self.dataset == FIXTURE_DATASET


def parse_piper_config(data: bytes) -> PiperConfig:
    """Raises `VoiceCorrupt` where it is no Piper configuration, `VoiceIncompatible` where we lack support."""
    root = _Fields(_json_object(data))
    inference, audio, voxgate = root.section("inference"), root.section("audio"), root.section("voxgate")
    phoneme_type = _phoneme_type(root.text("phoneme_type", PhonemeType.ESPEAK))
    espeak_voice = root.section("espeak").text("voice", "" if phoneme_type is PhonemeType.TEXT else _REQUIRED)
    num_symbols = root.integer("num_symbols", 3, 100_000)
    return PiperConfig(
        sample_rate=audio.integer("sample_rate", 8000, 48000),
        language=_language(root.section("language").text("code", ""), espeak_voice),
        espeak_voice=espeak_voice,
        phoneme_type=phoneme_type,
        phoneme_id_map=_phoneme_id_map(root.section("phoneme_id_map"), num_symbols),
        num_symbols=num_symbols,
        speakers=_speakers(root.integer("num_speakers", 1, 10_000, 1), root.section("speaker_id_map")),
        noise_scale=inference.number("noise_scale", 0.0, 2.0, 0.667),
        length_scale=inference.number("length_scale", 0.1, 10.0, 1.0),
        noise_w=inference.number("noise_w", 0.0, 2.0, 0.8),
        vowel_clusters=_vowel_clusters(root.items("vowel_clusters")),
        dataset=root.text("dataset", ""),
        quality=audio.text("quality", ""),
        name=voxgate.text("name", ""),
        gender=_gender(voxgate.text("gender", "")),
        licence=voxgate.text("licence", ""),
    )


class _Fields:
    """An object of the configuration; each reader names the field it complains about."""

    def __init__(self, values: Mapping[str, object], path: str = "") -> None:
        self.values = values
        self._path = path

    def section(self, key: str) -> "_Fields":
        """The object at `key`, an empty one where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(key, "an object", value)
        return _Fields(value, self._name(key) + ".")

    def items(self, key: str) -> list[object]:
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "a list", value)
        return value

    def text(self, key: str, default: object = _REQUIRED) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a string", value)
        if not is_storable(value):
            raise self.wrong(key, "a string without NUL and surrogates", value)
        return plain(value, MAX_TEXT_CHARACTERS)

    def integer(self, key: str, low: int, high: int, default: object = _REQUIRED) -> int:
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}", value)
        return value

    def number(self, key: str, low: float, high: float, default: object = _REQUIRED) -> float:
        value = self._get(key, default)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not low <= cast("float", value) <= high:
            raise self.wrong(key, f"a number from {low} to {high}", value)
        return float(cast("float", value))

    def wrong(self, key: str, expected: str, value: object) -> VoiceCorrupt:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        return VoiceCorrupt(f"{self._name(key)} must be {expected}, is {shown}")

    def _name(self, key: str) -> str:
        return f"{self._path}{key}"

    def _get(self, key: str, default: object) -> object:
        value = self.values.get(key, default)
        if value is _REQUIRED:
            raise VoiceCorrupt(f"{self._name(key)} is missing")
        return value


def _json_object(data: bytes) -> Mapping[str, object]:
    if len(data) > MAX_CONFIG_BYTES:
        raise VoiceCorrupt(f"the configuration is larger than {MAX_CONFIG_BYTES} bytes")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise VoiceCorrupt(f"the configuration is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise VoiceCorrupt("the configuration is not a JSON object")
    return cast("Mapping[str, object]", values)


def _gender(name: str) -> str:
    known = name.lower()
    return known if known in GENDERS else ""


def _phoneme_type(name: str) -> PhonemeType:
    try:
        return PhonemeType(name)
    except ValueError:
        known = ", ".join(PhonemeType)
        raise VoiceIncompatible(
            f"phoneme_type {name!r} is not supported yet; supported are {known}"
        ) from None


def _language(code: str, espeak_voice: str) -> str:
    tag = tag_of_piper_code(code) if code else tag_of_espeak_voice(espeak_voice)
    if tag is None:
        field = f"language.code {code!r}" if code else f"espeak.voice {espeak_voice!r}"
        raise VoiceCorrupt(f"{field} names no language")
    return tag


def _phoneme_id_map(fields: _Fields, num_symbols: int) -> Mapping[str, tuple[int, ...]]:
    for required in (PAD, BOS, EOS):
        if required not in fields.values:
            raise VoiceCorrupt(f"phoneme_id_map lacks {required!r}")
    for symbol in fields.values:
        if not _is_symbol(symbol):
            raise VoiceCorrupt(f"phoneme_id_map holds {symbol!r:.60}, which is no phoneme")
    return {symbol: _ids(fields, symbol, num_symbols) for symbol in fields.values}


def _is_symbol(symbol: object) -> bool:
    return isinstance(symbol, str) and symbol != "" and is_storable(symbol)


def _ids(fields: _Fields, symbol: str, num_symbols: int) -> tuple[int, ...]:
    ids = fields.items(symbol)
    for number in ids:
        # A negative id would be accepted by onnxruntime and count from the end of the table.
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < num_symbols:
            raise fields.wrong(symbol, f"a list of ids from 0 to {num_symbols - 1}", ids)
    if not ids:
        raise fields.wrong(symbol, "a list of at least one id", ids)
    return tuple(cast("list[int]", ids))


def _speakers(count: int, names: _Fields) -> tuple[str, ...]:
    speakers = [""] * count
    for name in names.values:
        if not is_storable(name):
            raise VoiceCorrupt(f"speaker_id_map holds {name!r:.60}, which is no name")
        speakers[names.integer(name, 0, count - 1)] = plain(name, MAX_TEXT_CHARACTERS)
    return tuple(speakers)


def _vowel_clusters(values: list[object]) -> tuple[tuple[str, ...], ...]:
    clusters = []
    for value in values:
        if not isinstance(value, list) or not value or not all(_is_symbol(part) for part in value):
            raise VoiceCorrupt("vowel_clusters must be a list of lists of phonemes")
        clusters.append(tuple(cast("list[str]", value)))
    return tuple(sorted(clusters, key=len, reverse=True))
