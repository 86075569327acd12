"""SSML and dictionaries through the whole system, as they are heard."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.e2e.test_isolation import manage
from tests.e2e.test_speech import decoded
from tests.system import System, problem_of

SILENT = 10 ** (-60 / 20)
"""Full scale is 1.0: nothing an engine says stays below this for long."""


def silences(samples: NDArray[np.float32], rate: int, *, longer_than_seconds: float) -> list[float]:
    """Lengths in seconds of the stretches of `samples` that are silent, in order."""
    loud = np.flatnonzero(np.abs(samples) > SILENT)
    edges = np.concatenate(([-1], loud, [len(samples)]))
    lengths = (np.diff(edges) - 1) / rate
    return [float(length) for length in lengths if length > longer_than_seconds]


def test_a_break_is_heard_as_silence_of_its_length(system: System) -> None:
    ssml = '<speak>今天天气很好，<break time="2s"/>我们去公园。<break time="700ms"/>走吧！</speak>'
    response = system.post(json={"ssml": ssml})
    assert response.status_code == 200, response.text
    assert response.headers["X-Voxgate-Characters"] == "16"
    samples, rate = decoded(response.content)
    assert silences(samples, rate, longer_than_seconds=0.5) == pytest.approx([2.0, 0.7], abs=0.1)


def test_breaks_last_as_long_at_any_speed_and_at_either_end(system: System) -> None:
    ssml = '<speak><break time="1s"/>你好<break time="1.5s"/></speak>'
    samples, rate = decoded(system.post(json={"ssml": ssml, "speed": 2.0}).content)
    assert silences(samples, rate, longer_than_seconds=0.5) == pytest.approx([1.0, 1.5], abs=0.1)


def test_rates_change_how_long_the_words_take(system: System) -> None:
    def seconds(rate: str) -> float:
        ssml = f'<speak><prosody rate="{rate}">今天天气很好，我们去公园散步。</prosody></speak>'
        return float(system.post(json={"ssml": ssml}).headers["X-Voxgate-Audio-Seconds"])

    slow, normal, fast = seconds("x-slow"), seconds("medium"), seconds("x-fast")
    assert slow > 1.4 * normal > 1.8 * fast


def test_what_is_on_record_is_the_document_as_sent(system: System) -> None:
    ssml = '<speak>你好<break time="500ms"/>世界</speak>'
    # A tenant of its own: other tests give `demo` a dictionary.
    manage(system, "create_tenant", "rita")
    headers = {"Authorization": f"Bearer {manage(system, 'issue_key', 'rita', 'app')}"}
    response = system.post(json={"ssml": ssml}, headers=headers)
    request = UUID(response.headers["Content-Location"].split("/")[3])
    assert system.sql(
        "SELECT text, is_ssml, characters, lexicon_version FROM tts_synthesisrequest WHERE id = %s", request
    ) == [(ssml, True, 4, None)]


def test_directions_that_are_not_known_are_refused_by_name(system: System) -> None:
    problem = problem_of(system.post(json={"ssml": "<speak><emphasis>你好</emphasis></speak>"}))
    (error,) = problem["errors"]
    assert (error["field"], error["code"]) == ("ssml", "ssml_element")
    assert "<emphasis>" in error["message"]


def test_a_dictionary_is_heard_from_the_next_request_on(system: System, tmp_path: Path) -> None:
    manage(system, "create_tenant", "dora")
    key = manage(system, "issue_key", "dora", "dora's app")

    def speak() -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {key}"}
        response = system.session.post(
            system.base_url + "/api/tts", json={"text": "我用SQL。"}, headers=headers, timeout=40
        )
        assert response.status_code == 200, response.text
        return int(response.headers["Content-Length"]), response.content

    plain, _ = speak()
    words = tmp_path / "words.csv"
    words.write_text("written,spoken\nSQL,结构化查询语言结构化查询语言\n", encoding="utf-8")
    assert manage(system, "pronunciations", "import", "dora", str(words)).startswith("1 created")
    longer, audio = speak()
    assert longer > 1.5 * plain
    assert speak() == (longer, audio)
    rows = system.sql(
        "SELECT lexicon_version FROM tts_synthesisrequest r JOIN accounts_tenant t ON t.id = r.tenant_id"
        " WHERE t.slug = 'dora' ORDER BY r.created_at"
    )
    assert rows == [(None,), (1,), (1,)]
