"""The main job: a request in, speech out, on record."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import soundfile

from tests.speech_checks import pitch_hz, timbre_distance_db
from tests.system import System

ARTICLE: dict[str, Any] = {"text": "今天的温度是35℃!!!", "speaker_id": 0, "speed": 1.0, "format": "wav"}
MEDIA_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "pcm": "audio/L16; rate=22050; channels=1",
}
FILE_SAYS = {"wav": "WAVE audio", "mp3": "MPEG ADTS", "ogg": "Ogg data", "flac": "FLAC audio"}


def decoded(content: bytes, audio_format: str = "wav") -> tuple[np.ndarray, int]:
    if audio_format == "pcm":
        return np.frombuffer(content, "<i2").astype(np.float32) / 32768, 22050
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return samples, rate


@pytest.mark.parametrize("audio_format", list(MEDIA_TYPES))
@pytest.mark.parametrize(
    "text", ["今天的温度是35℃!!!", "The quick brown fox.", "打开 iPhone 15 的 settings 页面。"]
)
def test_every_format_plays(system: System, tmp_path: Path, text: str, audio_format: str) -> None:
    response = system.post(json=ARTICLE | {"text": text, "format": audio_format})

    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == MEDIA_TYPES[audio_format]
    assert int(response.headers["Content-Length"]) == len(response.content)
    samples, rate = decoded(response.content, audio_format)
    seconds = float(response.headers["X-Voxgate-Audio-Seconds"])
    assert len(samples) / rate == pytest.approx(seconds, abs=0.15)
    assert 0.5 < seconds < 15
    assert np.abs(samples).max() > 0.05
    said = FILE_SAYS.get(audio_format)
    program = shutil.which("file")
    if said and program:
        path = tmp_path / f"hello.{audio_format}"
        path.write_bytes(response.content)
        assert said in subprocess.run([program, path], capture_output=True, text=True, check=True).stdout


def test_the_answer_tells_who_spoke(system: System) -> None:
    headers = system.post(json=ARTICLE, headers={"X-Request-ID": "my-id-1"}).headers
    assert headers["X-Request-ID"] == "my-id-1"
    assert headers["X-Voxgate-Engine"] == "espeak"
    assert headers["X-Voxgate-Voice"] == "espeak-female-clear"
    assert headers["X-Voxgate-Fallback"] == "no-voice"
    assert headers["X-Voxgate-Cache"] == "miss"
    assert headers["X-Voxgate-Characters"] == "12"
    assert float(headers["X-Voxgate-Synthesis-Seconds"]) > 0


def test_the_four_speakers_sound_different(system: System) -> None:
    for text in ("今天天气很好，我们去公园散步。", "It is a fine day for a walk in the park."):
        voices = [decoded(system.post(json={"text": text, "speaker_id": n}).content) for n in range(4)]
        pitches = [pitch_hz(samples, rate) for samples, rate in voices]
        assert min(pitches[:2]) > 1.2 * max(pitches[2:]), pitches
        for one in range(4):
            for other in range(one):
                distance = timbre_distance_db(voices[one][0], voices[other][0], voices[0][1])
                assert distance > 1.0, (one, other, distance)


def test_speed_changes_the_length(system: System) -> None:
    seconds = [
        float(system.speak("今天天气很好，我们去公园散步。", speed=speed).headers["X-Voxgate-Audio-Seconds"])
        for speed in (0.5, 1.0, 2.0)
    ]
    assert seconds[0] > 1.5 * seconds[1] > 2.0 * seconds[2]


def test_the_sample_rate_asked_for_is_delivered(system: System) -> None:
    for rate in (8000, 16000, 22050, 24000, 44100, 48000):
        assert decoded(system.speak("你好", sample_rate=rate).content)[1] == rate


def test_a_request_and_its_audio_are_on_record(system: System) -> None:
    response = system.post(json=ARTICLE | {"reference": "cost-centre-7"})
    where = response.headers["Content-Location"]

    record = system.get(where.removesuffix("/audio")).json()
    assert record["status"] == "succeeded"
    assert record["reference"] == "cost-centre-7"
    assert record["characters"] == 12
    assert [attempt["outcome"] for attempt in record["attempts"]] == ["no-voice", "succeeded"]
    assert record["audio_bytes"] == len(response.content)
    assert UUID(record["id"]).version == 7

    again = system.get(where)
    assert again.content == response.content
    assert again.headers["Content-Type"] == "audio/wav"


def test_one_usage_event_and_a_timeline_are_written(system: System) -> None:
    response = system.post(json=ARTICLE)
    request = UUID(response.headers["Content-Location"].split("/")[3])
    ((characters, engine, audio_seconds),) = system.sql(
        "SELECT characters, engine, audio_seconds FROM tts_usageevent WHERE request_id = %s", request
    )
    assert (characters, engine) == (12, "espeak")
    assert float(audio_seconds) == pytest.approx(
        float(response.headers["X-Voxgate-Audio-Seconds"]), abs=0.001
    )
    names = [
        name
        for (name,) in system.sql(
            "SELECT name FROM tts_requestevent WHERE request_id = %s ORDER BY id", request
        )
    ]
    assert names == [
        "received",
        "claimed",
        "attempt",
        "attempt",
        "encoded",
        "stored",
        "succeeded",
        "delivered",
    ]


def test_parts_of_stored_audio_can_be_fetched(system: System) -> None:
    response = system.post(json=ARTICLE)
    where = response.headers["Content-Location"]
    part = system.get(where, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == response.content[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(response.content)}"
    assert system.get(where, headers={"Range": "bytes=-50"}).content == response.content[-50:]
    beyond = system.get(where, headers={"Range": f"bytes={len(response.content)}-"})
    assert beyond.status_code == 416
    unchanged = system.get(where, headers={"If-None-Match": part.headers["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_voices_are_listed(system: System) -> None:
    voices = {voice["id"]: voice for voice in system.get("/api/voices").json()["voices"]}
    calm = voices["espeak-male-calm"]
    assert calm["state"] == "ready"
    assert calm["speaker_id"] == 2
    assert "zh-CN" in calm["languages"]
    spoken = system.speak("你好", voice="espeak-male-calm")
    assert spoken.headers["X-Voxgate-Voice"] == "espeak-male-calm"
    assert spoken.headers["X-Voxgate-Fallback"] == "requested"


def test_the_preview_shows_what_will_be_said(system: System) -> None:
    preview = system.post("/api/text/preview", json={"text": "单价12,000元/平方米"}).json()
    assert preview["normalized"] == "单价一万二千元每平方米"
    assert preview["characters"] == 13
    assert preview["steps"]
    assert "".join(run["text"] for run in preview["runs"]) == preview["normalized"]


def test_callers_without_a_key_act_as_the_demo_tenant(system: System) -> None:
    response = system.session.post(system.base_url + "/api/tts", json=ARTICLE, timeout=40)
    assert response.status_code == 200


def test_ten_requests_go_in_and_ten_come_back(system: System) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: system.speak(f"这是第{n}个请求。"), range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.headers["Content-Location"] for answer in answers}) == 10


def test_audio_too_large_for_redis_comes_from_storage(system: System) -> None:
    response = system.speak("今天天气很好，我们去公园散步吧。" * 20, speed=0.5)
    assert response.status_code == 200, response.text
    assert len(response.content) > 4 * 2**20
    samples, rate = decoded(response.content)
    assert len(samples) / rate == pytest.approx(float(response.headers["X-Voxgate-Audio-Seconds"]), abs=0.01)
    assert system.get(response.headers["Content-Location"]).content == response.content
