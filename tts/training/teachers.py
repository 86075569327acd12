"""The engines that starter voices learn English from: free ones with permissive terms, as Debian packages them.

- festival with voice_cmu_us_slt_arctic_hts: a female speaker, 32 kHz (festival, festvox-us-slt-hts, festlex-cmu);
- flite's built-in voices rms and awb: male speakers, 16 kHz (libflite1).

Both are source-filter synthesisers that say which phone they speak when. flite also tells the pitch it used.
"""

import ctypes
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

FESTIVAL_TIMEOUT_SECONDS = 900
FLITE_FRAME_SECONDS = 0.005
NOISE_SEED = 1
SILENCE = "pau"


class TeacherError(Exception):
    """A teacher is not installed or failed. Says which, and never repeats a sentence."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the CMU set (`aa` … `zh`, `pau` for silence) and when it ends, in seconds from the start."""

    name: str
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Recital:
    """A sentence as a teacher says it: mono `samples` at `sample_rate` Hz and its `phones` in order.

    `pitch` (n,) in Hz, 0 where there is none, is known every `FLITE_FRAME_SECONDS`, or is None.
    """

    samples: NDArray[np.float64]
    sample_rate: int
    phones: tuple[Phone, ...]
    pitch: NDArray[np.float64] | None = None


class Teacher(Protocol):
    """`name` is short and stable. Raises `TeacherError`. A sentence sounds the same whenever it is said."""

    @property
    def name(self) -> str: ...

    def recite(self, sentences: Sequence[str]) -> Iterator[Recital]:
        """Say each sentence (ASCII), in order."""
        ...


class Festival:
    """The slt voice, by one run of festival for all the sentences of a call."""

    name = "slt"

    def recite(self, sentences: Sequence[str]) -> Iterator[Recital]:
        with tempfile.TemporaryDirectory(prefix="festival-") as folder:
            _run_festival(_festival_script(sentences), Path(folder))
            for index in range(len(sentences)):
                yield _festival_recital(Path(folder), index)


def _festival_script(sentences: Sequence[str]) -> str:
    lines = ["(voice_cmu_us_slt_arctic_hts)"]
    for index, sentence in enumerate(sentences):
        lines += [
            f"(set! spoken (utt.synth (Utterance Text {_scheme_string(sentence)})))",
            f'(utt.save.wave spoken "{index}.wav" (quote riff))',
            f'(utt.save.segs spoken "{index}.phones")',
        ]
    return "\n".join(lines)


def _scheme_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _run_festival(script: str, folder: Path) -> None:
    (folder / "say.scm").write_text(script, encoding="ascii")
    try:
        done = subprocess.run(
            ["festival", "-b", "say.scm"],
            cwd=folder,
            capture_output=True,
            timeout=FESTIVAL_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TeacherError("festival cannot be started, or did not end") from error
    if done.returncode:
        raise TeacherError(f"festival ended with status {done.returncode}")


def _festival_recital(folder: Path, index: int) -> Recital:
    try:
        samples, rate = soundfile.read(folder / f"{index}.wav", dtype="float64")
        # After a line `#`, one line a phone: its end, a color for a display, its name.
        rows = (folder / f"{index}.phones").read_text(encoding="ascii").split("#\n", 1)[1].splitlines()
    except (OSError, soundfile.LibsndfileError, IndexError) as error:
        raise TeacherError(f"festival said nothing for sentence {index}") from error
    phones = tuple(Phone(name, float(end)) for end, _, name in (row.split() for row in rows))
    return Recital(samples, rate, phones)


class _Utterance(ctypes.Structure):
    """`cst_utterance` of flite 2.2; only the first field is read."""

    _fields_ = [("features", ctypes.c_void_p)]


class _Wave(ctypes.Structure):
    """`cst_wave` of flite 2.2."""

    _fields_ = [
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    ]


class _Track(ctypes.Structure):
    """`cst_track` of flite 2.2. Channel 0 of a statistical voice's parameters is the pitch in Hz, 0 if unvoiced."""

    _fields_ = [
        ("type", ctypes.c_char_p),
        ("num_frames", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("times", ctypes.c_void_p),
        ("frames", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
    ]


class Flite:
    """A voice built into flite 2.2 (`rms`, `awb`, `slt`, `kal16`), called in this process."""

    def __init__(self, voice: str) -> None:
        self.name = voice
        self._flite = _flite_library()
        register = _library(f"flite_cmu_us_{voice}")[f"register_cmu_us_{voice}"]
        register.restype = ctypes.c_void_p
        register.argtypes = [ctypes.c_char_p]
        self._voice = register(None)
        self._seed_noise = ctypes.CDLL(None).srand

    def recite(self, sentences: Sequence[str]) -> Iterator[Recital]:
        for sentence in sentences:
            # The noise of its excitation comes from C's rand(); a sentence shall not depend on those before it.
            self._seed_noise(NOISE_SEED)
            utterance = self._flite.flite_synth_text(sentence.encode("ascii"), self._voice)
            if not utterance:
                raise TeacherError(f"flite's voice {self.name} failed")
            try:
                yield self._recital(utterance)
            finally:
                self._flite.delete_utterance(utterance)

    def _recital(self, utterance: int) -> Recital:
        wave = self._flite.utt_wave(utterance).contents
        samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)) / 32_768.0
        return Recital(samples, wave.sample_rate, tuple(self._phones(utterance)), self._pitch(utterance))

    def _phones(self, utterance: int) -> Iterator[Phone]:
        item = self._flite.relation_head(self._flite.utt_relation(utterance, b"Segment"))
        while item:
            name = self._flite.item_feat_string(item, b"name").decode("ascii")
            yield Phone(name, self._flite.item_feat_float(item, b"end"))
            item = self._flite.item_next(item)

    def _pitch(self, utterance: int) -> NDArray[np.float64] | None:
        features = ctypes.cast(utterance, ctypes.POINTER(_Utterance)).contents.features
        if not self._flite.feat_present(features, b"param_track"):
            return None
        value = self._flite.feat_val(features, b"param_track")
        track = self._flite.val_track(value).contents
        return np.array([track.frames[index][0] for index in range(track.num_frames)])


def _library(name: str) -> Any:
    path = find_library(name)
    if path is None:
        raise TeacherError(f"lib{name} is not installed (Debian's libflite1)")
    # The voices refer to functions of the other flite libraries by name.
    return ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)


def _flite_library() -> Any:
    flite = _library("flite")
    for name in ("flite_usenglish", "flite_cmulex"):
        _library(name)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "flite_synth_text": (pointer, [text, pointer]),
        "delete_utterance": (None, [pointer]),
        "utt_wave": (ctypes.POINTER(_Wave), [pointer]),
        "utt_relation": (pointer, [pointer, text]),
        "relation_head": (pointer, [pointer]),
        "item_next": (pointer, [pointer]),
        "item_feat_string": (text, [pointer, text]),
        "item_feat_float": (ctypes.c_float, [pointer, text]),
        "feat_present": (ctypes.c_int, [pointer, text]),
        "feat_val": (pointer, [pointer, text]),
        "val_track": (ctypes.POINTER(_Track), [pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = flite[name]
        function.restype, function.argtypes = result, arguments
        # By index ctypes makes a new function object each time; by attribute it keeps this one.
        setattr(flite, name, function)
    flite.flite_init()
    return flite
