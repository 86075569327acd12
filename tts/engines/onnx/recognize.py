"""Which family of models a set of files belongs to, and the `voice.json` that says so."""

import json
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts.engines.onnx.kokoro_speakers import language_of_name, speaker_of_name
from tts.engines.onnx.language_names import tag_of_language_name
from tts.engines.onnx.signature import Signature
from tts.voices.description import Family
from tts.voices.files import CONFIG_SUFFIX, MODEL_SUFFIX
from tts.voices.manifest import parse_manifest
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

FIXTURE_KEY = "voxgate_fixture"
"""Metadata of models made of tones for tests."""

Values = dict[str, Any]
"""JSON."""

_VOCODERS = ("hifigan", "vocos", "matcha-tts vocos")
_NON_COMMERCIAL = "CC-BY-NC-4.0"


@dataclass(frozen=True, slots=True)
class _Found:
    """The files of a voice sorted by what they are: `names` relative to `folder`, models with their signatures."""

    folder: Path
    names: tuple[str, ...]
    model: str
    signature: Signature
    vocoder: str

    def named(self, *ends: str) -> list[str]:
        return [name for name in self.names if name.rpartition("/")[2].endswith(ends)]


def recognize(files: Sequence[Path]) -> Values:
    """The contents of the `voice.json` for a voice of these files, all in one folder or below it.

    Empty for a Piper pair, which needs none. Raises `VoiceIncompatible` where the files are no voice that Voxgate can
    speak with, or where something about it cannot be told from them; `VoiceCorrupt` for a model that does not load.
    """
    names = {path.name for path in files}
    models = [path for path in files if path.name.endswith(MODEL_SUFFIX)]
    if not models:
        raise VoiceIncompatible("no model: none of the files ends with .onnx")
    if any(path.name.removesuffix(MODEL_SUFFIX) + CONFIG_SUFFIX in names for path in models):
        return {}
    found = _sorted(files, models)
    values = _READERS[_family(found.signature)](found)
    values["files"] = {role: value for role, value in values["files"].items() if value}
    if found.signature.text(FIXTURE_KEY):
        values.setdefault("options", {})["fixture"] = True
    parse_manifest(json.dumps(values).encode())
    return values


def _sorted(files: Sequence[Path], models: Sequence[Path]) -> _Found:
    folder = Path(os.path.commonpath([path.parent for path in files]))
    signatures = {path.relative_to(folder).as_posix(): Signature.read(path) for path in models}
    vocoders = [name for name, signature in signatures.items() if _is_vocoder(signature)]
    voices = [name for name in signatures if name not in vocoders]
    if not voices:
        raise VoiceIncompatible(f"{vocoders[0]} is a vocoder, which needs the model of a voice")
    if len(voices) > 1 or len(vocoders) > 1:
        several = ", ".join(voices if len(voices) > 1 else vocoders)
        raise VoiceIncompatible(f"several models do the same ({several}): keep one")
    names = tuple(sorted(path.relative_to(folder).as_posix() for path in files))
    return _Found(folder, names, voices[0], signatures[voices[0]], "".join(vocoders))


def _is_vocoder(signature: Signature) -> bool:
    return signature.text("model_type") in _VOCODERS or set(signature.inputs) in ({"mel"}, {"mels"})


def _family(signature: Signature) -> Family:
    inputs = set(signature.inputs)
    if {"style", "speed"} <= inputs:
        return Family.KOKORO
    if inputs == {"input_ids", "attention_mask"}:
        return Family.MMS
    if "tones" in inputs:
        return Family.MELO
    if signature.text("model_type").startswith("matcha") or next(iter(signature.outputs), "") in (
        "mel",
        "wav",
    ):
        return Family.MATCHA
    if {"noise_scale", "length_scale", "noise_scale_w"} <= inputs or "comment" in signature.metadata:
        return Family.VITS
    if {"input", "input_lengths", "scales"} <= inputs:
        raise VoiceIncompatible(
            "a Piper model needs its configuration, a file of the same name that ends with .onnx.json"
        )
    raise VoiceIncompatible(
        f"no voice of a family that Voxgate knows: its inputs are {signature.described_inputs()}"
    )


def _kokoro(found: _Found) -> Values:
    voices = found.named(".npz") or found.named("voices.bin") or [*found.named(".bin")]
    packs = voices or [name for name in found.names if "voices" in name.lower() and name.endswith(".bin")]
    if not packs:
        raise VoiceIncompatible(
            "Kokoro needs the styles of its speakers: voices.bin, or one .bin file for each"
        )
    names = _kokoro_speakers(found, packs)
    speakers = [speaker_of_name(name) for name in names]
    tokens, vocab = found.named("tokens.txt"), found.named("config.json", "tokenizer.json")
    return _values(
        found,
        Family.KOKORO,
        languages=list(dict.fromkeys(language_of_name(name) for name in names)),
        licence=found.signature.text("license", "Apache-2.0"),
        sample_rate=found.signature.integer("sample_rate", 24000),
        speakers=[
            {"name": speaker.name, "gender": speaker.gender, "languages": list(speaker.languages)}
            for speaker in speakers
        ],
        voices=packs[0] if len(packs) == 1 else packs,
        tokens=tokens[:1] and tokens[0],
        vocab="" if tokens else vocab[:1] and vocab[0],
    )


