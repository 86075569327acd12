"""Run again, compare, cancel, delete: by whom, of whose, and what is left behind."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, UsagePeriod
from accounts.roles import Role
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, member_of, operator, superuser
from tests.cast import Cast, member
from tests.tts.admin.history import queued, succeeded
from tests.tts.rows import queued_jobs
from tts.admin.request_actions import MOST_AT_ONCE
from tts.models import SynthesisRequest, UsageEvent
from tts.services.states import request_cancel

pytestmark = pytest.mark.usefixtures("empty_redis")

LIST = "/admin/tts/synthesisrequest/"
ACTIONS = ("rerun", "compare", "cancel", "erase")
Status = SynthesisRequest.Status


def address(row: SynthesisRequest, action: str) -> str:
    return reverse(f"admin:tts_synthesisrequest_{action}", args=[row.pk])


def made_of(row: SynthesisRequest) -> list[SynthesisRequest]:
    return list(SynthesisRequest.all_tenants.filter(repeats=row).order_by("created_at", "id"))


def told(row: SynthesisRequest) -> list[str]:
    events = AuditEvent.objects.of(row.tenant).filter(target_id=str(row.pk))
    return list(events.order_by("id").values_list("action", flat=True))


def messages(client: Client, row: SynthesisRequest) -> str:
    return (
        client.get(address(row, "change")).content.decode().split('class="messagelist"')[1].split("</ul>")[0]
    )


def fresh(row: SynthesisRequest) -> SynthesisRequest:
    return SynthesisRequest.all_tenants.get(pk=row.pk)


def test_an_operator_s_rerun_is_a_new_request_like_the_old_one_charged_to_nobody(
    root: Client, cast: Cast
) -> None:
    row = succeeded(
        cast.alice.tenant,
        text="今天",
        speed=1.5,
        voice="v",
        speaker_id=None,
        engine="fallback",
        reference="r",
    )
    answer = root.post(address(row, "rerun"))

    (made,) = made_of(row)
    assert answer["Location"] == address(made, "change")
    assert (made.origin, made.status) == ("rerun", Status.QUEUED)
    for name in ("text", "speed", "voice", "speaker_id", "engine", "audio_format", "characters", "reference"):
        assert getattr(made, name) == getattr(row, name), name
    assert made.deadline_at - made.created_at == row.deadline_at - row.created_at
    assert (made.period_id, made.api_key_id, made.client_address) == (None, None, None)
    assert queued_jobs() == [str(made.pk)]
    assert told(row) == ["request.rerun"]


def test_what_an_operator_asked_for_leaves_no_usage(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    root.post(address(row, "rerun"))
    (made,) = made_of(row)
    request_cancel(request_id=made.pk, now=timezone.now())

    assert not UsageEvent.objects.of(made.tenant).filter(request=made.pk).exists()


@pytest.mark.parametrize("role", [Role.DEVELOPER, Role.OWNER])
def test_a_member_s_rerun_is_charged_to_its_tenant(cast: Cast, role: Role) -> None:
    row = succeeded(cast.alice.tenant)
    client_of(member_of(cast.alice.tenant, role)).post(address(row, "rerun"))

    (made,) = made_of(row)
    assert made.period_id is not None
    assert UsagePeriod.objects.of(cast.alice.tenant).get().reserved_characters == row.characters
    assert made.client_address == "127.0.0.1"


def test_a_member_s_rerun_keeps_the_limits(db: None) -> None:
    poor = member("poor", characters_per_month=3)
    row = succeeded(poor.tenant)
    client = client_of(member_of(poor.tenant, Role.OWNER))

    client.post(address(row, "compare"))

    # One of the two fitted; half a comparison is none, and nothing stays reserved.
    assert made_of(row) == []
    assert not UsagePeriod.objects.of(poor.tenant).filter(reserved_characters__gt=0).exists()
    assert "characters of its tenant do not suffice" in messages(client, row)


def test_an_operator_is_not_held_by_the_limits(root: Client, db: None) -> None:
    poor = member("poor", characters_per_month=3)
    row = succeeded(poor.tenant)

    root.post(address(row, "compare"))

    assert len(made_of(row)) == 2


def test_a_comparison_is_a_request_for_each_engine_side_by_side(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant, audio_format="pcm")
    page = root.get(address(row, "compare")).content.decode()
    assert "It has not been compared yet." in page

    answer = root.post(address(row, "compare"))

    made = made_of(row)
    assert answer["Location"] == address(row, "compare")
    assert [(one.engine, one.origin, one.audio_format) for one in made] == [
        ("primary", "comparison", "wav"),
        ("fallback", "comparison", "wav"),
    ]
    assert told(row) == ["request.compare"] * 2
    page = root.get(address(row, "compare")).content.decode()
    for one in made:
        assert f'id="compare-{one.engine}" data-live' in page
        assert f'data-state-url="{address(one, "state")}?part=side"' in page
    state = root.get(f"{address(made[0], 'state')}?part=side").json()
    assert (state["final"], list(state["parts"])) == (False, ["side"])


def test_the_newest_comparison_is_shown(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    for _number in range(2):
        root.post(address(row, "compare"))

    page = root.get(address(row, "compare")).content.decode()
    assert [str(one.pk) in page for one in made_of(row)] == [False, False, True, True]


@pytest.mark.parametrize("action", ["rerun", "compare"])
def test_what_cannot_be_repeated_is_not_and_says_why(root: Client, cast: Cast, action: str) -> None:
    gone, waiting = succeeded(cast.alice.tenant), queued(cast.alice.tenant)
    SynthesisRequest.all_tenants.filter(pk=gone.pk).update(text="")

    for row, reason in ((gone, "Its text is no longer kept"), (waiting, "It has not ended yet")):
        root.post(address(row, action))
        assert made_of(row) == []
        assert reason in messages(root, row)
        assert f"request.{action}" not in told(row)


def test_members_of_a_suspended_tenant_run_nothing(cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    cast.alice.tenant.status = "suspended"
    cast.alice.tenant.save()
    client = client_of(member_of(cast.alice.tenant, Role.OWNER))

    client.post(address(row, "rerun"))

    assert made_of(row) == []
    assert "Its tenant is suspended." in messages(client, row)


def test_without_redis_a_rerun_is_on_record_for_the_sweeper(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = succeeded(cast.alice.tenant)
    monkeypatch.setattr("tts.services.repeating.request_enqueue", lambda *, request_id: False)
    owner = client_of(member_of(cast.alice.tenant, Role.OWNER))

    for client in (root, owner):
        assert client.post(address(row, "rerun")).status_code == 302
    assert [made.status for made in made_of(row)] == [Status.QUEUED] * 2


def test_canceling_asks_first_gives_back_and_is_told(root: Client, cast: Cast) -> None:
    row = queued(cast.alice.tenant)
    page = root.get(address(row, "cancel")).content.decode()
    assert "its characters are given back" in page
    assert fresh(row).status == Status.QUEUED

    root.post(address(row, "cancel"))

    assert fresh(row).status == Status.CANCELED
    assert told(row) == ["request.cancel"]
    root.post(address(row, "cancel"))
    assert "had ended already" in messages(root, row)
    assert told(row).count("request.cancel") == 1


def test_deleting_asks_first_and_leaves_the_record_and_its_usage(root: Client, cast: Cast) -> None:
    row = succeeded(cast.alice.tenant)
    assert "deleted for good" in root.get(address(row, "erase")).content.decode()
    assert fresh(row).text

    root.post(address(row, "erase"))

    left = fresh(row)
    assert (left.text, left.audio.name) == ("", "")
    assert UsageEvent.objects.of(row.tenant).filter(request=row.pk).exists()
    assert root.get(address(row, "audio")).status_code == 404
    assert told(row) == ["request.erase"]


ROLES: dict[Role, set[str]] = {
    Role.VIEWER: set(),
    Role.DEVELOPER: set(ACTIONS),
    Role.OWNER: set(ACTIONS),
}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_it_may(cast: Cast, role: Role, action: str, method: str) -> None:
    """A member with every permission of Django's: the role in the tenant decides."""
    row = succeeded(cast.alice.tenant)
    client = client_of(member_of(cast.alice.tenant, role))

    status = getattr(client, method)(address(row, action)).status_code

    assert status in ((200, 302) if action in ROLES[role] else (403,))
    assert role is not Role.VIEWER or (made_of(row), told(row)) == ([], [])


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_asks_for_its_own_permission(cast: Cast, action: str) -> None:
    row = succeeded(cast.alice.tenant)
    mine = "rerun" if action == "compare" else action
    names = {"rerun", "cancel", "erase"}
    all_but = [f"tts.{name}_synthesisrequest" for name in sorted(names - {mine})]
    client = client_of(operator("op", "tts.view_synthesisrequest", "tts.read_text", *all_but))

    assert client.post(address(row, action)).status_code == 403
    assert f'data-action="{action}"' not in client.get(address(row, "change")).content.decode()
    assert (made_of(row), "request." + mine in told(row)) == ([], False)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_request_is_like_none(cast: Cast, action: str, method: str) -> None:
    row = succeeded(cast.bob.tenant)
    client = client_of(member_of(cast.alice.tenant, Role.OWNER))

    assert getattr(client, method)(address(row, action)).status_code == 404
    assert (made_of(row), told(row), fresh(row).text) == ([], [], row.text)


