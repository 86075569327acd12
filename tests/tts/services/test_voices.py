from dataclasses import replace
from functools import partial

import pytest
from django.db import OperationalError

from tests.cast import Cast
from tests.outages import database_away
from tests.tts.rows import caller, together
from tts import selectors
from tts.api.problems import InvalidRequest
from tts.api.serializers import SpeechSerializer
from tts.models import Voice
from tts.services.voices import voice_switch, voices_disabled, voices_offered, voices_sync
from tts.voices.voice import VoiceInfo, VoiceState

ANNA = VoiceInfo("anna", "Anna", ("zh-CN", "en-US"), "female", "onnx", 22050, "CC0", 0, VoiceState.READY)
BERT = replace(ANNA, id="bert", name="Bert", gender="male", speaker_id=7)
FOUND = (BERT, ANNA)


def states() -> dict[str, str]:
    return dict(Voice.objects.values_list("id", "state"))


@pytest.mark.django_db
def test_what_was_found_is_on_record_however_often() -> None:
    for _ in range(3):
        voices_sync(engine="onnx", found=FOUND)
    rows = Voice.objects.order_by("id").values_list(
        "id", "name", "languages", "speaker_id", "enabled", "state"
    )
    assert list(rows) == [
        ("anna", "Anna", ["zh-CN", "en-US"], 0, True, "ready"),
        ("bert", "Bert", ["zh-CN", "en-US"], 7, True, "ready"),
    ]


@pytest.mark.django_db
def test_what_vanished_is_missing_and_comes_back() -> None:
    voices_sync(engine="onnx", found=FOUND)
    voices_sync(engine="onnx", found=(ANNA,))
    assert states() == {"anna": "ready", "bert": "missing"}
    voices_sync(engine="onnx", found=())
    assert states() == {"anna": "missing", "bert": "missing"}
    voices_sync(engine="onnx", found=FOUND)
    assert states() == {"anna": "ready", "bert": "ready"}
    assert not Voice.objects.exclude(problem="").exists()


@pytest.mark.django_db
def test_engines_leave_each_others_voices_alone() -> None:
    voices_sync(engine="onnx", found=FOUND)
    voices_sync(engine="espeak", found=(replace(ANNA, id="calm", engine="espeak"),))
    voices_sync(engine="onnx", found=())
    assert states() == {"anna": "missing", "bert": "missing", "calm": "ready"}
    assert selectors.engines_known() == ["espeak", "onnx"]
    assert [voice.id for voice in selectors.voices_listed()] == ["calm", "anna", "bert"]


@pytest.mark.django_db
def test_a_switch_is_the_operators_and_survives_what_is_found() -> None:
    voices_sync(engine="onnx", found=FOUND)
    voice_switch(voice=Voice.objects.get(pk="anna"), enabled=False)
    voices_sync(engine="onnx", found=(replace(ANNA, state=VoiceState.DISABLED), BERT))
    row = Voice.objects.get(pk="anna")
    assert (row.enabled, row.state) == (False, "ready")
    assert voices_disabled() == {"anna"}
    voice_switch(voice=row, enabled=True)
    assert voices_disabled() == frozenset()


@pytest.mark.django_db
def test_a_long_problem_is_cut_to_what_its_column_holds() -> None:
    voices_sync(engine="onnx", found=(replace(ANNA, state=VoiceState.CORRUPT, problem="x" * 900),))
    assert len(Voice.objects.get().problem) == 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unfit", "error"),
    [
        (replace(BERT, gender="nonbinary"), "DataError"),
        (replace(BERT, licence="x" * 201), "DataError"),
        (replace(BERT, name="a\0b"), "DataError"),
        (replace(BERT, name="\ud800"), "UnicodeEncodeError"),
        (replace(BERT, sample_rate=-1), "IntegrityError"),
    ],
)
def test_a_voice_the_database_refuses_stops_no_other(
    unfit: VoiceInfo, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    voices_sync(engine="onnx", found=(replace(ANNA, id="gone"),))
    voices_sync(engine="onnx", found=(ANNA, unfit, replace(ANNA, id="carl")))
    assert states() == {"anna": "ready", "carl": "ready", "gone": "missing"}
    assert [record.getMessage() for record in caplog.records] == [f"voice 'bert' is not recorded: {error}"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with database_away(), pytest.raises(OperationalError):
        voices_sync(engine="onnx", found=FOUND)
    assert caplog.records == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_find_the_same_at_once_do_not_quarrel() -> None:
    many = [replace(ANNA, id=f"voice-{number:02}") for number in range(40)]
    for backwards in (False, True):
        found = many[::-1] if backwards else many
        together(
            *[partial(voices_sync, engine="onnx", found=found)] * 4,
            *[partial(voices_sync, engine="onnx", found=many)] * 4,
        )
    assert states() == {voice.id: "ready" for voice in many}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "enabled", "usable"),
    [
        (VoiceState.READY, True, True),
        (VoiceState.LOADING, True, True),
        (VoiceState.MISSING, True, False),
        (VoiceState.READY, False, False),
    ],
)
def test_a_request_may_name_what_is_there_and_switched_on(
    cast: Cast, state: VoiceState, enabled: bool, usable: bool
) -> None:
    voices_sync(engine="onnx", found=(replace(ANNA, state=state),))
    voice_switch(voice=Voice.objects.get(), enabled=enabled)
    serializer = SpeechSerializer(caller=caller(cast.alice), data={"text": "你好", "voice": "anna"})
    if usable:
        assert serializer.parameters().voice == "anna"
    else:
        with pytest.raises(InvalidRequest) as refused:
            serializer.parameters()
        assert [error.code for error in refused.value.errors] == ["voice_unavailable"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "exists"), [(0, True), (7, True), (3, False), (-1, False), (2**15, False), (2**70, False)]
)
def test_speaker_numbers_are_those_of_voices(number: int, exists: bool) -> None:
    voices_sync(engine="onnx", found=FOUND)
    assert selectors.speaker_exists(speaker_id=number) is exists


@pytest.mark.django_db
def test_the_catalogue_knows_what_workers_found() -> None:
    first, second, third = [offer.voice.name for offer in voices_offered()][:3]
    voices_sync(
        engine="onnx",
        found=[
            replace(ANNA, id=first),
            replace(ANNA, id=f"{second}:speaker", state=VoiceState.INCOMPATIBLE),
            replace(ANNA, id=third, state=VoiceState.MISSING),
        ],
    )
    assert [offer.is_installed for offer in voices_offered()][:3] == [True, True, False]
