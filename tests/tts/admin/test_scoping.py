"""Members of a tenant against every page of the admin: what belongs to another tenant is nowhere."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_rq.models import Dashboard

from accounts.admin.operators import OperatorsAdmin
from accounts.admin.scoping import TenantScopedAdmin
from accounts.limits.names import Limit
from accounts.models import (
    ApiKey,
    AuditEvent,
    Membership,
    Plan,
    QuotaThreshold,
    ShadowRefusal,
    Tenant,
    UsagePeriod,
)
from accounts.roles import Role
from accounts.services.memberships import membership_set
from accounts.services.shadow import shadow_count
from tests.admin_cast import client_of, member_of, staff, superuser
from tests.cast import Cast, Member
from tests.tts.admin.history import succeeded
from tts.models import (
    LogRecord,
    MaintenanceRun,
    PronunciationEntry,
    SynthesisRequest,
    UsageBucket,
    UsageEvent,
    UsageExport,
    Voice,
    VoiceRoute,
)
from tts.services.lexicons import entry_create
from tts.text.lexicon import LexiconEntry

SCOPED: dict[type[Model], Callable[[Member], Any]] = {
    Tenant: lambda member: member.tenant,
    ApiKey: lambda member: member.row,
    Membership: lambda member: Membership.objects.of(member.tenant).get(user__username__endswith="-boss"),
    UsagePeriod: lambda member: UsagePeriod.objects.of(member.tenant).get(),
    QuotaThreshold: lambda member: QuotaThreshold.objects.of(member.tenant).get(),
    ShadowRefusal: lambda member: ShadowRefusal.objects.of(member.tenant).get(),
    AuditEvent: lambda member: AuditEvent.objects.of(member.tenant).filter(action="key.issue").get(),
    SynthesisRequest: lambda member: SynthesisRequest.objects.of(member.tenant).get(),
    UsageEvent: lambda member: UsageEvent.objects.of(member.tenant).get(),
    UsageBucket: lambda member: UsageBucket.objects.of(member.tenant).get(),
    UsageExport: lambda member: UsageExport.objects.of(member.tenant).get(),
    PronunciationEntry: lambda member: PronunciationEntry.objects.of(member.tenant).get(),
    VoiceRoute: lambda member: VoiceRoute.objects.of(member.tenant).get(),
}
"""What belongs to tenants, and the row of one."""
OPERATORS = {Plan, User, Group, MaintenanceRun}
OPERATORS_LOG = {LogRecord}
"""What is written by processes, not for any tenant; its pages ask who is an operator themselves (tested below)."""
EVERYBODYS = {Voice, Dashboard}
"""The server's own: voices for who has the permission, queues for superusers (tested elsewhere)."""

REPORTS = {UsageBucket}
"""Models whose page shows sums of their rows, no list of them."""

MODELS = list(SCOPED)


def own_everything(member: Member) -> None:
    """A row of each kind; all of it is named after the tenant."""
    now, tenant = timezone.now(), member.tenant
    membership_set(tenant=tenant, user=staff(f"{tenant.slug}-boss"), role="owner")
    succeeded(tenant, text=f"secret of {tenant.slug}", api_key=member.row, api_key_name=member.row.name)
    period = UsagePeriod.objects.create(
        tenant=tenant, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), used_characters=8
    )
    QuotaThreshold.objects.create(
        tenant=tenant, period=period, percent=80, at=now, used_characters=8, characters_limit=10
    )
    shadow_count(tenant=tenant, limits=[Limit.QUEUED_REQUESTS], characters=5, now=now)
    entry_create(tenant=tenant, entry=LexiconEntry(f"{tenant.slug}ish", tenant.slug), now=now)
    voice, _made = Voice.objects.get_or_create(
        id="v",
        defaults={"name": "V", "engine": "onnx", "languages": ["zh"], "sample_rate": 1, "state": "ready"},
    )
    VoiceRoute.objects.create(tenant=tenant, language="zh", speaker_id=0, voice=voice)
    UsageExport.objects.create(
        tenant=tenant,
        file_format="csv",
        detail="lines",
        starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(days=1),
        time_zone=tenant.time_zone,
        created_at=now,
        status="expired",
    )


@pytest.fixture
def both(cast: Cast) -> Cast:
    for member in (cast.alice, cast.bob):
        own_everything(member)
    VoiceRoute.objects.create(tenant=None, language="en", speaker_id=0, voice=Voice.objects.get())
    return cast


@pytest.fixture
def insider(both: Cast) -> Client:
    """The most that a member can be: an owner of Alice's, with every permission of Django's there is."""
    return client_of(member_of(both.alice.tenant, Role.OWNER))


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def listed(answer: Any) -> set[str]:
    """Ids of the rows that a list shows; none where the answer is no list."""
    context = answer.context or {}
    return {str(row.pk) for row in context["cl"].result_list} if "cl" in context else set()