def test_buttons_are_there_for_who_may_press_them(cast: Cast) -> None:
    done, waiting = succeeded(cast.alice.tenant), queued(cast.alice.tenant)
    found = {}
    for role in Role:
        client = client_of(member_of(cast.alice.tenant, role))
        pages = [client.get(address(row, "change")).content.decode() for row in (done, waiting)]
        found[role] = [{name for name in ACTIONS if f'data-action="{name}"' in page} for page in pages]

    able = [{"rerun", "compare", "erase"}, {"cancel"}]
    assert found == {Role.VIEWER: [set(), set()], Role.DEVELOPER: able, Role.OWNER: able}


def act(client: Client, action: str, rows: list[SynthesisRequest], **more: str) -> int:
    ids = [str(row.pk) for row in rows]
    return client.post(LIST, {"action": action, "_selected_action": ids, **more}).status_code


def test_many_are_canceled_after_a_question(root: Client, cast: Cast) -> None:
    rows = [queued(cast.alice.tenant), queued(cast.bob.tenant), succeeded(cast.bob.tenant)]

    assert act(root, "cancel_selected", rows) == 200
    assert fresh(rows[0]).status == Status.QUEUED
    assert act(root, "cancel_selected", rows, confirmed="yes") == 302

    assert [fresh(row).status for row in rows] == [Status.CANCELED, Status.CANCELED, Status.SUCCEEDED]
    assert "2 requests canceled." in root.get(LIST).content.decode()


