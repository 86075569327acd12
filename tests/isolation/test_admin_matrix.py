"""Every route of the admin × everybody with a browser × every method."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client

from accounts.models import Plan, Tenant
from tests.isolation.belongings import Belongings
from tests.isolation.people import (
    OUTSIDE,
    body,
    operator,
    outcome,
    owner_of,
    root,
    rows_of,
    seen,
    unknown_id,
    without_a_tenant,
    without_permissions,
)
from tests.isolation.routes import MODELS, TAKES, Open, address, admin_routes, names_an_object
from tests.outages import flush_redis
from tts.models import LogRecord, MaintenanceRun, RequestEvent

pytestmark = pytest.mark.slow

# Django's pages tell reading, sending and the rest apart, and nothing finer.
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD")
CLOSED_TO_ALL = ("admin/r/", "admin/autocomplete/")
CHANGES_THE_SESSION = ("admin/logout/", "admin/login/")
SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)
ANYBODYS_APPS = "admin/<app_label>/$"


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    flush_redis()
    yield
    flush_redis()


def routes_open_to(*kinds: Open) -> list[str]:
    return [
        pattern
        for pattern, who in admin_routes().items()
        if who in kinds and not pattern.startswith(CHANGES_THE_SESSION)
    ]


def model_of(pattern: str) -> type[Model] | None:
    """The model whose pages a route belongs to."""
    label = ".".join(pattern.split("/")[1:3])
    return apps.get_model(label) if label in MODELS else None


def object_id(pattern: str, owner: Belongings) -> object:
    """The id of the owner's row that a route would show."""
    model = model_of(pattern)
    if model is None or not names_an_object(pattern):
        return "1"
    if model is Tenant:
        return owner.member.tenant.pk
    if model in owner.rows:
        return owner.row(model).pk
    if model is Plan:
        return owner.member.tenant.plan_id
    if model is Group:
        return Group.objects.get_or_create(name="a group")[0].pk
    if "<int:event_id>" in pattern:
        return owner.row(RequestEvent).pk
    if model is LogRecord:
        return LogRecord.objects.get_or_create(level="error", defaults={"at": SOME_TIME})[0].pk
    if model is MaintenanceRun:
        return MaintenanceRun.objects.get_or_create(kind="retention", defaults={"started_at": SOME_TIME})[
            0
        ].pk
    if model._meta.label == "tts.Voice":
        return "zh_CN-a"
    return owner.person.pk


def is_bare_redirect(pattern: str) -> bool:
    """`…/<id>/` leads to `…/<id>/change/`, whoever asks and whether there is such an object or not."""
    return pattern.endswith("<path:object_id>/") and "django_rq" not in pattern


def wrong(
    client: Client,
    owner: Belongings,
    patterns: list[str],
    expected: Callable[[str], set[str]],
    methods: tuple[str, ...] = METHODS,
) -> list[str]:
    """The calls whose outcome is not among the expected ones."""
    found = []
    for pattern in patterns:
        path = address(pattern, object_id(pattern, owner))
        for method in methods:
            told = outcome(client.generic(method, path))
            refused = {"405"} if method not in TAKES.get(pattern, METHODS) else set()
            if told not in expected(pattern) | refused:
                found.append(f"{method} {path}: {told}")
    return found


@pytest.mark.parametrize("who", OUTSIDE)
def test_from_outside_there_is_only_the_login_page(quokka: Belongings, who: str) -> None:
    client = OUTSIDE[who](quokka)
    before = rows_of(quokka.member.tenant)

    def expected(pattern: str) -> set[str]:
        return {"missing"} if pattern.startswith(CLOSED_TO_ALL) else {"login"}

    assert wrong(client, quokka, routes_open_to(*Open), expected) == []
    assert rows_of(quokka.member.tenant) == before
    page = client.get("/admin/login/")
    assert page.status_code == 200
    assert [mark for mark in quokka.marks if mark in body(page)] == []


