import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.admin_cast import client_of, staff
from tts.models import Voice
from tts.services.voices import voices_disabled, voices_sync
from tts.voices.voice import VoiceInfo, VoiceState

LIST = "/admin/tts/voice/"


@pytest.fixture(autouse=True)
def voices(db: None) -> None:
    found = [
        VoiceInfo(
            "zh_CN-a", "A", ("zh-CN", "en"), "female", "piper", 22050, "CC BY 4.0", 0, VoiceState.READY
        ),
        VoiceInfo("en:1", "B", ("en-US",), "", "piper", 16000, "", 1, VoiceState.CORRUPT, "checksum differs"),
    ]
    voices_sync(engine="piper", found=found)


def switch(client: Client, action: str, *ids: str) -> int:
    return client.post(LIST, {"action": action, "_selected_action": list(ids)}).status_code


def test_list_tells_state_problem_languages_and_licence(root: Client) -> None:
    page = root.get(LIST).content.decode()

    for shown in ("zh_CN-a", "zh-CN, en", "CC BY 4.0", "ready", "corrupt", "checksum differs"):
        assert shown in page


def test_list_takes_the_same_queries_for_any_number_of_voices(
    root: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Session, user, engines of the filter, count, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_switch_takes_a_voice_out_of_service_and_back(root: Client) -> None:
    assert switch(root, "switch_off", "zh_CN-a", "en:1") == 302
    assert voices_disabled() == {"zh_CN-a", "en:1"}
    assert switch(root, "switch_on", "en:1") == 302
    assert voices_disabled() == {"zh_CN-a"}
    told = list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))
    assert told == ["switched off", "switched off", "switched on"]


def test_switching_what_is_switched_already_changes_nothing(root: Client) -> None:
    switch(root, "switch_on", "zh_CN-a")

    assert not LogEntry.objects.exists()
    assert "0 voices switched on." in root.get(LIST).content.decode()


def test_switch_needs_the_change_permission(root: Client) -> None:
    viewer = client_of(staff("viewer", "tts.view_voice"))
    operator = client_of(staff("operator", "tts.view_voice", "tts.change_voice"))

    assert "switch_off" not in viewer.get(LIST).content.decode()
    switch(viewer, "switch_off", "zh_CN-a")
    assert voices_disabled() == frozenset()
    switch(operator, "switch_off", "zh_CN-a")
    assert voices_disabled() == {"zh_CN-a"}


def test_nobody_adds_edits_or_deletes_voices(root: Client) -> None:
    url = reverse("admin:tts_voice_change", args=["zh_CN-a"])

    assert root.get(f"{LIST}add/").status_code == 403
    assert root.get(url).status_code == 200
    assert root.post(url, {"name": "other"}).status_code == 403
    assert root.post(reverse("admin:tts_voice_delete", args=["zh_CN-a"]), {"post": "yes"}).status_code == 403
    assert Voice.objects.get(pk="zh_CN-a").name == "A"


def test_outsider_sees_no_voices(outsider: Client) -> None:
    assert outsider.get(LIST).status_code == 403
    assert switch(outsider, "switch_off", "zh_CN-a") == 403