def names_of_bob(page: str) -> list[str]:
    """Where a page names him, but for a search that it repeats."""
    page = re.sub(r"q=bob|value=\"bob\"", "", page)
    return re.findall(r"[^<>]*\b[Bb]ob\b[^<>]*", page)


def test_every_page_of_the_admin_is_classified() -> None:
    for model, model_admin in admin.site._registry.items():
        if model in SCOPED:
            assert isinstance(model_admin, TenantScopedAdmin), model
        elif model in OPERATORS:
            assert isinstance(model_admin, OperatorsAdmin), model
        else:
            assert model in EVERYBODYS | OPERATORS_LOG, f"{model} is in none of the tables of this test"


def test_every_model_with_a_tenant_is_scoped() -> None:
    with_tenant = {model for model in admin.site._registry if hasattr(model, "tenant_id")} - OPERATORS
    assert with_tenant | {Tenant} == set(SCOPED)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_shows_what_is_the_members_own(insider: Client, both: Cast, model: type[Model]) -> None:
    answer = insider.get(address(model, "changelist"))

    assert answer.status_code == 200
    shown = listed(answer)
    if model in REPORTS:
        assert "alice" in answer.content.decode().lower()
    else:
        assert str(SCOPED[model](both.alice).pk) in shown
    assert str(SCOPED[model](both.bob).pk) not in shown
    assert names_of_bob(answer.content.decode()) == []


@pytest.mark.parametrize("parameter", ["_popup=1", "_to_field=id", "q=bob", "all=", "_facets=True"])
@pytest.mark.parametrize("model", MODELS)
def test_no_way_of_listing_shows_more(
    insider: Client, both: Cast, model: type[Model], parameter: str
) -> None:
    answer = insider.get(f"{address(model, 'changelist')}?{parameter}", follow=True)

    assert str(SCOPED[model](both.bob).pk) not in listed(answer)
    assert names_of_bob(answer.content.decode()) == []


@pytest.mark.parametrize("model", MODELS)
def test_anothers_tenant_in_a_filter_finds_nothing(insider: Client, both: Cast, model: type[Model]) -> None:
    parameter = "tenant" if model is AuditEvent else "tenant__id__exact"
    answer = insider.get(address(model, "changelist"), {parameter: str(both.bob.tenant.pk)}, follow=True)

    if answer.status_code == 200:
        assert str(SCOPED[model](both.bob).pk) not in listed(answer)
        assert names_of_bob(answer.content.decode()) == []
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("model", MODELS)
def test_a_page_of_anothers_row_is_as_if_there_were_none(
    insider: Client, both: Cast, model: type[Model], page: str
) -> None:
    foreign = SCOPED[model](both.bob)
    LogEntry.objects.log_actions(superuser().pk, [foreign], 2, "changed by root", single_object=True)
    unknown = uuid4() if isinstance(foreign.pk, type(uuid4())) else 10**9

    answers = [insider.get(address(model, page, key), follow=True) for key in (foreign.pk, unknown)]
    pages = [
        re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\d+\b|“[^”]*”", "#", answer.content.decode())
        for answer in answers
    ]

    assert answers[0].status_code == answers[1].status_code
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert _without_tokens(pages[0]) == _without_tokens(pages[1])
    assert names_of_bob(answers[0].content.decode()) == []
    assert "changed by root" not in answers[0].content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_own_rows_can_be_looked_at_in_every_role(both: Cast, model: type[Model]) -> None:
    for role in Role:
        client = client_of(member_of(both.alice.tenant, role))
        answer = client.get(address(model, "change", SCOPED[model](both.alice).pk), follow=True)

        # Elsewhere than the others, the audit log is for owners.
        shown = not answer.redirect_chain
        assert answer.status_code == 200
        assert shown is (model is not AuditEvent or role is Role.OWNER)
        assert names_of_bob(answer.content.decode()) == []


@pytest.mark.parametrize("model", MODELS)
def test_forms_offer_no_other_tenant(insider: Client, both: Cast, model: type[Model]) -> None:
    answer = insider.get(address(model, "add"))

    assert answer.status_code in (200, 403)
    assert names_of_bob(answer.content.decode()) == []
    assert str(both.bob.tenant.pk) not in answer.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_actions_reach_no_row_of_another(insider: Client, both: Cast, model: type[Model]) -> None:
    foreign = SCOPED[model](both.bob)
    before = type(foreign)._default_manager.filter(pk=foreign.pk).values().get()
    for action in ("delete_selected", "revoke", "suspend", "reactivate", "rotate"):
        data = {"action": action, "_selected_action": [str(foreign.pk)], "post": "yes", "confirmed": "yes"}
        assert insider.post(address(model, "changelist"), data).status_code < 500
    assert type(foreign)._default_manager.filter(pk=foreign.pk).values().get() == before