def test_a_member_without_permissions_sees_the_empty_index(quokka: Belongings) -> None:
    client = without_permissions(quokka)
    before = rows_of(quokka.member.tenant)
    rest = routes_open_to(Open.TENANT, Open.OPERATORS, Open.SHARED, Open.SUPERUSERS)

    def expected(pattern: str) -> set[str]:
        return {"shown"} if is_bare_redirect(pattern) else {"forbidden"}

    assert wrong(client, quokka, rest, expected) == []
    assert rows_of(quokka.member.tenant) == before
    staff = [pattern for pattern in routes_open_to(Open.STAFF) if pattern != ANYBODYS_APPS]
    assert wrong(client, quokka, staff, lambda pattern: {"shown"}, SAFE) == []
    assert wrong(client, quokka, [ANYBODYS_APPS], lambda pattern: {"missing"}) == []


@pytest.mark.parametrize(
    ("who", "make"), [("owner of its tenant", owner_of), ("of no tenant", without_a_tenant)]
)
def test_staff_do_not_reach_what_is_the_operators(
    walrus: Belongings, who: str, make: Callable[[Belongings], Client]
) -> None:
    """Whatever Django's permissions say."""
    patterns = routes_open_to(Open.OPERATORS, Open.SUPERUSERS)

    def expected(pattern: str) -> set[str]:
        return {"shown"} if is_bare_redirect(pattern) else {"forbidden"}

    assert wrong(make(walrus), walrus, patterns, expected) == []


def test_operators_do_not_reach_what_is_the_superusers(walrus: Belongings) -> None:
    patterns = routes_open_to(Open.SUPERUSERS)
    assert wrong(operator(walrus), walrus, patterns, lambda pattern: {"forbidden"}) == []


@pytest.mark.parametrize("make", [owner_of, operator, root])
def test_whoever_may_look_is_shown_lists_pages_and_histories(
    walrus: Belongings, make: Callable[[Belongings], Client]
) -> None:
    kinds = [Open.STAFF, Open.TENANT, Open.SHARED] + ([] if make is owner_of else [Open.OPERATORS])
    patterns = [
        pattern
        for pattern in routes_open_to(*kinds)
        if not pattern.endswith(("/add/", "/delete/", "/password/")) and "django_rq" not in pattern
    ]
    assert wrong(make(walrus), walrus, patterns, lambda pattern: {"shown"}, SAFE) == []


def test_what_is_switched_off_is_off_for_superusers_too(walrus: Belongings) -> None:
    patterns = routes_open_to(Open.NOBODY)
    assert wrong(root(walrus), walrus, patterns, lambda pattern: {"missing"}) == []


OF_TENANTS = [pattern for pattern in routes_open_to(Open.TENANT) if names_an_object(pattern)]


@pytest.mark.parametrize("pattern", OF_TENANTS)
def test_a_foreign_object_is_like_one_that_never_was(
    quokka: Belongings, walrus: Belongings, pattern: str
) -> None:
    """The answer, the message on the page after it, and what is left behind."""
    client = owner_of(walrus)
    model = model_of(pattern)
    assert model is not None
    foreign, unknown = object_id(pattern, quokka), unknown_id(model)
    before = rows_of(quokka.member.tenant)
    for method in METHODS:
        data = "post=yes&_confirmed=1&confirmed=1" if method == "POST" else ""
        answers = []
        for asked in (foreign, unknown):
            path = address(pattern, asked)
            sent = client.generic(method, path, data, content_type="application/x-www-form-urlencoded")
            answers.append((seen(sent, asked), seen(client.get("/admin/"), asked)))
            assert [mark for mark in quokka.marks - {str(asked)} if mark in body(sent)] == []
        assert answers[0] == answers[1], method
        assert is_bare_redirect(pattern) or outcome(sent) in ("missing", "forbidden")
    assert rows_of(quokka.member.tenant) == before
