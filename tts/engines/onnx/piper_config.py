"""The configuration beside a Piper voice (`X.onnx.json`), checked field by field.

Format: https://github.com/OHF-Voice/piper1-gpl, docs and published voices. Reading it needs no onnxruntime.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from tts.voices.description import Family, Speaker, VoiceDescription
from tts.voices.fields import MAX_TEXT_CHARACTERS, REQUIRED, Fields, json_object
from tts.voices.language import tag_of_espeak_voice, tag_of_piper_code
from tts.voices.plain import is_storable, plain
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

ENGLISH_PHONEMES = frozenset("bdfhijklmnpstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒθᵻˈˌː")
"""What espeak-ng's `en-us` uses for ordinary words."""

FIXTURE_DATASET = "voxgate-fixture"

PAD, BOS, EOS = "_", "^", "$"


class PhonemeType(StrEnum):
    """Where a voice's phonemes come from: espeak-ng's IPA, the text's own code points, or Mandarin syllables taken
    apart into initial, final and tone."""

    ESPEAK = "espeak"
    TEXT = "text"
    PINYIN = "pinyin"


class MandarinPhonemes(StrEnum):
    """What a voice of phoneme type `espeak` takes for Mandarin: espeak-ng's IPA, or that of `mandarin_ipa`."""

    ESPEAK = "espeak"
    PINYIN_IPA = "pinyin-ipa"


_MISSING_READERS = {
    "hebrew": "a reader of Hebrew (Nakdimon vowel points)",
    "japanese": "a reader of Japanese (OpenJTalk)",
    "openjtalk": "a reader of Japanese (OpenJTalk)",
    "thai": "a reader of Thai (TLTK)",
}


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """What is needed to speak with a Piper voice and to list it.

    `sample_rate` in Hz, `language` a BCP 47 tag, `speakers` the names by number (empty names where none are
    given), `vowel_clusters` the phoneme sequences that count as one, longest first, `phoneme_map` what a phoneme is
    replaced by before its ids are looked up.

    What follows `quality` comes from the optional object `voxgate`, which Piper does not know: `gender` of all
    speakers, `languages` beyond its own that it speaks natively, `speaker_facts` by name, `half_width_marks` where it
    learned pauses from `,` and `.` instead of Chinese marks. Texts have no control characters and at most
    `MAX_TEXT_CHARACTERS`.
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
    phoneme_map: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dataset: str = ""
    quality: str = ""
    name: str = ""
    gender: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
    speaker_facts: Mapping[str, Speaker] = field(default_factory=dict)
    starter: bool = False
    half_width_marks: bool = False
    mandarin: MandarinPhonemes = MandarinPhonemes.ESPEAK

    @property
    def description(self) -> VoiceDescription:
        return VoiceDescription(
            family=Family.PIPER,
            name=self.name,
            languages=(self.language, *(tag for tag in self.languages if tag != self.language)),
            sample_rate=self.sample_rate,
            speakers=tuple(self._speaker(name) for name in self.speakers),
            also_reads=("en",) if self._knows_english else (),
            licence=self.licence,
            starter=self.starter,
            is_fixture=self.dataset == FIXTURE_DATASET,
        )

    @property
    def _knows_english(self) -> bool:
        """Whether espeak-ng's English phonemes are all in the map; published voices have them in every language."""
        known = self.phoneme_id_map
        return self.phoneme_type is PhonemeType.ESPEAK and all(symbol in known for symbol in ENGLISH_PHONEMES)

    def _speaker(self, name: str) -> Speaker:
        return self.speaker_facts.get(name) or Speaker(name, self.gender)


