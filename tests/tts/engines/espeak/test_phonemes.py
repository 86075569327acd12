import unicodedata

import pytest

from tests.tts.engines.espeak.texts import CRASHING, soon
from tts.engines.base import Deadline, EngineTimeout, NoVoice
from tts.engines.espeak.phonemes import EspeakPhonemizer, piper_phonemes
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.wire import Clause
from tts.engines.onnx.phonemizer import Phonemizer

# What piper-tts 1.8.0 answers to these texts, its sentences joined.
PIPER = [
    ("en-us", "Wait, what? Stop! Go: now; run.", "wˈeɪt, wˌʌt?stˈɑːp!ɡˈoʊ: nˈaʊ; ɹˈʌn."),
    (
        "en-us",
        'Dr. Smith saw 3.5 km; "really?" he said.',
        "dˈɑːktɚ.smˈɪθ sˈɔː θɹˈiː pɔɪnt fˈaɪv kˌeɪˈɛm; ɹˈiəli?hiː sˈɛd.",
    ),
    ("en-us", "One... two?! Mr., go", "wˌʌntˈuː?mˈɪstɚ ɡˈoʊ"),
    ("en-us", "Wait — now", "wˈeɪt; nˈaʊ"),
    ("en-us", "no mark at last", "nˈoʊ mˈɑːɹk æt lˈæst"),
    ("en-us", "...", ""),
    ("en-us", "She left (quietly!) then.", "ʃiː lˈɛft kwˈaɪətli!ðˈɛn."),
    ("fr", "Ça va ? Oui !", "sa vˈa?wˈi!"),
    ("cmn", "你好，世界。今天：好吗？", "ni2χˈɑu2s.ˈi.5 tɕˈiɛ5tɕˈi5n thˈiɛ5nχˈɑu2 mˈɑ1"),
    ("cmn", "你好, 世界. 今天: 好吗? ", "ni2χˈɑu2, s.ˈi.5 tɕˈiɛ5.tɕˈi5n thˈiɛ5n: χˈɑu2 mˈɑ1?"),
    ("cmn", "我用 iPhone 十五。", "wˈo2 jˈonɡ5 ˈaɪ fˈəʊn s.i.ɜwˈu2"),
]


@pytest.fixture
def phonemizer(shared_process: EspeakProcess) -> Phonemizer:
    return EspeakPhonemizer(shared_process)


@pytest.mark.parametrize(("voice", "text", "expected"), PIPER)
def test_phonemes_are_those_piper_voices_were_trained_on(
    phonemizer: Phonemizer, voice: str, text: str, expected: str
) -> None:
    phonemes = phonemizer.phonemize(text, espeak_voice=voice, deadline=soon())
    assert phonemes == unicodedata.normalize("NFD", expected)


def test_phonemes_are_decomposed() -> None:
    assert piper_phonemes([Clause("ç", "ç")]) == "c\u0327"


def test_language_flags_are_dropped() -> None:
    assert piper_phonemes([Clause("a(en)b(cmn)c", "x")]) == "abc"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("one, t", "wo", "A, B"),
        ("one. t", "wo.", "A.B."),
        ('one!" t', "wo?)", "A!B?"),
        ("one t", "wo", "AB"),
        ("one، t", "wo؟", "A, B?"),
        ("一，二", "。", "AB"),
    ],
)
def test_mark_before_the_character_read_ahead_ends_the_clause(first: str, second: str, expected: str) -> None:
    assert piper_phonemes([Clause("A", first), Clause("B", second)]) == expected


def test_empty_text_has_no_phonemes(phonemizer: Phonemizer) -> None:
    assert phonemizer.phonemize("", espeak_voice="cmn", deadline=soon()) == ""


def test_phonemes_do_not_depend_on_the_texts_before(phonemizer: Phonemizer) -> None:
    for voice, text, expected in PIPER:
        phonemizer.phonemize(CRASHING, espeak_voice="cmn", deadline=soon())
        phonemes = phonemizer.phonemize(text, espeak_voice=voice, deadline=soon())
        assert phonemes == unicodedata.normalize("NFD", expected)


def test_unknown_espeak_voice_is_refused(phonemizer: Phonemizer) -> None:
    with pytest.raises(NoVoice):
        phonemizer.phonemize("hello", espeak_voice="tlh", deadline=soon())


def test_passed_deadline_is_a_timeout(phonemizer: Phonemizer) -> None:
    with pytest.raises(EngineTimeout):
        phonemizer.phonemize("hello", espeak_voice="en-us", deadline=Deadline.after(0))
