"""Real processes, real onnxruntime sessions."""

import os
from pathlib import Path

import pytest
import soundfile

from tests.fixture_voices import Fault, write_fixture_voice
from tts.voices.store.errors import ProbeFailed
from tts.voices.store.probe import ProbeLimits, ProbeTask, probe, recognized


def task(directory: Path, **changes: object) -> ProbeTask:
    return ProbeTask(str(directory), "v", allow_fixture=True, **changes)  # type: ignore[arg-type]  # passed on


def test_a_voice_speaks_a_sentence_of_its_language(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v")
    spoken = probe(task(tmp_path))
    assert 1.0 < spoken.audio_seconds < 10.0
    assert spoken.sample_rate == 22050
    assert spoken.load_seconds > 0.0


def test_a_text_is_spoken_into_a_wav_file(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v", language="en_US", espeak_voice="en-us", speakers=3)
    output = tmp_path / "out.wav"
    spoken = probe(task(tmp_path, text="Good morning.", speaker=2, output=str(output)))

    samples, rate = soundfile.read(output)
    assert rate == spoken.sample_rate
    assert len(samples) / rate == pytest.approx(spoken.audio_seconds, abs=0.01)
    assert abs(samples).max() > 0.05


def test_a_language_without_a_sentence_of_ours_is_tried_with_vowels(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v", language="eo", espeak_voice="eo")
    assert probe(task(tmp_path)).audio_seconds > 0.1


@pytest.mark.parametrize(
    ("fault", "told"),
    [(Fault.SILENCE, "silence"), (Fault.NOT_A_NUMBER, "not finite"), (Fault.RAISE, "the model failed")],
)
def test_a_voice_that_does_not_speak_is_told(tmp_path: Path, fault: Fault, told: str) -> None:
    write_fixture_voice(tmp_path, "v", fault=fault)
    with pytest.raises(ProbeFailed, match=told):
        probe(task(tmp_path))


def test_a_model_that_never_ends_is_ended(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v", fault=Fault.HANG)
    with pytest.raises(ProbeFailed, match=r"more than 2 s of CPU|was not done within"):
        probe(task(tmp_path), ProbeLimits(cpu_seconds=2, seconds=60.0))
    with pytest.raises(ProbeFailed, match=r"stopped at the deadline|was not done within 1 s"):
        probe(task(tmp_path), ProbeLimits(seconds=1.0))


def test_memory_is_limited(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v")
    with pytest.raises(ProbeFailed, match=r"memory|bad_alloc|failed to map|crashed"):
        probe(task(tmp_path), ProbeLimits(memory_bytes=120 * 2**20))


def test_what_is_wrong_with_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="its files are not there"):
        probe(task(tmp_path))
    files = write_fixture_voice(tmp_path, "v")
    files.model.write_bytes(b"no model")
    with pytest.raises(ProbeFailed, match="cannot load"):
        probe(task(tmp_path))
    files.config.write_text("{}")
    with pytest.raises(ProbeFailed, match="is missing"):
        probe(task(tmp_path))


def test_a_speaker_who_is_not_there_is_told(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v", speakers=2)
    with pytest.raises(ProbeFailed, match="it has 2 speakers"):
        probe(task(tmp_path, speaker=2))


def test_a_text_without_anything_to_say_is_told(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v")
    with pytest.raises(ProbeFailed, match="nothing to speak"):
        probe(task(tmp_path, text="..."))


def test_voices_made_of_tones_are_refused_unless_allowed(tmp_path: Path) -> None:
    write_fixture_voice(tmp_path, "v")
    with pytest.raises(ProbeFailed, match="tones made for tests"):
        probe(ProbeTask(str(tmp_path), "v"))


def test_secrets_of_the_environment_stay_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOXGATE_SECRET_KEY", "secret")
    # A module that is imported early, found through a variable that a process must not inherit either.
    (tmp_path / "sitecustomize.py").write_text(
        f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(repr(dict(os.environ)))"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_fixture_voice(tmp_path, "v")
    probe(task(tmp_path))
    assert not (tmp_path / "seen").exists()
    assert os.environ["VOXGATE_SECRET_KEY"] == "secret"


def test_files_that_are_no_voice_are_not_recognized(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"no model")
    with pytest.raises(ProbeFailed, match="cannot load"):
        recognized([model])
    with pytest.raises(ProbeFailed, match="no model"):
        recognized([])