def _kokoro_speakers(found: _Found, packs: Sequence[str]) -> list[str]:
    """Names of the speakers, in the order of the styles."""
    if len(packs) > 1:
        return [Path(name).stem for name in packs]
    path = found.folder / packs[0]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    listed = found.signature.text("speaker_names")
    if listed:
        return [name.strip() for name in listed.split(",")]
    return [path.stem]


def _mms(found: _Found) -> Values:
    vocab = found.named("vocab.json")
    if not vocab:
        raise VoiceIncompatible("an MMS voice needs its vocab.json")
    tokenizer = _json(found, "tokenizer_config.json")
    if tokenizer.get("is_uroman"):
        raise VoiceIncompatible("it needs its text in Latin letters (uroman), which Voxgate does not make")
    code = str(tokenizer.get("language") or found.folder.name.rpartition("mms-tts-")[2])
    return _values(
        found,
        Family.MMS,
        languages=_languages(found, [code]),
        licence=_NON_COMMERCIAL,
        sample_rate=int(_json(found, "config.json").get("sampling_rate", 16000)),
        vocab=vocab[0],
        options={} if tokenizer.get("add_blank", True) else {"add_blank": False},
    )


def _melo(found: _Found) -> Values:
    language = found.signature.text("language")
    return _values(
        found,
        Family.MELO,
        languages=_languages(found, language.split("+")),
        licence=found.signature.text("license", "MIT"),
        tokens=_only(found, "tokens.txt"),
        lexicon=found.named("lexicon.txt"),
        rule_fsts=found.named(".fst"),
    )


def _vits(found: _Found) -> Values:
    signature = found.signature
    if not signature.metadata:
        raise VoiceIncompatible(
            "a VITS model of sherpa-onnx says what it takes in its metadata; this one has none"
        )
    licence = _NON_COMMERCIAL if "mms" in signature.text("comment") else signature.text("license")
    return _values(
        found,
        Family.VITS,
        languages=_languages(found, [signature.text("voice"), *signature.text("language").split("+")]),
        licence=licence,
        speakers=_numbered_speakers(signature),
        tokens=_only(found, "tokens.txt"),
        lexicon=found.named("lexicon.txt"),
        rule_fsts=found.named(".fst", ".far"),
    )


def _matcha(found: _Found) -> Values:
    signature = found.signature
    voice = signature.text("voice")
    languages = ["Chinese", "English"] if voice == "zh en-us" else [voice, signature.text("language")]
    if "scales" in signature.inputs:
        # The original repository's exports have no metadata; its voices are English.
        languages = ["en-us"]
    return _values(
        found,
        Family.MATCHA,
        languages=_languages(found, languages),
        licence=signature.text("license"),
        speakers=_numbered_speakers(signature),
        tokens="".join(found.named("tokens.txt")[:1]),
        lexicon=found.named("lexicon.txt"),
        vocoder=found.vocoder,
        rule_fsts=found.named(".fst", ".far"),
    )


_READERS: Mapping[Family, Callable[[_Found], Values]] = {
    Family.KOKORO: _kokoro,
    Family.MMS: _mms,
    Family.MELO: _melo,
    Family.VITS: _vits,
    Family.MATCHA: _matcha,
}


def _values(
    found: _Found,
    family: Family,
    *,
    languages: list[str],
    licence: str,
    sample_rate: int = 0,
    speakers: Sequence[Values] = (),
    options: Values | None = None,
    **files: object,
) -> Values:
    values: Values = {
        "family": family.value,
        "name": found.folder.name,
        "languages": languages,
        "sample_rate": sample_rate or found.signature.integer("sample_rate", 22050),
        "licence": licence,
    }
    if len(speakers) > 1:
        values["speakers"] = list(speakers)
    values["files"] = {"model": found.model} | files
    return values | ({"options": options} if options else {})


def _numbered_speakers(signature: Signature) -> list[Values]:
    return [{"name": str(number)} for number in range(signature.integer("n_speakers", 1))]


def _only(found: _Found, end: str) -> str:
    names = found.named(end)
    if not names:
        raise VoiceIncompatible(f"{found.model} needs a {end} beside it")
    return names[0]


def _languages(found: _Found, names: Iterable[str]) -> list[str]:
    tags = [tag for name in names if (tag := tag_of_language_name(name))]
    if not tags:
        raise VoiceIncompatible(
            f"{found.model} does not tell its language: write a voice.json with `languages` yourself"
        )
    return list(dict.fromkeys(tags))


def _json(found: _Found, end: str) -> Mapping[str, Any]:
    names = found.named(end)
    if not names:
        return {}
    try:
        values = json.loads((found.folder / names[0]).read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise VoiceCorrupt(f"{names[0]} is not JSON") from problem
    return values if isinstance(values, dict) else {}
