from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from tests.admin_cast import client_of, operator, staff
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
    # Session, user, engines of the filter, count, rows, ids of the voices for the catalogue below.
    with django_assert_num_queries(6):
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


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (VoiceState.LOADING, "ready in a moment"),
        (VoiceState.MISSING, "install it again"),
        (VoiceState.CORRUPT, "tells which file is damaged"),
        (VoiceState.INCOMPATIBLE, "another export"),
    ],
)
def test_list_tells_what_to_do_about_a_voice_that_does_not_speak(
    root: Client, state: VoiceState, advice: str
) -> None:
    Voice.objects.filter(pk="zh_CN-a").update(state=state)

    assert advice in root.get(LIST).content.decode()
    assert advice in root.get(reverse("admin:tts_voice_change", args=["zh_CN-a"])).content.decode()


def test_a_voice_that_is_switched_off_says_so_instead_of_ready(root: Client) -> None:
    switch(root, "switch_off", "zh_CN-a")
    page = root.get(LIST).content.decode()

    assert "Switch it on with the action" in page
    assert '<span class="mark mark-good">ready</span>' not in page


def test_voices_of_the_catalogue_are_offered_with_licence_and_command(root: Client) -> None:
    page = root.get(LIST).content.decode()

    assert "manage.py voices install zh_CN-huayan-medium<" in page
    assert "manage.py voices install en_US-ryan-medium --accept-licence" in page
    assert "CC BY-NC-SA 4.0, see the model card" in page
    assert "★ vits-melo-tts-zh_en" in page


def test_installed_voices_of_the_catalogue_are_marked(root: Client) -> None:
    voices_sync(
        engine="onnx",
        found=[
            VoiceInfo("zh_CN-huayan-medium", "h", ("zh-CN",), "", "onnx", 22050, "", 0, VoiceState.CORRUPT),
            VoiceInfo("kokoro-multi-lang-v1_0:af", "k", ("en",), "", "onnx", 24000, "", 1, VoiceState.READY),
        ],
    )
    page = root.get(LIST).content.decode()

    for name in ("zh_CN-huayan-medium", "kokoro-multi-lang-v1_0"):
        assert f"voices install {name}<" not in page
    assert page.count(">installed<") == 2
    voices_sync(engine="onnx", found=[])
    assert "voices install zh_CN-huayan-medium<" in root.get(LIST).content.decode()


def test_a_broken_catalogue_is_told_and_breaks_nothing(
    root: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.VOICES_CATALOGUE = tmp_path / "none.json"
    response = root.get(LIST)

    assert response.status_code == 200
    assert "none.json cannot be read" in response.content.decode()
    assert "zh_CN-a" in response.content.decode()


def test_switch_needs_the_change_permission(root: Client) -> None:
    viewer = client_of(staff("viewer", "tts.view_voice"))
    tenants_own = client_of(staff("developer", "tts.view_voice", "tts.change_voice"))
    operators = client_of(operator("operator", "tts.view_voice", "tts.change_voice"))

    assert "switch_off" not in viewer.get(LIST).content.decode()
    switch(viewer, "switch_off", "zh_CN-a")
    assert voices_disabled() == frozenset()
    switch(tenants_own, "switch_off", "zh_CN-a")
    assert voices_disabled() == frozenset()
    switch(operators, "switch_off", "zh_CN-a")
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
