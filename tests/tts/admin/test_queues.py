"""The RQ dashboard against a real queue: nobody but superusers gets past any of its addresses."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import URLPattern, reverse
from django_rq.models import Dashboard
from pytest_django import Settings

from tests.admin_cast import client_of, english_client, staff
from tts.connections import speech_queue
from tts.services.queueing import request_enqueue

# The dashboard numbers queues in the order of their names.
QUEUE = sorted(configured.RQ_QUEUES).index(configured.SPEECH_QUEUE)
ARGUMENTS = {
    "queue_index": QUEUE,
    "job_id": "job",
    "result_id": "result",
    "key": "worker",
    "token": "secret",
    "scheduler_index": 0,
    "connection_index": 0,
    "scheduler_name": "scheduler",
    "cron_job_name": "cron",
    "object_id": "1",
}


def patterns() -> list[URLPattern]:
    return list(admin.site.get_model_admin(Dashboard).get_urls())


def addresses() -> list[str]:
    """Every address of the dashboard that has a name, and the one that has none."""
    found = {"/admin/django_rq/dashboard/1/"}
    for pattern in patterns():
        if pattern.name:
            names = pattern.pattern.regex.groupindex
            found.add(reverse(f"admin:{pattern.name}", kwargs={name: ARGUMENTS[name] for name in names}))
    return sorted(found)


@pytest.fixture
def job_id(empty_redis: None) -> Iterator[str]:
    request_id = uuid4()
    assert request_enqueue(request_id=request_id)
    yield str(request_id)
    speech_queue().remove(str(request_id))


@pytest.fixture
def almighty(db: None) -> Client:
    """Staff with every permission there is, short of being a superuser."""
    user = staff("almighty")
    user.user_permissions.set(Permission.objects.all())
    return client_of(user)


def test_every_address_is_known_to_these_tests() -> None:
    assert len(addresses()) >= 25
    assert all(pattern.name or str(pattern.pattern) == "<path:object_id>/" for pattern in patterns())


def test_staff_is_refused_whatever_its_permissions(almighty: Client, outsider: Client) -> None:
    answers = {
        (address, method, answer.status_code)
        for client in (almighty, outsider)
        for address in addresses()
        for method, answer in (("GET", client.get(address)), ("POST", client.post(address)))
    }

    assert {status for _address, _method, status in answers} == {403}, answers


def test_the_anonymous_are_sent_to_log_in_even_with_an_api_token(db: None, settings: Settings) -> None:
    settings.RQ_API_TOKEN = "secret"
    client = english_client()
    token = {"authorization": "Bearer secret"}

    for address in addresses():
        for answer in (client.get(address, headers=token), client.post(address, headers=token)):
            assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/"), address


def test_superuser_sees_queues_and_their_jobs(root: Client, job_id: str) -> None:
    assert root.get(reverse("admin:django_rq_home")).status_code == 200
    jobs = root.get(reverse("admin:django_rq_jobs", args=[QUEUE])).content.decode()
    detail = root.get(reverse("admin:django_rq_job_detail", args=[QUEUE, job_id])).content.decode()

    assert job_id in jobs
    assert job_id in detail
    assert root.get(reverse("admin:django_rq_home_json")).json()["queues"][QUEUE]["jobs"] == 1


def test_superuser_deletes_a_job_only_with_a_csrf_token(root: Client, job_id: str) -> None:
    url = reverse("admin:django_rq_delete_job", args=[QUEUE, job_id])
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = root.cookies

    assert strict.post(url, {"post": "yes"}).status_code == 403
    assert job_id in speech_queue().job_ids
    assert root.post(url, {"post": "yes"}).status_code == 302
    assert job_id not in speech_queue().job_ids


def test_menu_shows_the_dashboard_to_superusers_only(root: Client, almighty: Client) -> None:
    assert "/admin/django_rq/" in root.get("/admin/").content.decode()
    assert "/admin/django_rq/" not in almighty.get("/admin/").content.decode()
    assert almighty.get("/admin/django_rq/").status_code == 404
