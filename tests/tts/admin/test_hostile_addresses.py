"""What the admin answers to addresses nobody's link leads to: never a secret, never a server error."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import FieldListFilter
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accounts.admin.base import GuardedAdmin
from tests.admin_cast import client_of, operator
from tests.cast import Cast
from tests.tts.admin.history import succeeded
from tts.models import SynthesisRequest

HISTORY = "/admin/tts/synthesisrequest/"
LISTS = (
    HISTORY,
    "/admin/tts/usageevent/",
    "/admin/tts/voice/",
    "/admin/accounts/apikey/",
    "/admin/accounts/tenant/",
    "/admin/auth/user/",
    "/admin/auth/group/",
)


@pytest.mark.parametrize(
    "lookup",
    [
        "tenant__api_keys__created_by__password__gte",
        "tenant__api_keys__digest__startswith",
        "tenant__name__regex",
        "tenant__id__gte",
        "tenant",
        "status",
        "status__regex",
        "status__in",
        "text__startswith",
        "format__exact",
        "engine_used__startswith",
        "fallback__isnull",
        "created_at__gte",
        "nonsense",
    ],
)
def test_history_is_filtered_by_its_filters_only(viewer: Client, cast: Cast, lookup: str) -> None:
    succeeded(cast.alice.tenant)

    assert viewer.get(HISTORY, {lookup: "("}).status_code == 400


@pytest.mark.parametrize(
    ("path", "lookup"),
    [
        ("tts/usageevent/", "tenant__api_keys__digest__startswith"),
        ("tts/usageevent/", "reference__regex"),
        ("tts/usageevent/", "api_key__digest__startswith"),
        ("tts/voice/", "id__regex"),
        ("tts/voice/", "engine__regex"),
        ("accounts/apikey/", "digest__startswith"),
        ("accounts/apikey/", "digest"),
        ("accounts/apikey/", "created_by__password__gte"),
        ("accounts/apikey/", "tenant__name__regex"),
        ("accounts/tenant/", "api_keys__digest__startswith"),
        ("accounts/tenant/", "slug__regex"),
        ("accounts/tenant/", "usable_keys"),
        ("auth/user/", "password__gte"),
        ("auth/user/", "username__regex"),
        ("auth/group/", "name__regex"),
    ],
)
def test_other_lists_are_filtered_by_their_filters_only(root: Client, path: str, lookup: str) -> None:
    assert root.get(f"/admin/{path}", {lookup: "("}).status_code == 400


@pytest.mark.parametrize("url", LISTS)
def test_every_link_of_every_filter_works(root: Client, cast: Cast, url: str) -> None:
    succeeded(cast.alice.tenant)
    changelist = root.get(url).context["cl"]

    links = [choice["query_string"] for spec in changelist.filter_specs for choice in spec.choices(changelist)
             if "query_string" in choice]  # fmt: skip

    assert bool(links) == bool(changelist.filter_specs)
    assert {root.get(url + link).status_code for link in links} <= {200}


def test_lists_allow_no_lookup_that_no_filter_expects(root: Client, cast: Cast) -> None:
    succeeded(cast.alice.tenant)
    for model_admin in admin.site._registry.values():
        assert isinstance(model_admin, GuardedAdmin), model_admin
        request: Any = root.get(HISTORY).wsgi_request
        expected = {
            parameter
            for declared in model_admin.get_list_filter(request)
            for parameter in _parameters(declared, request, model_admin)
        }
        assert model_admin.lookups <= expected, model_admin


def _parameters(declared: Any, request: Any, model_admin: Any) -> list[str | None]:
    if isinstance(declared, type):
        return [declared.parameter_name]  # type: ignore[attr-defined] # only SimpleListFilters are declared so
    name, kind = declared if isinstance(declared, tuple) else (declared, FieldListFilter.create)
    field = model_admin.opts.get_field(name)
    spec = kind(field, request, {}, model_admin.model, model_admin, field_path=name)
    return list(spec.expected_parameters())


@pytest.mark.parametrize("url", LISTS)
def test_nul_in_a_query_is_a_bad_request(root: Client, url: str) -> None:
    for parameter in ("q", "p", "o", "e", "all", "_popup", "_to_field", "_changelist_filters"):
        assert root.get(url, {parameter: "a\0b"}).status_code == 400, parameter
    assert root.get(f"{url}add/", {"tenant": "\0"}).status_code == 400


@pytest.mark.parametrize(
    "parameter", ["format", "status__exact", "engine_used", "fallback", "day", "tenant__id__exact"]
)
def test_nul_in_a_filter_is_a_bad_request(viewer: Client, parameter: str) -> None:
    assert viewer.get(HISTORY, {parameter: "\0"}).status_code == 400
    assert viewer.get(HISTORY, {parameter + "\0": "x"}).status_code == 400


@pytest.mark.parametrize("query", [{"tenant__id__exact": "nonsense"}, {"day": "0000-00-00"}, {"day": "²"}])
def test_filters_that_make_no_sense_lead_to_all_requests_and_a_word_about_it(
    root: Client, cast: Cast, query: dict[str, str]
) -> None:
    row = succeeded(cast.alice.tenant)
    answer = root.get(HISTORY, query)
    assert (answer.status_code, answer["Location"]) == (302, f"{HISTORY}?e=1")

    page = root.get(answer["Location"]).content.decode()

    assert "The filters of that address make no sense: all requests are shown." in page
    assert str(row.pk) in page
    # Else Django says that the database is broken.
    assert root.get(HISTORY, {"e": "1", **query}).status_code == 400


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["state", "audio", "rerun", "compare", "cancel", "erase"])
def test_a_request_that_has_left_the_history_meanwhile_is_not_found(
    root: Client, cast: Cast, page: str, method: str
) -> None:
    row = succeeded(cast.alice.tenant)
    SynthesisRequest.all_tenants.filter(pk=row.pk).delete()

    assert getattr(root, method)(f"{HISTORY}{row.pk}/{page}/").status_code == 404
    change = root.get(f"{HISTORY}{row.pk}/change/", follow=True)
    assert "Perhaps it was deleted?" in change.content.decode()


HOSTILE = (
    "x" * 5_000,
    "1e400",
    "²",
    "٣.٣",
    "1_0.event.1",
    "-99999999999999999.event.1",
    "9999-12-31T23:59",
    "\x1b[31m\r\n\x85",
    "(((",
    "%",
    "\\",
    "🙂\u202e",
)


@pytest.mark.parametrize(
    "parameter", ["level", "since", "until", "tenant", "engine", "request_id", "q", "before", "seen"]
)
def test_whatever_is_asked_of_the_log_is_answered(root: Client, parameter: str) -> None:
    statuses = {
        root.get(url, {parameter: value}).status_code
        for url in ("/admin/tts/logrecord/", "/admin/tts/logrecord/newest/")
        for value in HOSTILE
    }
    assert statuses <= {200, 400}


@pytest.mark.parametrize("parameter", ["q", "p", "day", "key", "voice_used", "format"])
def test_whatever_is_asked_of_the_history_is_answered(root: Client, cast: Cast, parameter: str) -> None:
    succeeded(cast.alice.tenant)
    assert {root.get(HISTORY, {parameter: value}).status_code for value in HOSTILE} <= {200, 302, 400}


@pytest.mark.parametrize("language", ["*", "en;q=nan", "zh-" + "x" * 1_000, ",,,,", "en" * 5_000, "²"])
def test_whatever_language_a_browser_wants_it_gets_a_page(root: Client, language: str) -> None:
    for url in (HISTORY, "/admin/tts/logrecord/"):
        assert root.get(url, headers={"Accept-Language": language}).status_code == 200


@pytest.mark.parametrize("url", [*LISTS, "/admin/django_rq/dashboard/"])
def test_nul_in_a_path_is_a_bad_request(root: Client, url: str) -> None:
    for page in ("", "change/", "history/", "delete/"):
        assert root.get(f"{url}%00/{page}").status_code == 400, page


@pytest.mark.parametrize(
    "url", ["/admin/%00/", "/admin/tts/%00/", "/admin/login/?next=%00", "/admin/?%00=%00"]
)
def test_nul_in_an_address_of_no_model_is_not_a_server_error(root: Client, url: str) -> None:
    assert root.get(url).status_code < 500


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("tts/voice/", "switch_off"),
        ("accounts/apikey/", "revoke"),
        ("accounts/tenant/", "suspend"),
        ("auth/user/", "delete_selected"),
    ],
)
def test_selecting_what_is_no_id_is_not_a_server_error(root: Client, path: str, action: str) -> None:
    def selected(identifier: str) -> int:
        answer = root.post(f"/admin/{path}", {"action": action, "_selected_action": identifier})
        return answer.status_code

    assert selected("\0") == 400
    # A voice may have any name.
    assert selected("nonsense") == (302 if path == "tts/voice/" else 400)


@pytest.mark.parametrize("page", ["1/", "1/change/", "1/history/", "1/delete/", "add/"])
def test_dashboard_has_no_pages_of_rows(root: Client, page: str) -> None:
    assert root.get(f"/admin/django_rq/dashboard/{page}").status_code in (302, 403, 404)


def test_view_on_site_leads_nowhere(viewer: Client, cast: Cast) -> None:
    kinds = list(ContentType.objects.values_list("pk", flat=True))
    answers = {
        viewer.get(f"/admin/r/{kind}/{identifier}/").status_code
        for kind in (*kinds, 0, "nonsense")
        for identifier in ("1", "%00", "nonsense", cast.alice.tenant.id)
    }

    assert kinds
    assert answers == {404}


def test_autocomplete_is_off(root: Client) -> None:
    source = {"app_label": "tts", "model_name": "synthesisrequest", "field_name": "tenant"}

    assert root.get("/admin/autocomplete/", {**source, "term": "a"}).status_code == 404
    assert root.get("/admin/autocomplete/", {**source, "term": "\0"}).status_code in (400, 404)


def test_viewer_of_history_reaches_no_password_by_ordering(cast: Cast) -> None:
    viewer = client_of(operator("reader", "tts.view_synthesisrequest"))
    succeeded(cast.alice.tenant)

    for order in ("0", "99", "-99", "tenant__api_keys__created_by__password", "2.3.4"):
        answer = viewer.get(HISTORY, {"o": order})
        assert answer.status_code == 200
        assert "password" not in str(answer.context["cl"].queryset.query)


def test_what_the_list_shows_of_an_id_finds_its_request(viewer: Client, cast: Cast) -> None:
    row, _other = succeeded(cast.alice.tenant), succeeded(cast.bob.tenant)
    page = viewer.get(HISTORY).content.decode()
    link = re.escape(reverse("admin:tts_synthesisrequest_change", args=[row.id]))
    shown = re.search(rf'<a href="{link}">(.*?)</a>', page)

    assert shown is not None
    text = re.sub("<[^>]*>", "", shown[1])
    assert text == str(row.id)
    assert [found.id for found in viewer.get(HISTORY, {"q": text}).context["cl"].result_list] == [row.id]
