import pytest
from django.test import Client
from django.urls import reverse

from tests.admin_cast import english_client
from tests.cast import Cast
from tests.tts.admin.history import AUDIO, queued, succeeded
from tts.models import SynthesisRequest
from tts.models.request import audio_storage


def audio_of(row: SynthesisRequest) -> str:
    return reverse("admin:tts_synthesisrequest_audio", args=[row.id])


def test_page_plays_the_stored_audio(viewer: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    page = viewer.get(reverse("admin:tts_synthesisrequest_change", args=[row.id])).content.decode()
    answer = viewer.get(audio_of(row))

    assert f'<audio class="player" controls preload="none" src="{audio_of(row)}">' in page
    assert (answer.status_code, answer.content) == (200, AUDIO)
    assert answer["Content-Type"] == "audio/mpeg"
    assert "private" in answer["Cache-Control"]


def test_player_may_ask_for_a_part(viewer: Client, cast: Cast) -> None:
    answer = viewer.get(audio_of(succeeded(cast.alice.tenant)), headers={"range": "bytes=10-19"})

    assert (answer.status_code, answer.content) == (206, AUDIO[10:20])
    assert answer["Content-Range"] == f"bytes 10-19/{len(AUDIO)}"


def test_part_behind_the_end_is_refused(viewer: Client, cast: Cast) -> None:
    answer = viewer.get(audio_of(succeeded(cast.alice.tenant)), headers={"range": f"bytes={len(AUDIO)}-"})

    assert answer.status_code == 416


def test_bare_samples_are_offered_for_download_only(viewer: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, audio_format="pcm")
    page = viewer.get(reverse("admin:tts_synthesisrequest_change", args=[row.id])).content.decode()

    assert f'<a href="{audio_of(row)}" download="voxgate-{row.pk}.pcm">' in page
    assert "<audio" not in page


def test_audio_that_was_never_kept_or_is_gone_is_not_found(viewer: Client, cast: Cast) -> None:
    gone = succeeded(cast.alice.tenant)
    audio_storage().delete(str(gone.audio.name))

    for row in (gone, succeeded(cast.alice.tenant, audio=None), queued(cast.alice.tenant)):
        assert viewer.get(audio_of(row)).status_code == 404


def test_audio_of_an_unknown_request_is_not_found(viewer: Client) -> None:
    url = reverse("admin:tts_synthesisrequest_audio", args=["00000000-0000-7000-8000-000000000000"])

    assert viewer.get(url).status_code == 404


@pytest.mark.parametrize("exists", [True, False])
def test_audio_is_closed_to_staff_without_the_permission(outsider: Client, cast: Cast, exists: bool) -> None:
    row = succeeded(cast.alice.tenant)
    if not exists:
        row.id = cast.alice.tenant.id

    assert outsider.get(audio_of(row)).status_code == 403


def test_audio_sends_the_anonymous_to_log_in(cast: Cast) -> None:
    answer = english_client().get(audio_of(succeeded(cast.alice.tenant)))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")