def parse_piper_config(data: bytes) -> PiperConfig:
    """Raises `VoiceCorrupt` where it is no Piper configuration, `VoiceIncompatible` where we lack support."""
    root = Fields(json_object(data))
    inference, audio, voxgate = root.section("inference"), root.section("audio"), root.section("voxgate")
    phoneme_type = _phoneme_type(root.text("phoneme_type", PhonemeType.ESPEAK))
    needs_espeak = phoneme_type is PhonemeType.ESPEAK
    espeak_voice = root.section("espeak").text("voice", REQUIRED if needs_espeak else "")
    num_symbols = root.integer("num_symbols", 3, 100_000)
    return PiperConfig(
        sample_rate=audio.integer("sample_rate", 8000, 48000),
        language=_language(root.section("language").text("code", ""), espeak_voice, phoneme_type),
        espeak_voice=espeak_voice,
        phoneme_type=phoneme_type,
        phoneme_id_map=_phoneme_id_map(root.section("phoneme_id_map"), num_symbols),
        num_symbols=num_symbols,
        speakers=_speakers(root.integer("num_speakers", 1, 10_000, 1), root.section("speaker_id_map")),
        noise_scale=inference.number("noise_scale", 0.0, 2.0, 0.667),
        length_scale=inference.number("length_scale", 0.1, 10.0, 1.0),
        noise_w=inference.number("noise_w", 0.0, 2.0, 0.8),
        vowel_clusters=_vowel_clusters(root.items("vowel_clusters")),
        phoneme_map=_phoneme_map(root.section("phoneme_map")),
        dataset=root.text("dataset", ""),
        quality=audio.text("quality", ""),
        name=voxgate.text("name", ""),
        gender=voxgate.gender("gender"),
        licence=voxgate.text("licence", ""),
        languages=voxgate.languages("languages"),
        speaker_facts=_speaker_facts(voxgate.sections("speakers")),
        starter=voxgate.flag("starter"),
        half_width_marks=voxgate.flag("half_width_marks"),
        mandarin=_mandarin(voxgate.text("mandarin", MandarinPhonemes.ESPEAK)),
    )


def _phoneme_type(name: str) -> PhonemeType:
    try:
        return PhonemeType(name)
    except ValueError:
        known = ", ".join(PhonemeType)
        missing = _MISSING_READERS.get(name.lower(), "phonemes that Voxgate does not make")
        raise VoiceIncompatible(
            f"phoneme_type {name!r} is not supported: it needs {missing}; supported are {known}"
        ) from None


def _mandarin(name: str) -> MandarinPhonemes:
    try:
        return MandarinPhonemes(name)
    except ValueError:
        known = ", ".join(MandarinPhonemes)
        raise VoiceIncompatible(f"voxgate.mandarin {name!r} is not known; known are {known}") from None


def _language(code: str, espeak_voice: str, phoneme_type: PhonemeType) -> str:
    if phoneme_type is PhonemeType.PINYIN and not (code or espeak_voice):
        return "zh-CN"
    tag = tag_of_piper_code(code) if code else tag_of_espeak_voice(espeak_voice)
    if tag is None:
        field = f"language.code {code!r}" if code else f"espeak.voice {espeak_voice!r}"
        raise VoiceCorrupt(f"{field} names no language")
    return tag


def _phoneme_id_map(fields: Fields, num_symbols: int) -> Mapping[str, tuple[int, ...]]:
    for required in (PAD, BOS, EOS):
        if required not in fields.values:
            raise VoiceCorrupt(f"phoneme_id_map lacks {required!r}")
    for symbol in fields.values:
        if not _is_symbol(symbol):
            raise VoiceCorrupt(f"phoneme_id_map holds {symbol!r:.60}, which is no phoneme")
    return {symbol: _ids(fields, symbol, num_symbols) for symbol in fields.values}


def _is_symbol(symbol: object) -> bool:
    return isinstance(symbol, str) and symbol != "" and is_storable(symbol)


def _ids(fields: Fields, symbol: str, num_symbols: int) -> tuple[int, ...]:
    ids = fields.items(symbol)
    for number in ids:
        # A negative id would be accepted by onnxruntime and count from the end of the table.
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < num_symbols:
            raise fields.wrong(symbol, f"a list of ids from 0 to {num_symbols - 1}", ids)
    if not ids:
        raise fields.wrong(symbol, "a list of at least one id", ids)
    return tuple(cast("list[int]", ids))


def _speakers(count: int, names: Fields) -> tuple[str, ...]:
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


def _phoneme_map(fields: Fields) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for phoneme in fields.values:
        others = fields.items(phoneme)
        if not _is_symbol(phoneme) or not all(_is_symbol(other) for other in others):
            raise VoiceCorrupt("phoneme_map must map phonemes to lists of phonemes")
        found[phoneme] = tuple(cast("list[str]", others))
    return found


def _speaker_facts(entries: Sequence[Fields]) -> Mapping[str, Speaker]:
    return {speaker.name: speaker for speaker in (entry.speaker() for entry in entries)}