def test_audio_of_another_is_as_if_there_were_none(insider: Client, both: Cast) -> None:
    foreign, own = SCOPED[SynthesisRequest](both.bob), SCOPED[SynthesisRequest](both.alice)

    assert insider.get(address(SynthesisRequest, "audio", own.pk)).status_code == 200
    assert insider.get(address(SynthesisRequest, "audio", foreign.pk)).status_code == 404
    assert insider.get(address(SynthesisRequest, "audio", uuid4())).status_code == 404
    assert not AuditEvent.objects.of(both.bob.tenant).filter(action="request.audio").exists()


def test_members_reach_none_of_the_operators_pages(insider: Client) -> None:
    for model in OPERATORS | OPERATORS_LOG:
        for page in ("changelist", "add"):
            assert insider.get(address(model, page)).status_code == 403, model
    index = insider.get("/admin/").content.decode()
    for path in ("/admin/accounts/plan/", "/admin/auth/user/", "/admin/django_rq/"):
        assert path not in index


def test_the_staff_without_a_membership_see_empty_lists(both: Cast) -> None:
    nobody = staff("nobody", *(f"{m._meta.app_label}.view_{m._meta.model_name}" for m in MODELS))
    client = client_of(nobody)

    for model in MODELS:
        answer = client.get(address(model, "changelist"))
        assert listed(answer) == set()
        assert names_of_bob(answer.content.decode()) == []


def test_a_membership_that_ends_ends_what_is_seen(both: Cast) -> None:
    person = member_of(both.alice.tenant, Role.OWNER)
    client = client_of(person)
    page = address(SynthesisRequest, "change", SCOPED[SynthesisRequest](both.alice).pk)
    assert client.get(page).status_code == 200
    Membership.all_tenants.filter(user=person).delete()
    assert client.get(page).status_code == 302


WRITES: list[tuple[type[Model], Role | None]] = [
    (ApiKey, Role.DEVELOPER),
    (PronunciationEntry, Role.DEVELOPER),
    (VoiceRoute, Role.DEVELOPER),
    (Membership, Role.OWNER),
    (Tenant, None),
    (AuditEvent, None),
    (UsagePeriod, None),
    (QuotaThreshold, None),
    (ShadowRefusal, None),
    (SynthesisRequest, None),
    (UsageEvent, None),
    (UsageBucket, None),
    (UsageExport, Role.VIEWER),
]
"""The least role that may add a row; None for no member."""


@pytest.mark.parametrize("role", list(Role))
def test_each_role_adds_what_it_may(both: Cast, role: Role) -> None:
    order = [Role.VIEWER, Role.DEVELOPER, Role.OWNER]
    client = client_of(member_of(both.alice.tenant, role))
    for model, least in WRITES:
        allowed = least is not None and order.index(role) >= order.index(least)
        assert client.get(address(model, "add")).status_code == (200 if allowed else 403), model


def test_nothing_is_added_for_another_tenant_or_for_everybody(both: Cast) -> None:
    client = client_of(member_of(both.alice.tenant, Role.OWNER))
    route = {"language": "zh", "speaker_id": 1, "voice": "v"}
    entry = {"written": "SQL", "spoken": "sequel", "kind": "substitution", "match": "word", "language": ""}
    staff("eve")
    for tenant in (str(both.bob.tenant.pk), ""):
        for model, data in (
            (VoiceRoute, route),
            (PronunciationEntry, entry),
            (Membership, {"username": "eve", "role": "owner"}),
            (ApiKey, {"name": "x", "environment": "live", "scopes": ["speech:write"]}),
        ):
            before = model._default_manager.count()
            assert client.post(address(model, "add"), {**data, "tenant": tenant}).status_code == 200
            assert model._default_manager.count() == before, model
    assert (
        client.post(address(VoiceRoute, "add"), {**route, "tenant": both.alice.tenant.pk}).status_code == 302
    )


def test_an_action_on_rows_that_are_only_to_be_seen_is_refused_whole(both: Cast) -> None:
    person = member_of(both.alice.tenant, Role.DEVELOPER)
    membership_set(tenant=both.bob.tenant, user=person, role="viewer")
    client = client_of(person)
    rows = [SCOPED[PronunciationEntry](member) for member in (both.alice, both.bob)]
    data = {"action": "delete_selected", "_selected_action": [str(row.pk) for row in rows], "post": "yes"}

    assert client.post(address(PronunciationEntry, "changelist"), data).status_code == 403
    assert PronunciationEntry.all_tenants.filter(valid_to_version=None).count() == 2


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