def test_many_are_erased_after_a_question(root: Client, cast: Cast) -> None:
    rows = [succeeded(cast.alice.tenant), succeeded(cast.bob.tenant)]

    act(root, "erase_selected", rows)
    assert all(fresh(row).text for row in rows)
    act(root, "erase_selected", rows, confirmed="yes")

    assert [(fresh(row).text, fresh(row).audio.name) for row in rows] == [("", "")] * 2
    assert [told(row) for row in rows] == [["request.erase"]] * 2


def test_an_action_of_the_list_takes_no_more_than_it_can(root: Client, cast: Cast) -> None:
    rows = [queued(cast.alice.tenant) for _number in range(MOST_AT_ONCE + 1)]

    act(root, "cancel_selected", rows[:1], select_across="1", confirmed="yes")

    assert not SynthesisRequest.all_tenants.filter(status=Status.CANCELED).exists()
    assert f"At most {MOST_AT_ONCE} requests at once" in root.get(LIST).content.decode()


@pytest.mark.parametrize("action", ["cancel_selected", "erase_selected"])
def test_a_selection_with_rows_that_are_only_to_be_seen_is_refused_whole(cast: Cast, action: str) -> None:
    person = member_of(cast.alice.tenant, Role.DEVELOPER)
    membership_set(tenant=cast.bob.tenant, user=person, role="viewer")
    rows = [queued(cast.alice.tenant), queued(cast.bob.tenant)]

    assert act(client_of(person), action, rows, confirmed="yes") == 403
    assert [fresh(row).status for row in rows] == [Status.QUEUED] * 2
    assert all(fresh(row).text for row in rows)


def test_viewers_are_offered_no_action(cast: Cast) -> None:
    succeeded(cast.alice.tenant)
    page = client_of(member_of(cast.alice.tenant, Role.VIEWER)).get(LIST).content.decode()

    assert "cancel_selected" not in page
    assert "erase_selected" not in page


def test_a_get_changes_nothing(root: Client, cast: Cast) -> None:
    row = queued(cast.alice.tenant, at=timezone.now() - timedelta(seconds=1))
    for action in ACTIONS:
        assert root.get(address(row, action)).status_code == 200
    assert (made_of(row), told(row), fresh(row).status) == ([], [], Status.QUEUED)


def test_a_form_of_another_site_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(superuser())
    row = succeeded(cast.alice.tenant)

    assert [client.post(address(row, action)).status_code for action in ACTIONS] == [403] * 4
    assert made_of(row) == []
