"""Staff who read a text or listen to audio are on record, once for each time."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from tests.cast import Cast
from tests.tts.admin.history import AUDIO, succeeded
from tts.models import SynthesisRequest

TEXT = "nobody else's business"


@pytest.fixture
def row(cast: Cast) -> SynthesisRequest:
    return succeeded(cast.alice.tenant, text=TEXT)


def told(row: SynthesisRequest) -> list[str]:
    events = AuditEvent.objects.of(row.tenant).filter(target_id=str(row.pk))
    return list(events.order_by("id").values_list("action", flat=True))


def audio(client: Client, row: SynthesisRequest, **headers: str) -> int:
    return client.get(reverse("admin:tts_synthesisrequest_audio", args=[row.pk]), headers=headers).status_code


def page(client: Client, row: SynthesisRequest) -> int:
    return client.get(reverse("admin:tts_synthesisrequest_change", args=[row.pk])).status_code


def test_each_view_of_a_text_is_an_event_that_names_the_request_and_nothing_of_it(
    viewer: Client, row: SynthesisRequest
) -> None:
    assert [page(viewer, row) for _ in range(2)] == [200, 200]

    assert told(row) == ["request.text"] * 2
    event = AuditEvent.objects.of(row.tenant).filter(action="request.text")[0]
    assert (event.actor_kind, event.actor_name, event.target_kind) == ("user", "viewer", "synthesisrequest")
    assert (event.address, event.tenant_slug) == ("127.0.0.1", "alice")
    assert event.request_id
    assert TEXT not in str(AuditEvent.all_tenants.values_list())


def test_to_open_a_page_is_not_to_listen(viewer: Client, row: SynthesisRequest) -> None:
    page(viewer, row)
    assert told(row) == ["request.text"]


def test_a_text_that_is_gone_is_not_read(viewer: Client, row: SynthesisRequest) -> None:
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(text="")
    page(viewer, row)
    assert told(row) == []


def test_each_listening_is_one_event_however_a_player_fetches_it(
    viewer: Client, row: SynthesisRequest
) -> None:
    assert audio(viewer, row, range="bytes=0-") == 206
    for part in ("bytes=10-19", "bytes=-5", "bytes=500-"):
        assert audio(viewer, row, range=part) == 206
    assert told(row) == ["request.audio"]
    assert audio(viewer, row) == 200
    assert told(row) == ["request.audio"] * 2


def test_who_starts_in_the_middle_is_told_of_too(viewer: Client, root: Client, row: SynthesisRequest) -> None:
    audio(viewer, row, range="bytes=1-")
    assert told(row) == ["request.audio"]
    audio(root, row, range="bytes=1-")
    assert told(row) == ["request.audio"] * 2


def test_a_listening_of_long_ago_covers_no_further_part(
    viewer: Client, row: SynthesisRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio(viewer, row)
    monkeypatch.setattr("tts.services.looking.LISTENING", timedelta(0))
    audio(viewer, row, range="bytes=1-")
    assert told(row) == ["request.audio"] * 2


def test_a_browser_that_has_the_audio_is_told_of(viewer: Client, row: SynthesisRequest) -> None:
    assert audio(viewer, row, **{"if-none-match": "*"}) == 304
    assert told(row) == ["request.audio"]


def test_who_is_given_nothing_heard_nothing(viewer: Client, outsider: Client, row: SynthesisRequest) -> None:
    assert audio(viewer, row, range=f"bytes={len(AUDIO)}-") == 416
    assert audio(outsider, row) == 403
    assert page(outsider, row) == 403
    assert told(row) == []


def test_what_cannot_be_told_is_not_shown(
    viewer: Client, row: SynthesisRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_arguments: object) -> None:
        raise OSError("the log is away")

    monkeypatch.setattr("tts.services.looking.audit_write", broken)
    viewer.raise_request_exception = False
    assert (audio(viewer, row), page(viewer, row)) == (500, 500)
