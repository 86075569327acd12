"""A fresh Voxgate speaks with the voices it came with, and routes and dictionaries reach them."""

from collections.abc import Iterator

import pytest

from tests.system import System, running_system

CLEAR = "voxgate-starter-zh:female-clear"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    names = "voxgate-starter-en,voxgate-starter-zh"
    with running_system(tmp_path_factory.mktemp("fresh") / "data", VOXGATE_STARTER_VOICES=names) as system:
        yield system


def heard(system: System, text: str, **fields: object) -> tuple[str, str, str]:
    """(engine, voice, fallback) of an answer."""
    response = system.speak(text, **fields)
    assert response.status_code == 200, response.text
    return tuple(response.headers[f"X-Voxgate-{name}"] for name in ("Engine", "Voice", "Fallback"))  # type: ignore[return-value]  # three of them


@pytest.mark.parametrize(
    ("speaker_id", "name"), [(0, "female-clear"), (1, "female-warm"), (2, "male-calm"), (3, "male-lively")]
)
def test_each_speaker_has_a_voice_in_both_languages(fresh: System, speaker_id: int, name: str) -> None:
    assert heard(fresh, "今天天气很好。", speaker_id=speaker_id) == (
        "onnx",
        f"voxgate-starter-zh:{name}",
        "none",
    )
    assert heard(fresh, "Good morning.", speaker_id=speaker_id) == (
        "onnx",
        f"voxgate-starter-en:{name}",
        "none",
    )


def test_a_mixed_sentence_stays_with_one_voice(fresh: System) -> None:
    assert heard(fresh, "我们用 Python 写代码。") == ("onnx", CLEAR, "none")


def test_only_the_sentence_without_a_voice_goes_to_the_fallback(fresh: System) -> None:
    assert heard(fresh, "你好。Привет, мир. 再见。") == ("onnx", f"{CLEAR},espeak-female-clear", "no-voice")


def test_the_same_request_gives_the_same_audio_on_every_worker(fresh: System) -> None:
    answers = {fresh.speak("同样的话，同样的声音。").content for _ in range(8)}
    assert len(answers) == 1


def test_a_route_of_the_tenant_takes_the_next_request(fresh: System) -> None:
    fresh.sql(
        "INSERT INTO tts_voiceroute (tenant_id, language, speaker_id, voice_id, updated_at)"
        " SELECT id, 'zh', 1, 'voxgate-starter-zh:male-calm', now() FROM accounts_tenant WHERE slug = 'demo'"
        " RETURNING id"
    )
    assert heard(fresh, "今天天气很好。", speaker_id=1)[1] == "voxgate-starter-zh:male-calm"
    assert heard(fresh, "今天天气很好。", speaker_id=0)[1] == CLEAR


def test_a_long_text_is_spoken_whole_and_in_time(fresh: System) -> None:
    text = "春天来了，小河边的柳树发芽了，孩子们在草地上放风筝。" * 30
    # From a second length each worker learns what every request costs and what every character does.
    for _ in range(6):
        heard(fresh, text[:60])
    response = fresh.speak(text[:800])
    assert response.status_code == 200
    assert response.headers["X-Voxgate-Engine"] == "onnx"
    assert 100 < float(response.headers["X-Voxgate-Audio-Seconds"]) < 400
