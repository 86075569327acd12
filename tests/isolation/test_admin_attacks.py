"""What an owner of one tenant, with every permission of Django's, tries in order to reach another's."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client, RequestFactory

from accounts.models import ApiKey, AuditEvent, Membership, Tenant
from tests.admin_cast import client_of, superuser
from tests.isolation.belongings import Belongings
from tests.isolation.people import Role, body, outcome, owner_of, rows_of, seen, staff_of, unknown_id
from tests.isolation.routes import MODELS, Open, address, admin_routes
from tests.isolation.test_admin_matrix import object_id
from tests.outages import flush_redis
from tts.models import PronunciationEntry, SynthesisRequest, Voice, VoiceRoute

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    flush_redis()
    yield
    flush_redis()


def lists() -> list[type[Model]]:
    """Models of tenants with pages in the admin."""
    return [model for model in admin.site._registry if MODELS[model._meta.label_lower] is Open.TENANT]


def path_of(model: type[Model], rest: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"


def row_of(belongings: Belongings, model: type[Model]) -> Model:
    return belongings.member.tenant if model is Tenant else belongings.row(model)


LISTS = lists()
NAMES = [model._meta.label for model in LISTS]


def leaks(client: Client, path: str, owner: Belongings, query: dict[str, str] | None = None) -> list[str]:
    """Words of the owner on a page, those left out that were sent to it."""
    shown = body(client.get(path, query or {}, follow=True))
    sent = " ".join([path, *(query or {}).values()])
    return [f"{path}?{query}: {mark}" for mark in owner.marks if mark in shown and mark not in sent]


def test_no_page_of_the_admin_holds_a_word_of_another_tenant(quokka: Belongings, walrus: Belongings) -> None:
    client = owner_of(walrus)
    found = []
    for pattern in admin_routes():
        if pattern.startswith("admin/logout/"):
            continue
        found += leaks(client, address(pattern, object_id(pattern, walrus)), quokka)
    assert found == []


def test_the_crawl_would_find_one(quokka: Belongings, walrus: Belongings) -> None:
    client = client_of(superuser())
    told = {model for model in LISTS if leaks(client, path_of(model), quokka)}
    assert told == set(LISTS)


@pytest.mark.parametrize("model", LISTS, ids=NAMES)
def test_no_query_of_a_list_brings_foreign_rows(
    quokka: Belongings, walrus: Belongings, model: type[Model]
) -> None:
    client = owner_of(walrus)
    theirs = quokka.member
    queries: list[dict[str, str]] = [
        {"_popup": "1"},
        {"_to_field": "id"},
        {"_to_field": "tenant"},
        {"_to_field": "tenant_id", "_popup": "1"},
        {"all": ""},
        {"e": "1"},
        {"p": "2"},
        {"_facets": "True"},
        *({"o": str(column)} for column in (-2, *range(1, 8))),
        *({"q": word} for word in (theirs.tenant.slug, theirs.row.public_id, theirs.row.label)),
        *({"q": word} for word in ("quokka-reference", "quokka-request", "quokka-text", "quokka-written")),
        {"q": "quokka-person"},
        {"tenant__id__exact": str(theirs.tenant.pk)},
        {"tenant": str(theirs.tenant.pk)},
        {"tenant_id": str(theirs.tenant.pk)},
        {"tenant__slug": "quokka"},
        {"tenant__slug__startswith": "quok"},
        {"api_key": str(theirs.row.pk)},
        {"api_key__public_id__startswith": theirs.row.public_id[:3]},
        {"created_by__password__startswith": "pbkdf2"},
        {"memberships__user__username": "quokka-person"},
        {"id": str(row_of(quokka, model).pk)},
        {"pk__in": str(row_of(quokka, model).pk)},
    ]
    assert [leak for query in queries for leak in leaks(client, path_of(model), quokka, query)] == []


@pytest.mark.parametrize("model", LISTS, ids=NAMES)
def test_a_filter_by_a_foreign_id_is_one_by_an_unknown_id(
    quokka: Belongings, walrus: Belongings, model: type[Model]
) -> None:
    client = owner_of(walrus)
    foreign, unknown = quokka.member.tenant.pk, unknown_id(Tenant)
    for name in ("tenant__id__exact", "tenant", "tenant_id", "tenant__id", "tenant__pk"):
        answers = [
            seen(client.get(path_of(model), {name: str(asked)}), asked) for asked in (foreign, unknown)
        ]
        assert answers[0] == answers[1], name


@pytest.mark.parametrize("model", LISTS, ids=NAMES)
def test_a_search_for_a_foreign_id_is_one_for_an_unknown_id(
    quokka: Belongings, walrus: Belongings, model: type[Model]
) -> None:
    client = owner_of(walrus)
    foreign, unknown = row_of(quokka, model).pk, unknown_id(model)
    answers = [seen(client.get(path_of(model), {"q": str(asked)}), asked) for asked in (foreign, unknown)]
    assert answers[0] == answers[1]


def actions_of(model: type[Model]) -> list[str]:
    """Every action of a list, as a superuser is offered them, and the one Django has."""
    request = RequestFactory().get("/")
    request.user = User.objects.filter(is_superuser=True).first() or superuser()
    return sorted({*admin.site._registry[model].get_actions(request), "delete_selected"})


CONFIRMED = {"post": "yes", "confirmed": "1", "index": "0"}


@pytest.mark.parametrize("model", LISTS, ids=NAMES)
def test_actions_on_foreign_rows_are_like_those_on_no_rows(
    quokka: Belongings, walrus: Belongings, model: type[Model]
) -> None:
    client = owner_of(walrus)
    before = rows_of(quokka.member.tenant)
    for action in actions_of(model):
        answers = []
        for asked in (row_of(quokka, model).pk, unknown_id(model)):
            sent = {"action": action, "_selected_action": [str(asked)], **CONFIRMED}
            answers.append(
                (seen(client.post(path_of(model), sent), asked), seen(client.get(path_of(model)), asked))
            )
        assert answers[0] == answers[1], action
        # "All rows of this list", a foreign one among the boxes that are ticked.
        everything = {"action": action, "_selected_action": ["1"], "select_across": "1", **CONFIRMED}
        client.post(path_of(model), everything | {"_selected_action": [str(row_of(quokka, model).pk)]})
        # Its message is for the page after it.
        client.get(path_of(model))
    assert rows_of(quokka.member.tenant) == before


def forms(tenant: Tenant, person: str) -> dict[type[Model], dict[str, Any]]:
    """A good form of each page that adds a row to a tenant."""
    Voice.objects.get_or_create(
        id="zh_CN-a", defaults={"name": "A", "engine": "onnx", "languages": ["zh-CN"], "sample_rate": 22050}
    )
    return {
        ApiKey: {"tenant": tenant.pk, "name": "app", "environment": "live", "scopes": ["voices:read"]},
        Membership: {"tenant": tenant.pk, "username": person, "role": "viewer"},
        PronunciationEntry: {
            "tenant": tenant.pk,
            "written": "W3C",
            "spoken": "三次",
            "kind": "substitution",
            "match": "word",
            "language": "",
        },
        VoiceRoute: {"tenant": tenant.pk, "language": "en", "speaker_id": 1, "voice": "zh_CN-a"},
    }


ADDED = (ApiKey, Membership, PronunciationEntry, VoiceRoute)


@pytest.mark.parametrize("model", ADDED, ids=lambda model: model.__name__)
def test_no_row_is_added_to_another_tenant(
    quokka: Belongings, walrus: Belongings, model: type[Model]
) -> None:
    client = owner_of(walrus)
    User.objects.create_user("friend", is_staff=True)
    before = rows_of(quokka.member.tenant)
    answers = []
    for asked in (quokka.member.tenant.pk, unknown_id(Tenant)):
        sent = {**forms(quokka.member.tenant, "friend")[model], "tenant": asked}
        answers.append(seen(client.post(path_of(model, "add/"), sent), asked))
    assert answers[0] == answers[1]
    assert rows_of(quokka.member.tenant) == before
    own = rows_of(walrus.member.tenant)
    answer = client.post(path_of(model, "add/"), forms(walrus.member.tenant, "friend")[model])
    assert answer.status_code in (200, 302)
    assert rows_of(walrus.member.tenant) != own, "the form itself is good"


@pytest.mark.parametrize("tenant", ["", "foreign"])
def test_no_row_is_moved_to_another_tenant_or_to_everybody(
    quokka: Belongings, walrus: Belongings, tenant: str
) -> None:
    client = owner_of(walrus)
    before = rows_of(quokka.member.tenant)
    for model in (VoiceRoute, PronunciationEntry, ApiKey, Membership):
        row = walrus.row(model)
        fields = {
            name: getattr(row, name, "") for name in forms(walrus.member.tenant, "walrus-person")[model]
        }
        target = quokka.member.tenant.pk if tenant else ""
        sent = {**fields, "voice": "zh_CN-a", "name": "renamed", "tenant": target, "tenant_id": target}
        client.post(path_of(model, f"{row.pk}/change/"), sent)
        left: Any = getattr(model, "all_tenants").filter(pk=row.pk).first()  # noqa: B009 - of any of them
        assert left is None or left.tenant_id == walrus.member.tenant.pk
    assert rows_of(quokka.member.tenant) == before
    assert not VoiceRoute.all_tenants.filter(tenant=None).exists()


def test_what_is_everybodys_is_not_one_tenants_to_change(walrus: Belongings) -> None:
    client = owner_of(walrus)
    shared = VoiceRoute.all_tenants.create(tenant=None, language="fr", speaker_id=0, voice_id="zh_CN-a")
    for rest, sent in {
        f"{shared.pk}/change/": {"tenant": "", "language": "fr", "speaker_id": 2, "voice": "zh_CN-a"},
        f"{shared.pk}/delete/": {"post": "yes"},
        "": {"action": "delete_selected", "_selected_action": [str(shared.pk)], **CONFIRMED},
    }.items():
        client.post(path_of(VoiceRoute, rest), sent)
    shared.refresh_from_db()
    assert shared.speaker_id == 0
    client.post(
        path_of(VoiceRoute, "add/"), {"tenant": "", "language": "ja", "speaker_id": 0, "voice": "zh_CN-a"}
    )
    assert VoiceRoute.all_tenants.filter(tenant=None).count() == 1


def test_no_tenant_switches_a_voice_off_for_everybody(walrus: Belongings) -> None:
    client = owner_of(walrus)
    for action in ("switch_off", "delete_selected"):
        sent = {"action": action, "_selected_action": ["zh_CN-a"], **CONFIRMED}
        client.post(path_of(Voice), sent)
    assert Voice.objects.get(pk="zh_CN-a").enabled


def test_a_role_in_one_tenant_is_none_in_another(quokka: Belongings, walrus: Belongings) -> None:
    """An owner here who is a viewer there sees there, and changes nothing."""
    user = staff_of("both", (walrus.member.tenant, Role.OWNER), (quokka.member.tenant, Role.VIEWER))
    client = client_of(user)

    # What is looked at is told in the audit log, so only the other tables stay as they are.
    def others() -> dict[str, list[str]]:
        found = rows_of(quokka.member.tenant)
        del found[AuditEvent._meta.db_table]
        return found

    before = others()
    for model in LISTS:
        row = row_of(quokka, model)
        # The audit log is for owners.
        expected = "missing" if model is AuditEvent else "shown"
        assert outcome(client.get(path_of(model, f"{row.pk}/change/"))) == expected, model
        for rest in ("change/", "delete/", "rotate/"):
            sent = {**forms(quokka.member.tenant, "walrus-person").get(model, {"name": "taken over"})}
            client.post(path_of(model, f"{row.pk}/{rest}"), {**sent, **CONFIRMED, "overlap": "0"})
        for action in actions_of(model):
            for ticked in ([row], [row, row_of(walrus, model)]):
                ids = [str(each.pk) for each in ticked]
                client.post(path_of(model), {"action": action, "_selected_action": ids, **CONFIRMED})
    for model in ADDED:
        client.post(path_of(model, "add/"), forms(quokka.member.tenant, "walrus-person")[model])
    assert others() == before


def test_an_owner_grants_its_tenant_nothing(walrus: Belongings) -> None:
    """Plan, retention, voices, limits and suspension are the operators'."""
    client = owner_of(walrus)
    tenant = walrus.member.tenant
    path = path_of(Tenant, f"{tenant.pk}/change/")
    inline = {
        f"{name}-{count}": "0"
        for name in ("overrides", "memberships")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    forbidden = {
        "slug": "other",
        "plan": str(unknown_id(Tenant)),
        "zero_retention": "on",
        "status": "suspended",
        "text_retention_days": "1",
        "audio_retention_days": "1",
        "allowed_voices": "x",
        "overrides-TOTAL_FORMS": "1",
        "overrides-0-limit": "queued_requests",
        "overrides-0-value": "",
    }
    before: dict[str, Any] = dict(Tenant.objects.values().get(pk=tenant.pk))
    sent = {
        "name": before["name"],
        "time_zone": before["time_zone"],
        "overload_policy": "wait",
        "default_timeout_seconds": "",
        **inline,
        **forbidden,
    }
    answer = client.post(path, sent)
    assert outcome(answer) == "shown"
    after: dict[str, Any] = dict(Tenant.objects.values().get(pk=tenant.pk))
    assert {name for name in after if after[name] != before[name]} == {"overload_policy"}
    assert tenant.overrides.count() == 1
    for action in ("suspend", "reactivate", "delete_selected"):
        client.post(path_of(Tenant), {"action": action, "_selected_action": [str(tenant.pk)], **CONFIRMED})
    assert Tenant.objects.get(pk=tenant.pk).is_active


def test_an_owner_becomes_no_operator(walrus: Belongings) -> None:
    client = owner_of(walrus)
    me = User.objects.get(username="owner-of-walrus")
    for path in (f"/admin/auth/user/{me.pk}/change/", "/admin/auth/user/add/", "/admin/auth/group/add/"):
        sent = {"username": "new", "is_superuser": "on", "is_staff": "on", "password1": "x", "password2": "x"}
        assert outcome(client.post(path, sent)) == "forbidden"
    me.refresh_from_db()
    assert not me.is_superuser


def test_the_end_of_a_membership_ends_the_session_s_reach(quokka: Belongings) -> None:
    """On the next click, without a new login."""
    client = owner_of(quokka)
    path = path_of(SynthesisRequest, f"{quokka.request.pk}/change/")
    assert outcome(client.get(path)) == "shown"
    Membership.all_tenants.filter(user__username="owner-of-quokka").delete()
    assert outcome(client.get(path)) == "missing"
    assert outcome(client.get(path_of(SynthesisRequest, f"{quokka.request.pk}/audio/"))) == "missing"


def test_nothing_of_the_history_of_changes_tells_of_others(quokka: Belongings, walrus: Belongings) -> None:
    """Django's own log of changes names objects; it is shown on pages of those objects and to who made them."""
    root = client_of(superuser())
    sent = {"action": "revoke", "_selected_action": [str(quokka.member.row.pk)], **CONFIRMED}
    root.post(path_of(ApiKey), sent)
    client = owner_of(walrus)
    assert leaks(client, "/admin/", quokka) == []
    assert leaks(client, path_of(ApiKey, f"{quokka.member.row.pk}/history/"), quokka) == []


def test_forms_of_other_sites_are_refused(walrus: Belongings) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(superuser())
    sent = {"action": "revoke", "_selected_action": [str(walrus.member.row.pk)], **CONFIRMED}
    assert outcome(client.post(path_of(ApiKey), sent)) == "forbidden"
    walrus.member.row.refresh_from_db()
    assert walrus.member.row.revoked_at is None
