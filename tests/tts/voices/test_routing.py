import json
from pathlib import Path

import pytest

from tests.fixture_voices import fixture_config
from tts.engines.base import NoVoice, SpeechTask
from tts.engines.onnx.piper_config import parse_piper_config
from tts.text.types import Run, Sentence
from tts.voices.catalog import CatalogEntry
from tts.voices.listing import list_voices
from tts.voices.routing import VoiceIndex
from tts.voices.voice import VoiceState

MIXED = Sentence(
    "我们用 Python 写代码。",
    "zh-CN",
    0.0,
    (Run("zh-CN", "我们用 "), Run("en-US", "Python "), Run("zh-CN", "写代码。")),
)
LETTER = Sentence("A股大涨。", "zh-CN", 0.0, (Run("en-US", "A"), Run("zh-CN", "股大涨。")))
RUSSIAN = Sentence("他说 привет。", "zh-CN", 0.0, (Run("zh-CN", "他说 "), Run("ru", "привет。")))
ENGLISH = Sentence("Good morning.", "en-US", 0.0, (Run("en-US", "Good morning."),))


def entry(
    stem: str, language: str, *, speakers: int = 1, state: VoiceState = VoiceState.READY, **own: object
) -> CatalogEntry:
    values = fixture_config(language=language, speakers=speakers) | {"voxgate": own}
    return CatalogEntry(
        stem, Path(f"{stem}.onnx"), state, config=parse_piper_config(json.dumps(values).encode())
    )


def index(*entries: CatalogEntry, disabled: frozenset[str] = frozenset()) -> VoiceIndex:
    return VoiceIndex.of(list_voices(entries, disabled))


def who(voices: VoiceIndex, sentence: Sentence, **task: object) -> list[tuple[str, str]]:
    """(voice id, text) of each part."""
    parts = voices.plan(sentence, SpeechTask((sentence,), **task))  # type: ignore[arg-type]  # passed on
    return [(part.voice.info.id, "".join(run.text for run in part.runs)) for part in parts]


MEI, AMY = entry("mei", "zh_CN"), entry("amy", "en_US")


def test_each_run_goes_to_a_voice_of_its_language() -> None:
    assert who(index(MEI, AMY), MIXED) == [("mei", "我们用 "), ("amy", "Python "), ("mei", "写代码。")]


def test_a_voice_with_both_languages_speaks_the_sentence_in_one_go() -> None:
    both = entry("both", "zh_CN", languages=["en-US"])
    assert who(index(both, AMY), MIXED) == [("both", MIXED.text)]


def test_a_second_language_gives_way_to_a_voice_whose_first_it_is() -> None:
    both = entry("both", "zh_CN", languages=["en-US"])
    assert who(index(both, AMY), ENGLISH) == [("amy", "Good morning.")]
    assert who(index(both), ENGLISH) == [("both", "Good morning.")]


def test_without_an_english_voice_the_chinese_one_reads_english() -> None:
    assert who(index(MEI), MIXED) == [("mei", MIXED.text)]


def test_a_letter_stays_with_the_voice_of_the_sentence() -> None:
    assert who(index(MEI, AMY), LETTER) == [("mei", LETTER.text)]


def test_a_run_nobody_reads_leaves_the_sentence_to_the_fallback() -> None:
    with pytest.raises(NoVoice, match="no voice for ru"):
        who(index(MEI, AMY), RUSSIAN)


def test_foreign_runs_keep_the_standard_speaker() -> None:
    voices = index(entry("lin", "zh_CN", speakers=4), entry("amy", "en_US", speakers=4))
    assert who(voices, MIXED, speaker_id=2)[1] == ("amy:speaker2", "Python ")


