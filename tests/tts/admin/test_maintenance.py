from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.admin_cast import client_of, operator, staff
from tests.outages import redis_away
from tts.admin.maintenance import TASK_LABELS
from tts.connections import housekeeping_queue
from tts.models import MaintenanceRun
from tts.services.housekeeping import TASKS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

LIST = "/admin/tts/maintenancerun/"
START = f"{LIST}start/"


def run(kind: str = "retention", **values: Any) -> MaintenanceRun:
    now = timezone.now()
    fields = {"started_at": now, "finished_at": now + timedelta(seconds=2), "succeeded": True, **values}
    return MaintenanceRun.objects.create(kind=kind, **fields)


def page(client: Client, path: str = LIST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (
            "retention",
            {"texts": 1, "audios": 2, "bytes": 3_145_728, "requests": 4},
            "1 text deleted; 2 audio files deleted (3.0\xa0MB); 4 requests taken out of the history",
        ),
        ("retention", {"texts": 0, "complete": True}, "nothing was past its days"),
        (
            "retention",
            {"texts": 1, "complete": False},
            "1 text deleted; the next run goes on from there",
        ),
        (
            "orphans",
            {
                "storages": {
                    "audio": {"files": 10, "orphans": 2, "bytes": 2048, "unknown": 1},
                    "exports": {"files": 3},
                },
                "missing": 1,
            },
            "13 files looked at; 2 of nobody deleted (2.0\xa0KB); 1 is not Voxgate&#x27;s;"
            " the file of 1 request is missing",
        ),
        (
            "orphans",
            {"dry_run": True, "storages": {"audio": {"files": 1, "orphans": 1, "bytes": 0}}},
            "1 file looked at; 1 of nobody found (0\xa0bytes)",
        ),
        ("usage-check", {"drift": 0}, "usage agrees with its events"),
        ("usage-check", {"drift": 2}, "usage differs from its events in 2 places"),
        (
            "log-rotation",
            {"renamed": 1, "compressed": 2, "deleted": 3},
            "log files: 1 put aside, 2 compressed, 3 deleted",
        ),
        ("exports", {"exports": 2}, "2 expired exports deleted"),
        ("service-figures", {"rows": 1}, "1 row of figures added to another"),
    ],
)
def test_a_run_tells_in_words_what_it_did(root: Client, kind: str, data: dict[str, Any], words: str) -> None:
    one = run(kind, data=data)
    assert words in page(root)
    assert words in page(root, f"{LIST}{one.pk}/change/")


def test_a_run_shows_its_state_its_duration_and_its_problem(root: Client) -> None:
    run(succeeded=False, problem="storage refused to delete 2 files")
    shown = page(root)
    for word in ("failed", "2.00 s", "storage refused to delete 2 files"):
        assert word in shown
    run(succeeded=None, finished_at=None)
    assert "at work" in page(root)


def test_a_run_shows_what_it_did_for_each_tenant(root: Client) -> None:
    one = run(data={"texts": 3, "tenants": {"alice": {"texts": 2}, "bob": {"texts": 1}}})
    shown = page(root, f"{LIST}{one.pk}/change/")
    assert '<th scope="row">alice</th><td>2 texts deleted</td>' in shown
    assert '<th scope="row">bob</th><td>1 text deleted</td>' in shown


def test_filters_keep_kind_outcome_and_day(root: Client) -> None:
    good, bad = run(), run("orphans", succeeded=False)
    old = run(started_at=timezone.now() - timedelta(days=3))

    def listed(**query: str) -> set[object]:
        return {one.pk for one in root.get(LIST, query).context["cl"].result_list}

    assert listed(kind__exact="orphans") == listed(succeeded__exact="0") == {bad.pk}
    assert listed(day="today") == {good.pk, bad.pk}
    assert listed() == {good.pk, bad.pk, old.pk}


def test_the_list_takes_the_same_queries_for_any_number_of_runs(
    root: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        run()
    # Session, user, the schedule, count, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_the_schedule_has_every_task_and_a_button_for_each(root: Client) -> None:
    shown = page(root)
    assert set(TASK_LABELS) == {task.name for task in TASKS}
    for task in TASKS:
        assert f'name="task" value="{task.name}"' in shown


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_button_queues_the_task_once(root: Client, task: Any) -> None:
    told = root.post(START, {"task": task.name}, follow=True).content.decode()
    assert "The housekeeping worker does it next" in told
    assert housekeeping_queue().get_job_ids() == [f"housekeeping-{task.name}"]
    told = root.post(START, {"task": task.name}, follow=True).content.decode()
    assert "it waits or runs already" in told
    assert housekeeping_queue().count == 1


def test_nothing_is_started_by_looking_by_nonsense_or_without_redis(root: Client) -> None:
    assert root.get(START).status_code == 302
    assert "It was not started" in root.post(START, {"task": "rm -rf"}, follow=True).content.decode()
    assert "It was not started" in root.post(START, follow=True).content.decode()
    assert housekeeping_queue().count == 0
    with redis_away():
        told = root.post(START, {"task": "retention"}, follow=True).content.decode()
    assert "It was not started" in told


def test_who_may_look_but_not_start_has_no_buttons(db: None) -> None:
    client = client_of(operator("looker", "tts.view_maintenancerun"))
    assert "Run now" not in page(client)
    assert client.post(START, {"task": "retention"}).status_code == 403
    assert housekeeping_queue().count == 0


def test_operators_of_the_group_look_and_start_and_nobody_else_does(db: None) -> None:
    people = {name: User.objects.create_user(name, is_staff=True) for name in ("operator", "finance")}
    for name, user in people.items():
        user.groups.add(Group.objects.get(name=name))
    assert "Run now" in page(client_of(people["operator"]))
    assert client_of(people["operator"]).post(START, {"task": "orphans"}).status_code == 302
    everything = staff("member", "tts.view_maintenancerun", "tts.add_maintenancerun")
    for user in (people["finance"], everything):
        for path in (LIST, START):
            assert client_of(user).get(path).status_code == 403
            assert client_of(user).post(path, {"task": "retention"}).status_code == 403


def test_nobody_adds_edits_or_deletes_a_run(root: Client) -> None:
    one = run()
    assert root.post(f"{LIST}add/", {"kind": "orphans"}).status_code == 403
    assert root.post(f"{LIST}{one.pk}/change/", {"kind": "orphans"}).status_code == 403
    assert root.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 403
    assert MaintenanceRun.objects.get().kind == "retention"
