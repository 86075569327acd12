"""VITS and MeloTTS of sherpa-onnx: what reaches the graph, counted in samples."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.family_voices import vits
from tests.family_voices.loaded import NoPhonemizer, SpelledPhonemizer, load_folder, written_and_loaded
from tests.family_voices.tones import HOP
from tests.tts.engines.onnx.voices import soon
from tts.engines.base import CancelToken, Deadline, EngineError, EngineTimeout, Samples, SynthesisCanceled
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.sequence_model import SequenceModel, Utterance
from tts.engines.onnx.vits_frames import Frame
from tts.text.types import Run
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

CHINESE = vits.CHINESE_TOKENS
HELLO = Run("zh-CN", "你好，世界。")
# sil 你 好 ， 世界 。 sil eos; marks are #0, blanks have no sound.
HELLO_TOKENS = ["sil", "n", "i3", "h", "ao3", "#0", "sh", "i4", "j", "ie4", "#0", "sil", "eos"]


def said(
    model: SequenceModel,
    *runs: Run,
    speaker: int = 0,
    speed: float = 1.0,
    phonemizer: Phonemizer | None = None,
) -> Samples:
    return model.say(
        runs,
        phonemizer=phonemizer or NoPhonemizer(),
        speaker=speaker,
        speed=speed,
        deadline=soon(),
        cancel=CancelToken(),
    )


@pytest.fixture
def chinese(tmp_path: Path) -> SequenceModel:
    return written_and_loaded(tmp_path / "voice", vits.write_lexicon_voice)


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7])
def test_words_of_the_lexicon_stand_between_silence_and_end(chinese: SequenceModel, speed: float) -> None:
    ids = [CHINESE[token] for token in HELLO_TOKENS]
    assert len(said(chinese, HELLO, speed=speed)) == vits.sounds(CHINESE).samples(ids, 1 / speed)


def test_a_run_equals_onnxruntime_alone_with_blanks_between_the_ids(
    tmp_path: Path, chinese: SequenceModel
) -> None:
    ids = [0] * (2 * len(HELLO_TOKENS) + 1)
    ids[1::2] = [CHINESE[token] for token in HELLO_TOKENS]
    session = onnxruntime.InferenceSession(tmp_path / "voice" / "model.onnx")
    for speaker in range(4):
        feeds = {
            "x": np.array([ids], dtype=np.int64),
            "x_length": np.array([len(ids)], dtype=np.int64),
            "noise_scale": np.array([0.667], dtype=np.float32),
            "length_scale": np.array([1.0], dtype=np.float32),
            "noise_scale_w": np.array([0.8], dtype=np.float32),
            "sid": np.array([speaker], dtype=np.int64),
        }
        assert said(chinese, HELLO, speaker=speaker).tobytes() == session.run(None, feeds)[0].tobytes()


def test_letters_and_unknown_words_are_left_out(chinese: SequenceModel) -> None:
    expected = said(chinese, Run("zh-CN", "你好"))
    assert np.array_equal(said(chinese, Run("zh-CN", "你iPhone坏鼉好")), expected)


def test_text_of_which_nothing_is_known_is_an_error_without_the_text(chinese: SequenceModel) -> None:
    with pytest.raises(EngineError, match="no phoneme of the text is known to the voice"):
        said(chinese, Run("zh-CN", "鼉"))


@pytest.mark.parametrize("speaker", [-1, 4])
def test_unknown_speakers_are_refused(chinese: SequenceModel, speaker: int) -> None:
    with pytest.raises(EngineError, match=f"speaker {speaker} of 4"):
        said(chinese, HELLO, speaker=speaker)


@pytest.mark.parametrize("speed", [0.01, 100.0, float("nan")])
def test_absurd_speeds_are_refused(chinese: SequenceModel, speed: float) -> None:
    with pytest.raises(EngineError, match="length scale"):
        said(chinese, HELLO, speed=speed)


@pytest.mark.parametrize("utterance", [Utterance(()), Utterance((-1,)), Utterance((1, 15))])
def test_ids_outside_the_table_are_refused(chinese: SequenceModel, utterance: Utterance) -> None:
    with pytest.raises(EngineError):
        chinese.speak(utterance, deadline=soon(), cancel=CancelToken())


def test_long_text_is_spoken_in_several_runs_cut_after_marks(chinese: SequenceModel) -> None:
    text = "你好世界，" * 40
    utterance = chinese.front_end.utterance(
        [Run("zh-CN", text)], speaker=0, phonemizer=NoPhonemizer(), deadline=soon()
    )
    pieces = list(utterance.pieces(chinese.most))
    assert len(pieces) > 2
    assert all(len(piece.ids) <= chinese.most and piece.ids[-1] == CHINESE["#0"] for piece in pieces)
    assert tuple(number for piece in pieces for number in piece.ids) == utterance.ids
    surroundings = vits.sounds(CHINESE).samples([CHINESE[token] for token in ("sil", "sil", "eos")])
    expected = vits.sounds(CHINESE).samples(utterance.ids) + surroundings * len(pieces)
    assert len(said(chinese, Run("zh-CN", text))) == expected


def test_without_marks_and_words_text_is_cut_anywhere() -> None:
    pieces = list(Utterance(tuple(range(10)), marks=(1,)).pieces(4))
    assert [piece.ids for piece in pieces] == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9)]


def test_a_run_stops_at_the_deadline_and_when_canceled(chinese: SequenceModel) -> None:
    utterance = Utterance((CHINESE["n"],))
    with pytest.raises(EngineTimeout):
        chinese.speak(utterance, deadline=Deadline.after(0.0), cancel=CancelToken())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(SynthesisCanceled):
        chinese.speak(utterance, deadline=soon(), cancel=cancel)


def test_the_same_text_gives_the_same_samples_from_the_cached_graph(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    vits.write_lexicon_voice(folder)
    first, again = (said(load_folder(folder), HELLO) for _ in range(2))
    assert np.array_equal(first, again)


def test_characters_stand_between_blanks(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", vits.write_character_voice)
    ids = [vits.CHARACTERS[character] for character in "hello world"]
    assert len(said(model, Run("en", "Hello, World 42"))) == vits.sounds(vits.CHARACTERS).samples(
        [*ids, vits.CHARACTERS[" "]]
    )


@pytest.mark.parametrize(
    ("comment", "frame"),
    [
        ("piper", Frame((1,), (2,), 0, surrounds_all=False, leads=True)),
        ("icefall", Frame((1,), (2,), 0, surrounds_all=False, leads=False)),
        ("coqui", Frame((1,), (vits.IPA[","], 2), 0, surrounds_all=False, leads=True)),
    ],
)
def test_espeak_voices_differ_in_what_surrounds_the_phonemes(
    tmp_path: Path, comment: str, frame: Frame
) -> None:
    folder = tmp_path / "voice"
    vits.write_espeak_voice(folder, comment)
    model = load_folder(folder)
    assert getattr(model.graph, "frame") == frame  # noqa: B009 - the protocol does not promise it
    phonemizer = SpelledPhonemizer()
    samples = said(model, Run("en-US", "Hello, dear"), phonemizer=phonemizer)
    assert phonemizer.voices == ["en-us"]
    ids = frame.ids([vits.IPA[letter] for letter in "hello, dear"])
    assert len(samples) == vits.sounds(vits.IPA).samples(ids)


def test_blanks_and_surroundings_are_counted_out() -> None:
    assert Frame((1,), (2,), 0, surrounds_all=False).ids([5, 6]) == [1, 0, 5, 0, 6, 0, 2]
    assert Frame((1,), (2,), 0, surrounds_all=False, leads=False).ids([5, 6]) == [1, 5, 0, 6, 0, 2]
    assert Frame((1,), (2,), 0).ids([5]) == [0, 1, 0, 5, 0, 2, 0]
    assert Frame((1,), (2,)).ids([5]) == [1, 5, 2]
    assert Frame(blank=0).tones([3, 4]) == [0, 3, 0, 4, 0]


def test_phonemes_of_a_dictionary_are_said_instead_of_the_text(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    vits.write_espeak_voice(folder, "piper")
    model = load_folder(folder)
    assert np.array_equal(
        said(model, Run("en-US", "GIF", phonemes="dʒˈɪf")),
        said(model, Run("en-US", "dʒˈɪf"), phonemizer=SpelledPhonemizer()),
    )


def melo_levels(samples: Samples, ids: list[int], speed: float = 1.0) -> list[float]:
    """How loud each sounding id is, in parts of the loudest."""
    table = vits.sounds(vits.MELO_TOKENS)
    frames = np.ceil(table.frames()[ids] / np.float32(speed)).astype(int)
    ends = np.cumsum(frames) * HOP
    parts = [samples[end - frame * HOP : end] for end, frame in zip(ends, frames, strict=True) if frame]
    return [float(np.abs(part).max()) for part in parts]


def test_each_phone_of_melo_has_its_own_tone(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", vits.write_melo_voice)
    # 你好 by its phrase (2 2 3 3), hello with English tones (7 8 7 9), a mark without tone.
    ids = [vits.MELO_TOKENS[token] for token in ("n", "i", "h", "ao", ",", "hh", "ah", "l", "ow")]
    tones = [2, 2, 3, 3, 0, 7, 8, 7, 9]
    samples = said(model, Run("zh-CN", "你好，"), Run("en-US", "Hello"))
    assert len(samples) == vits.sounds(vits.MELO_TOKENS).samples(ids)
    flat = model.speak(Utterance(tuple(ids), (11,) * len(ids)), deadline=soon(), cancel=CancelToken())
    levels = np.array(melo_levels(samples, ids)) / np.maximum(melo_levels(flat, ids), 1e-9)
    sounding = [place for place, number in enumerate(ids) if number != vits.MELO_TOKENS[","]]
    assert levels[sounding] == pytest.approx(vits.MELO_GAINS[[tones[place] for place in sounding]], rel=1e-4)


def test_melo_speaks_with_the_number_its_metadata_names(tmp_path: Path) -> None:
    model = written_and_loaded(tmp_path / "voice", vits.write_melo_voice)
    assert getattr(model.graph, "speaker_ids") == (1,)  # noqa: B009 - the protocol does not promise it


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sample_rate": 22050}, "sample_rate is 22050 in voice.json, but 16000 in the model"),
        ({"speakers": [{"name": str(n)} for n in range(5)]}, "names 5 speakers, the model has 4"),
    ],
)
def test_manifest_and_model_must_agree(tmp_path: Path, changes: dict[str, object], problem: str) -> None:
    with pytest.raises(VoiceIncompatible, match=problem):
        written_and_loaded(tmp_path / "voice", vits.write_lexicon_voice, **changes)


@pytest.mark.parametrize("blank", ["-1", "many", "1.0", "9" * 20])
def test_odd_metadata_is_named(tmp_path: Path, blank: str) -> None:
    folder = tmp_path / "voice"
    vits.write_character_voice(folder, {**vits.CHARACTER_METADATA, "blank_id": blank})
    with pytest.raises(
        VoiceIncompatible, match=f"metadata blank_id of the model must be a whole number, is '{blank}"
    ):
        load_folder(folder)


def test_several_speakers_need_a_graph_that_takes_one(tmp_path: Path) -> None:
    speakers = [{"name": "a"}, {"name": "b"}]
    with pytest.raises(VoiceIncompatible, match="names 2 speakers, but the graph takes no speaker"):
        written_and_loaded(tmp_path / "voice", vits.write_character_voice, speakers=speakers)


def test_a_voice_without_lexicon_characters_or_espeak_says_what_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    vits.write_lexicon_voice(folder)
    (folder / "lexicon.txt").unlink()
    with pytest.raises(VoiceIncompatible, match=r"it needs a lexicon\.txt"):
        load_folder(folder)


def test_a_lexicon_of_another_voice_is_no_speech(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    vits.write_lexicon_voice(folder)
    (folder / "lexicon.txt").write_text("你 x9\n", encoding="utf-8")
    with pytest.raises(VoiceIncompatible, match="its tokens hold no letter"):
        load_folder(folder)


def test_garbage_tokens_are_corrupt(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    vits.write_lexicon_voice(folder)
    (folder / "tokens.txt").write_text("garbage\n", encoding="utf-8")
    with pytest.raises(VoiceCorrupt, match=r"tokens\.txt, line 1"):
        load_folder(folder)
