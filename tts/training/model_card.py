"""The document beside a starter voice: what it is, where it comes from, how good it is by our own measures.

    python -m tts.training.model_card --voice FILE.onnx [--measures FILE.json]

writes `FILE.md`, and `FILE.measures.json` with the figures in it. Measuring all speakers takes some ten minutes; with
`--measures` figures of an earlier run are used.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts.engines.espeak.process import EspeakProcess
from tts.engines.onnx.piper import PiperModel
from tts.training import measure_tones, measure_words
from tts.training.measure_voice import SENTENCE_FILES, SENTENCES, portrait, syllable_total
from tts.training.speaking import Speak, load_voice, speak_espeak, speak_voice

Measures = dict[str, Any]
"""`speakers` and `espeak`: one object per speaker with `words` and `tones` as rates and `portrait` as text; `teachers`
by name likewise, where they were measured; `remark` is a sentence on how this file was trained, where one is due."""

NOTICES = Path(__file__).parent / "data" / "notices.txt"

_TEACHERS = {
    "en-US": "- Women's English: Festival with the HTS voice `cmu_us_slt_arctic_hts` (32 kHz, Carnegie Mellon "
    "University and Nagoya Institute of Technology).\n"
    "- Men's English: Flite 2.2, voice `rms` (16 kHz, Carnegie Mellon University); what is above 8 kHz is filled in "
    "from the first.\n- The warm and the lively speaker are those two with formants and pitch moved.",
    "zh-CN": "- Mandarin segments and durations: espeak-ng 1.52, `cmn`, which is why this file is under the GPL. Its "
    "spectra were mapped to those of the English speakers, and pitch was drawn anew by target approximation.",
}
_COMMANDS = {
    "words": "python -m tts.training.measure_words --voice {file} --speaker N",
    "tones": "python -m tts.training.measure_tones --voice {file} --speaker N",
    "portrait": "python -m tts.training.measure_voice --voice {file}",
}


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice and its configuration. `licence`, `languages` (BCP 47) and names are those of the configuration."""

    path: Path
    bytes: int
    sha256: str
    licence: str
    languages: tuple[str, ...]
    speakers: tuple[str, ...]
    symbols: int
    sample_rate: int


def describe(path: Path) -> VoiceFile:
    """Raises `OSError` and `ValueError` for files that are not there or not JSON."""
    data = path.read_bytes()
    config = json.loads(Path(f"{path}.json").read_bytes())
    facts = config.get("voxgate", {})
    names = sorted(config["speaker_id_map"].items(), key=lambda entry: entry[1])
    return VoiceFile(
        path=path,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        licence=facts.get("licence", ""),
        languages=tuple(facts.get("languages", ())),
        speakers=tuple(name for name, _ in names),
        symbols=config["num_symbols"],
        sample_rate=config["audio"]["sample_rate"],
    )


def measure(voice: VoiceFile, model: PiperModel, process: EspeakProcess) -> Measures:
    """Every measure of every speaker, and of the fallback's for comparison."""
    speakers = range(len(voice.speakers))
    return {
        "speakers": [
            _measure_one(speak_voice(model, number, process), voice, process) for number in speakers
        ],
        "espeak": [_measure_one(speak_espeak(number, process), voice, process) for number in speakers],
    }


def _measure_one(speak: Speak, voice: VoiceFile, process: EspeakProcess) -> Measures:
    found: Measures = {}
    if "en-US" in voice.languages:
        sentences = measure_words.read_sentences(measure_words.TEST_SENTENCES)
        found["words"] = measure_words.measure(speak, sentences)[0].rate
    if "zh-CN" in voice.languages:
        found["tones"] = measure_tones.measure(speak, measure_tones.read_words()).rate
    sentences = measure_words.read_sentences(SENTENCE_FILES[voice.languages[0]])[:SENTENCES]
    spoken = [speak(sentence) for sentence in sentences]
    return {**found, "portrait": str(portrait(spoken, syllable_total(sentences, process)))}


def render(voice: VoiceFile, measures: Measures) -> str:
    """The card in Markdown."""
    return "\n\n".join(
        [
            f"# {voice.path.stem}",
            _summary(voice),
            "## Where it comes from\n\n" + _origin(voice, measures.get("remark", "")),
            "## How good it is\n\n" + _figures(voice, measures),
            "## What it is not\n\n" + _limits(voice),
            "## Licence\n\n" + _licence(voice),
            "",
        ]
    )


