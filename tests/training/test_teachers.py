import shutil
from ctypes.util import find_library

import numpy as np
import pytest

from tts.training import teachers
from tts.training.teachers import FLITE_FRAME_SECONDS, Festival, Flite, Recital, Teacher, TeacherError

FESTIVAL = pytest.mark.skipif(shutil.which("festival") is None, reason="festival is not installed")
FLITE = pytest.mark.skipif(find_library("flite") is None, reason="libflite1 is not installed")
SENTENCES = ["The cat sat.", 'He said "no" twice, didn\'t he?']
EVERY_TEACHER = [
    pytest.param(Festival, 32_000, id="festival-slt", marks=FESTIVAL),
    pytest.param(lambda: Flite("rms"), 16_000, id="flite-rms", marks=FLITE),
]


def names(recital: Recital) -> list[str]:
    return [phone.name for phone in recital.phones]


@pytest.mark.parametrize(("teacher", "rate"), EVERY_TEACHER)
def test_a_teacher_says_each_sentence_and_when_it_said_which_phone(teacher: type[Teacher], rate: int) -> None:
    cat, quotation = teacher().recite(SENTENCES)
    assert names(cat) == ["pau", "dh", "ax", "k", "ae", "t", "s", "ae", "t", "pau"]
    for recital in (cat, quotation):
        ends = [phone.end for phone in recital.phones]
        assert recital.sample_rate == rate
        assert ends == sorted(ends)
        assert ends[-1] == pytest.approx(len(recital.samples) / rate, abs=0.05)
        assert 0.01 < np.abs(recital.samples).max() <= 1.0
    assert names(quotation).count("pau") >= 3


@pytest.mark.parametrize(("teacher", "rate"), EVERY_TEACHER)
def test_phones_are_where_the_sound_is(teacher: type[Teacher], rate: int) -> None:
    (recital,) = teacher().recite(["See a sea."])
    loud: dict[str, float] = {}
    start = 0.0
    for phone in recital.phones:
        part = recital.samples[round(start * rate) : round(phone.end * rate)]
        loud.setdefault(phone.name, float(np.sqrt((part**2).mean())))
        start = phone.end
    assert loud["iy"] > 10 * loud["pau"]


@pytest.mark.parametrize(("teacher", "rate"), EVERY_TEACHER)
def test_a_teacher_repeats_itself_exactly(teacher: type[Teacher], rate: int) -> None:
    speaker = teacher()
    first, _, second = (recital for n in (0, 1, 0) for recital in speaker.recite(SENTENCES[n : n + 1]))
    assert first.phones == second.phones
    assert np.array_equal(first.samples, second.samples)


@FLITE
def test_flite_tells_its_pitch() -> None:
    (recital,) = Flite("rms").recite(["Many more lions roam all around."])
    assert recital.pitch is not None
    assert len(recital.pitch) * FLITE_FRAME_SECONDS == pytest.approx(recital.phones[-1].end, abs=0.05)
    voiced = recital.pitch[recital.pitch > 0]
    assert len(voiced) > 0.6 * len(recital.pitch)
    assert 70 < np.median(voiced) < 150


@FLITE
def test_an_unknown_flite_voice_is_reported() -> None:
    with pytest.raises(TeacherError, match="flite_cmu_us_nobody"):
        Flite("nobody")


@FESTIVAL
def test_text_cannot_command_festival() -> None:
    (recital,) = Festival().recite(['Quote " and backslash \\ and (exit 3)'])
    assert len(recital.samples) > 32_000


@FESTIVAL
def test_a_failing_festival_is_reported_without_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teachers, "_festival_script", lambda sentences: "(undefined_function)")
    with pytest.raises(TeacherError) as error:
        list(Festival().recite(["A secret sentence."]))
    assert "secret" not in str(error.value)


def test_a_missing_festival_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TeacherError, match="festival"):
        list(Festival().recite(["Hello."]))
