"""The process behind `probe`: reads a task from standard input, answers with one line of JSON."""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tts.engines.base import CancelToken, Deadline, EngineError, Samples, Speech
from tts.text.types import NothingToSpeak, Run, Sentence
from tts.voices.language import language_family
from tts.voices.problems import VoiceIncompatible, VoiceMissing, VoiceProblem
from tts.voices.store.probe import DEFAULT_TEXTS, ProbeTask, Spoken

if TYPE_CHECKING:  # at run time onnxruntime is loaded once the limits hold
    from tts.engines.onnx.model import VoiceModel
    from tts.voices.catalog import CatalogEntry

_SETTLED_SECONDS = 3600.0


def main() -> int:
    orders = json.load(sys.stdin)
    _limit(orders["limits"])
    try:
        if "recognize" in orders:
            return _answer(_recognize([Path(name) for name in orders["recognize"]]))
        spoken = _speak(ProbeTask(**orders["task"]), Deadline.after(float(orders["limits"]["seconds"])))
    except (VoiceProblem, EngineError, NothingToSpeak) as problem:
        return _answer({"problem": str(problem) or type(problem).__name__})
    except MemoryError:
        return _answer({"problem": "it needs more memory than a voice may have"})
    except Exception as problem:  # noqa: BLE001 - whatever a file from outside causes is an answer too
        return _answer({"problem": f"{type(problem).__name__}: {problem}"[:300]})
    return _answer({name: getattr(spoken, name) for name in Spoken.__dataclass_fields__})


def _answer(values: Mapping[str, object]) -> int:
    sys.stdout.write(json.dumps(values) + "\n")
    return 0


def _limit(limits: Mapping[str, float]) -> None:
    wanted = {
        resource.RLIMIT_AS: int(limits["memory_bytes"]),
        resource.RLIMIT_CPU: int(limits["cpu_seconds"]),
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            # macOS has no limit of addresses; where the hard limit is lower already, that one holds.
            continue


def _recognize(files: Sequence[Path]) -> Mapping[str, object]:
    from tts.engines.onnx.recognize import recognize

    folder = os.path.commonpath([path.parent for path in files]) if files else ""
    return {"content": recognize(files), "folder": folder}


def _speak(task: ProbeTask, deadline: Deadline) -> Spoken:
    from tts.engines.onnx.graph_cache import GraphCache
    from tts.engines.onnx.loading import load_voice

    entry = _entry(task)
    if entry.config is None:
        raise VoiceIncompatible("its configuration cannot be used")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="voxgate-probe-") as scratch:
        model = load_voice(entry.model, entry.config, GraphCache(Path(scratch)), cancel=CancelToken())
    loaded = time.monotonic()
    if not 0 <= task.speaker < len(model.description.speakers):
        raise VoiceIncompatible(f"it has {len(model.description.speakers)} speakers, counted from 0")
    speech = _say(task, model, deadline)
    if task.output:
        _write(Path(task.output), speech.samples, speech.sample_rate)
    return Spoken(
        round(speech.seconds, 3),
        speech.sample_rate,
        round(loaded - started, 3),
        round(time.monotonic() - loaded, 3),
    )


def _entry(task: ProbeTask) -> "CatalogEntry":
    from tts.voices.catalog import VoiceCatalog

    catalog = VoiceCatalog(
        Path(task.directory), allow_fixture=task.allow_fixture, now=lambda: time.time() + _SETTLED_SECONDS
    )
    for entry in catalog.scan():
        if entry.stem == task.name:
            if entry.problem:
                raise VoiceProblem(entry.problem)
            return entry
    raise VoiceMissing("its files are not there")


def _say(task: ProbeTask, model: "VoiceModel", deadline: Deadline) -> Speech:
    from tts.audio.join import join
    from tts.engines.checks import check_samples
    from tts.engines.espeak.phonemes import EspeakPhonemizer
    from tts.engines.espeak.process import EspeakProcess

    espeak = EspeakProcess()
    pieces: list[Speech] = []
    pauses: list[float] = []
    try:
        for sentence in _sentences(task, model):
            samples = model.say(
                sentence.spans(),
                phonemizer=EspeakPhonemizer(espeak),
                speaker=task.speaker,
                speed=1.0,
                deadline=deadline,
                cancel=CancelToken(),
            )
            check_samples(samples, model.description.sample_rate)
            pieces.append(Speech(samples, model.description.sample_rate, task.name))
            pauses.append(sentence.pause_after_seconds)
    finally:
        espeak.close()
    return join(pieces, pauses)


def _sentences(task: ProbeTask, model: "VoiceModel") -> Sequence[Sentence]:
    from tts.text import prepare

    language = model.description.languages_of(task.speaker)[0]
    text = task.text or DEFAULT_TEXTS.get(language_family(language), "")
    if text:
        # The tag only where it is not what a text in mixed languages would be taken for anyway.
        return prepare(
            text, language=None if language_family(language) in ("zh", "en") else language
        ).sentences
    letters = "a e i o u"
    return [Sentence(letters, language, 0.0, (Run(language, letters),))]


def _write(path: Path, samples: Samples, sample_rate: int) -> None:
    import soundfile

    soundfile.write(path, samples, sample_rate, format="WAV", subtype="PCM_16")


if __name__ == "__main__":
    sys.exit(main())
