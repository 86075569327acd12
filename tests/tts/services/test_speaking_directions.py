"""What reaches an engine of SSML, dictionaries and switched-off features."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.engines_for_tests import FailingEngine, TestEngine
from tests.tts.rows import admitted, fresh
from tts.engines.base import CancelToken, Deadline, Speech, SpeechTask
from tts.engines.chain import EngineChain
from tts.models import SynthesisRequest
from tts.services.lexicons import entry_create, entry_update
from tts.services.speaking import request_speak
from tts.services.states import request_claim
from tts.text import Sentence
from tts.text.lexicon import Kind, LexiconEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis", "audio_folder")]

SQL = LexiconEntry("SQL", "sequel")


class ListeningEngine(TestEngine):
    """Remembers what it was asked to say."""

    def __init__(self) -> None:
        self.sentences: tuple[Sentence, ...] = ()

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self.sentences = task.sentences
        return super().speak(task, deadline=deadline, cancel=cancel)


def heard(row: SynthesisRequest) -> tuple[Sentence, ...]:
    engine = ListeningEngine()
    claimed = request_claim(request_id=row.id, worker="one.1", now=timezone.now())
    assert claimed is not None
    request_speak(row=claimed, chain=EngineChain(engine, FailingEngine()))
    assert fresh(row).status == SynthesisRequest.Status.SUCCEEDED
    return engine.sentences


def test_ssml_reaches_the_engine_as_sentences_with_breaks_and_rates(cast: Cast) -> None:
    ssml = '<speak>你好<break time="2s"/><prosody rate="fast">世界3/4</prosody></speak>'
    first, second = heard(admitted(cast.alice, text=ssml, is_ssml=True))
    assert (first.text, second.text) == ("你好", "世界四分之三")
    assert (second.break_before_seconds, second.rate) == (2.0, 1.4)


def test_text_that_looks_like_ssml_is_text(cast: Cast) -> None:
    (sentence,) = heard(admitted(cast.alice, text="你好 5 < 6 break", characters=5))
    assert sentence.break_before_seconds == 0.0


def test_the_dictionary_of_the_moment_of_acceptance_is_spoken(cast: Cast) -> None:
    now = timezone.now()
    row = entry_create(tenant=cast.alice.tenant, entry=SQL, now=now)
    request = admitted(cast.alice, text="用SQL")
    entry_update(row=row, entry=replace(SQL, spoken="squirrel"), now=now)
    later = admitted(cast.alice, text="用SQL")
    assert [heard(one)[0].text for one in (request, later)] == ["用sequel", "用squirrel"]
    assert heard(admitted(cast.bob, text="用SQL"))[0].text == "用SQL"


def test_phonemes_reach_the_engine_beside_the_text(cast: Cast) -> None:
    entry = LexiconEntry("Voxgate", "vˈɒksɡeɪt", Kind.PHONEMES)
    entry_create(tenant=cast.alice.tenant, entry=entry, now=timezone.now())
    (sentence,) = heard(admitted(cast.alice, text="用Voxgate"))
    assert [(run.text, run.phonemes) for run in sentence.runs] == [("用", ""), ("Voxgate", "vˈɒksɡeɪt")]


def test_features_that_are_off_are_off_in_workers(cast: Cast, settings: Settings) -> None:
    settings.TTS_TEXT_OFF = frozenset({"fractions", "numbers"})
    assert heard(admitted(cast.alice, text="你好3/4"))[0].text != "你好四分之三"