def test_foreign_runs_of_a_named_voice_go_to_its_gender() -> None:
    extra = [entry(name, "zh_CN", gender="female") for name in ("a", "b", "c")]
    carl = entry("carl", "zh_CN", gender="male")
    english = [entry("ann", "en_US", gender="female"), entry("bob", "en_US", gender="male")]
    assert who(index(*extra, carl, *english), MIXED, voice="carl")[1] == ("bob", "Python ")
    assert who(index(*extra, carl, *english), MIXED, voice="c")[1] == ("ann", "Python ")


def test_routes_win_over_the_standard_voices() -> None:
    voices = index(entry("lin", "zh_CN", speakers=4), AMY)
    assert who(voices, ENGLISH, routes={("en", 0): "lin:speaker3"}) == [("lin:speaker3", "Good morning.")]
    assert who(voices, MIXED, routes={("zh", 0): "lin:speaker3"})[0][0] == "lin:speaker3"


@pytest.mark.parametrize("target", ["gone", "torn", "amy"])
def test_a_route_to_a_voice_that_cannot_speak_it_is_passed_over(target: str) -> None:
    voices = index(MEI, AMY, entry("torn", "zh_CN", state=VoiceState.CORRUPT))
    assert who(voices, MIXED, routes={("zh", 0): target})[0][0] == "mei"


def test_while_a_voice_loads_one_of_its_gender_stands_in() -> None:
    loading = entry("anna", "zh_CN", state=VoiceState.LOADING, gender="female")
    bella = entry("bella", "zh_CN", gender="female")
    carl = entry("carl", "zh_CN", gender="male")
    assert who(index(loading, bella, carl), MIXED)[0][0] == "bella"
    with pytest.raises(NoVoice, match="voice anna is loading"):
        who(index(loading, carl), MIXED)


def test_the_text_of_the_parts_is_the_text_of_the_sentence() -> None:
    for sentence in (MIXED, LETTER, ENGLISH):
        assert "".join(text for _, text in who(index(MEI, AMY), sentence)) == sentence.text


LIN = entry("lin", "zh_CN", speakers=4)


def test_of_the_voices_of_a_language_only_allowed_ones_speak() -> None:
    voices = index(LIN, MEI, AMY)
    assert who(voices, MIXED)[0][0] == "lin:speaker0"
    assert who(voices, MIXED, allowed_voices=frozenset({"mei", "amy"})) == [
        ("mei", "我们用 "),
        ("amy", "Python "),
        ("mei", "写代码。"),
    ]


@pytest.mark.parametrize("speaker", range(4))
def test_every_speaker_is_one_of_the_allowed(speaker: int) -> None:
    allowed = frozenset({"lin:speaker1", "mei"})
    ((voice, _),) = who(index(LIN, MEI), MIXED, speaker_id=speaker, allowed_voices=allowed)
    assert voice in allowed


def test_a_route_to_a_voice_that_is_not_allowed_is_passed_over() -> None:
    routes = {("zh", 0): "lin:speaker3"}
    assert who(index(LIN, MEI), MIXED, routes=routes, allowed_voices=frozenset({"mei"}))[0][0] == "mei"


def test_a_stretch_without_an_allowed_voice_is_read_with_an_accent() -> None:
    assert who(index(MEI, AMY), MIXED, allowed_voices=frozenset({"mei"})) == [("mei", MIXED.text)]


@pytest.mark.parametrize("task", [{}, {"voice": "mei"}], ids=["chosen", "named"])
@pytest.mark.parametrize("allowed", [frozenset(), frozenset({"amy", "gone"})], ids=["none", "another"])
def test_where_no_allowed_voice_speaks_the_language_nobody_does(
    allowed: frozenset[str], task: dict[str, object]
) -> None:
    with pytest.raises(NoVoice):
        who(index(MEI, AMY), RUSSIAN, allowed_voices=allowed, **task)


def test_lists_do_not_mix() -> None:
    voices = index(LIN, MEI, AMY)
    for allowed, speaks in (("mei", "mei"), ("lin:speaker2", "lin:speaker2")) * 2:
        assert who(voices, LETTER, allowed_voices=frozenset({allowed}))[0][0] == speaks
