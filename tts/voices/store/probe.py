"""Does a voice speak? Tried in a process of its own with limits, for files from outside may hold anything."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from tts.voices.store.errors import ProbeFailed

MAX_MEMORY_BYTES = 6 * 2**30
"""Of addresses, which are more than the memory in use. A Piper voice of medium quality, 63 MB, takes 0.5 GB of them."""

MAX_CPU_SECONDS = 120
MAX_SECONDS = 180.0

_SOURCE_ROOT = Path(__file__).resolve().parents[3]
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")

DEFAULT_TEXTS: Mapping[str, str] = {
    "ar": "الطقس جميل اليوم.",
    "de": "Heute ist ein schöner Tag für einen Spaziergang im Park.",
    "en": "It is a fine day for a walk in the park.",
    "es": "Hoy hace un buen día para pasear por el parque.",
    "fr": "Il fait beau aujourd'hui pour une promenade au parc.",
    "hi": "आज मौसम बहुत अच्छा है।",
    "id": "Hari ini cuacanya bagus untuk berjalan di taman.",
    "it": "Oggi è una bella giornata per una passeggiata nel parco.",
    "ja": "きょうはいいてんきですね。",
    "ko": "오늘은 날씨가 참 좋습니다.",
    "nl": "Het is vandaag mooi weer voor een wandeling in het park.",
    "pl": "Dziś jest piękny dzień na spacer po parku.",
    "pt": "Hoje está um belo dia para passear no parque.",
    "ru": "Сегодня хороший день для прогулки в парке.",
    "th": "วันนี้อากาศดีมาก",
    "tr": "Bugün parkta yürümek için güzel bir gün.",
    "uk": "Сьогодні гарний день для прогулянки в парку.",
    "vi": "Hôm nay trời đẹp để đi dạo trong công viên.",
    "yue": "今日天氣好好，我哋去公園散步。",
    "zh": "今天天气很好，我们去公园散步。",
}
"""A sentence by primary language subtag; a voice of another language is tried with five Latin vowels."""


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """What the process has to do: speak `text`, or a sentence of the voice's own languages, with speaker number
    `speaker` of the voice `name` in `directory`, and write it to the WAV file `output` unless that is empty."""

    directory: str
    name: str
    text: str = ""
    speaker: int = 0
    output: str = ""
    allow_fixture: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of it. `audio_seconds` were made in `speak_seconds` after `load_seconds` of loading."""

    audio_seconds: float
    sample_rate: int
    load_seconds: float
    speak_seconds: float


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """Address space in bytes, CPU seconds, and seconds on the clock."""

    memory_bytes: int = MAX_MEMORY_BYTES
    cpu_seconds: int = MAX_CPU_SECONDS
    seconds: float = MAX_SECONDS


def probe(task: ProbeTask, limits: ProbeLimits | None = None) -> Spoken:
    """Load a voice and let it speak, in a process that ends afterwards.

    Raises `ProbeFailed` with the reason: what loading or speaking said, or the limit it met.
    """
    return Spoken(**_ask({"task": asdict(task)}, limits or ProbeLimits()))


def recognized(files: Sequence[Path], limits: ProbeLimits | None = None) -> tuple[Mapping[str, object], Path]:
    """`tts.engines.onnx.recognize.recognize(files)`, and the folder its names count from, found out in a process that
    ends afterwards. Raises `ProbeFailed`."""
    answer = _ask({"recognize": [str(path) for path in files]}, limits or ProbeLimits())
    return answer["content"], Path(answer["folder"])


def _ask(orders: Mapping[str, object], limits: ProbeLimits) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tts.voices.store.probe_process"],
            input=json.dumps({**orders, "limits": asdict(limits)}),
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=_environment(),
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProbeFailed(f"it was not done within {limits.seconds:.0f} s") from None
    return _answer(done, limits)


def _answer(done: subprocess.CompletedProcess[str], limits: ProbeLimits) -> dict[str, Any]:
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise ProbeFailed(f"it used more than {limits.cpu_seconds} s of CPU, or the system ended it")
    if done.returncode < 0:
        raise ProbeFailed(f"loading or speaking it crashed ({signal.Signals(-done.returncode).name})")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1][:200]
        raise ProbeFailed(f"the process that tried it ended with status {done.returncode}: {last}") from None
    if problem := answer.get("problem"):
        raise ProbeFailed(str(problem))
    return cast("dict[str, Any]", answer)


def _environment() -> dict[str, str]:
    """No secret of ours is the business of a file from outside."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(_SOURCE_ROOT),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