def _summary(voice: VoiceFile) -> str:
    languages = " and ".join({"en-US": "English", "zh-CN": "Mandarin"}[tag] for tag in voice.languages)
    return (
        f"A starter voice: {languages}, {len(voice.speakers)} speakers ({', '.join(voice.speakers)}), "
        f"{voice.sample_rate} Hz, {voice.bytes / 1e6:.1f} MB. It lets a fresh installation speak; for natural speech "
        "install a voice with `python manage.py voices install`.\n\n"
        f"`{voice.path.name}` has the SHA-256 `{voice.sha256}`, takes {voice.symbols} symbols and gives the same "
        "samples for the same input."
    )


def _origin(voice: VoiceFile, remark: str) -> str:
    lines = "\n".join(_TEACHERS[tag] for tag in ("en-US", "zh-CN") if tag in voice.languages)
    return (
        "Its sentences were written for Voxgate, and free speech engines spoke them:\n\n"
        f"{lines}\n\n"
        "A network of some 1.8 million parameters learned duration, spectrum, pitch and voicing from them; a "
        "source-filter synthesiser inside the graph makes the sound. `tts/training/README.md` tells how to "
        "repeat all of it." + (f"\n\n{remark}" if remark else "")
    )


def _figures(voice: VoiceFile, measures: Measures) -> str:
    head = "| Speaker | " + " | ".join(_columns(voice)) + " |"
    rule = "|---|" + "---:|" * len(_columns(voice))
    rows = [
        _row(name, found, voice) for name, found in zip(voice.speakers, measures["speakers"], strict=True)
    ]
    rows += [_row(f"espeak-ng {number}", found, voice) for number, found in enumerate(measures["espeak"])]
    rows += [_row(f"teacher: {name}", found, voice) for name, found in measures.get("teachers", {}).items()]
    used = [kind for kind in ("words", "tones", "portrait") if kind in measures["speakers"][0]]
    commands = "\n".join(_COMMANDS[kind].format(file=voice.path.name) for kind in used)
    tones = " Tones are judged by the pitch contours of 200 words." if "tones" in used else ""
    portraits = "\n".join(
        f"- {name}: {found['portrait']}"
        for name, found in zip(voice.speakers, measures["speakers"], strict=True)
    )
    return (
        f"{head}\n{rule}\n" + "\n".join(rows) + f"\n\n{portraits}\n\n```sh\n{commands}\n```\n\n"
        "Word error is that of pocketsphinx, an old recogniser, on 100 sentences that were not trained on: it ranks "
        f"voices and overstates what people miss.{tones} Nobody has rated the voice by ear."
    )


def _columns(voice: VoiceFile) -> list[str]:
    columns = {"en-US": "Word error, English", "zh-CN": "Tones right, Mandarin"}
    return [columns[tag] for tag in ("en-US", "zh-CN") if tag in voice.languages]


def _row(name: str, found: Measures, voice: VoiceFile) -> str:
    kinds = {"en-US": "words", "zh-CN": "tones"}
    rates = [found.get(kinds[tag]) for tag in ("en-US", "zh-CN") if tag in voice.languages]
    cells = ["–" if rate is None else f"{rate:.1%}" for rate in rates]
    return f"| {name} | " + " | ".join(cells) + " |"


def _limits(voice: VoiceFile) -> str:
    mandarin = (
        " Its Mandarin has the segments of a rule-based engine and no recording of a speaker behind it."
        if "zh-CN" in voice.languages
        else ""
    )
    return (
        "No natural voice: expect the sound of statistical synthesis of about 2010, clear and somewhat buzzy, with "
        "even intonation. It is nobody's voice, whispers and sings nothing, and knows no feeling." + mandarin
    )


def _licence(voice: VoiceFile) -> str:
    return f"{voice.licence}. The notices of all teachers are in `NOTICE` beside this file; this is no legal advice."


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="model_card", description="Write the card of a starter voice.")
    parser.add_argument("--voice", type=Path, required=True, metavar="FILE.onnx")
    parser.add_argument("--measures", type=Path, help="figures of an earlier run instead of new ones")
    options = parser.parse_args(arguments)
    voice = describe(options.voice)
    if options.measures:
        measures = json.loads(options.measures.read_text(encoding="utf-8"))
    else:
        process = EspeakProcess()
        try:
            measures = measure(voice, load_voice(voice.path), process)
        finally:
            process.close()
        kept = voice.path.with_suffix(".measures.json")
        kept.write_text(json.dumps(measures, indent=1) + "\n", encoding="utf-8")
    card = voice.path.with_suffix(".md")
    card.write_text(render(voice, measures), encoding="utf-8")
    sys.stdout.write(f"{card}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
