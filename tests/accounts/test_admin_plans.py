import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, Plan
from tests.admin_cast import client_of, english_client, operator, staff, superuser
from tests.cast import Cast, plan

LIST = "/admin/accounts/plan/"
ADD = f"{LIST}add/"


@pytest.fixture
def root(db: None) -> Client:
    return client_of(superuser())


def page_of(row: Plan, page: str = "change") -> str:
    return reverse(f"admin:accounts_plan_{page}", args=[row.pk])


def form_of(**changes: object) -> dict[str, object]:
    return {
        "slug": "gold",
        "name": "Gold",
        "requests_per_minute": 600,
        "requests_burst": 60,
        "characters_per_minute": "",
        "concurrent_requests": 0,
        "queued_requests": "",
        "characters_per_month": "",
        "max_characters_sync": 800,
        "max_characters_async": "",
        "max_timeout_seconds": 60,
        "priority_weight": 1,
        **changes,
    }


def told() -> list[str]:
    rows = AuditEvent.all_tenants.filter(target_kind="plan", actor_name="root").order_by("id")
    return list(rows.values_list("action", flat=True))


def test_list_spells_out_unlimited_and_none_and_counts_tenants(root: Client, cast: Cast) -> None:
    plan("strict", requests_per_minute=0, characters_per_month=1_000_000, observe_only=True)

    page = root.get(LIST).content.decode()

    assert '<td class="field-requests_shown">none</td>' in page
    assert '<td class="field-requests_shown">unlimited</td>' in page
    assert '<td class="field-month_shown">1,000,000</td>' in page
    assert ">observe only<" in page
    assert ">default<" in page
    unlimited = Plan.objects.get(slug="unlimited")
    assert f'<a href="/admin/accounts/tenant/?plan__id__exact={unlimited.pk}">2</a>' in page


def test_the_link_to_tenants_shows_those_of_the_plan(root: Client, cast: Cast) -> None:
    standard = Plan.objects.get(slug="standard")

    def shown(row: Plan) -> int:
        answer = root.get("/admin/accounts/tenant/", {"plan__id__exact": str(row.pk)})
        return len(answer.context["cl"].result_list)

    assert (shown(cast.alice.tenant.plan), shown(standard)) == (2, 0)


def test_list_takes_the_same_queries_for_any_number_of_plans(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        plan(f"plan-{number}")
    # Session, user, count filtered, count in all, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_a_plan_is_added_changed_and_deleted_through_the_services(root: Client) -> None:
    assert root.post(ADD, form_of(is_default="on")).status_code == 302
    gold = Plan.objects.get(slug="gold")
    assert (gold.characters_per_minute, gold.concurrent_requests, gold.is_default) == (None, 0, False)
    assert root.post(page_of(gold), form_of(slug="silver", observe_only="on")).status_code == 302
    gold.refresh_from_db()
    assert (gold.slug, gold.observe_only) == ("gold", True)
    assert root.post(page_of(gold, "delete"), {"post": "yes"}).status_code == 302
    assert not Plan.objects.filter(slug="gold").exists()
    assert told() == ["plan.create", "plan.update", "plan.delete"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("slug", "standard", "already exists"),
        ("requests_per_minute", -1, "greater than or equal to 0"),
        ("requests_burst", 0, "greater than or equal to 1"),
        ("priority_weight", 101, "less than or equal to 100"),
    ],
)
def test_the_form_names_what_is_wrong(root: Client, field: str, value: object, message: str) -> None:
    assert message in root.post(ADD, form_of(**{field: value})).content.decode()
    assert not Plan.objects.filter(slug="gold").exists()


def test_a_plan_with_tenants_and_the_default_are_not_deleted(root: Client, cast: Cast) -> None:
    for row, message in (
        (cast.alice.tenant.plan, "Cannot delete plan"),
        (Plan.objects.get(slug="standard"), "make another the default first"),
    ):
        page = root.post(page_of(row, "delete"), {"post": "yes"}, follow=True).content.decode()
        assert message in page
        data = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        root.post(LIST, data)
        assert Plan.objects.filter(pk=row.pk).exists()


def test_one_plan_at_a_time_is_made_the_default(root: Client) -> None:
    gold, silver = plan("gold"), plan("silver")

    def make(*plans: Plan) -> None:
        root.post(LIST, {"action": "make_default", "_selected_action": [str(row.pk) for row in plans]})

    make(gold, silver)
    assert Plan.objects.get(is_default=True).slug == "standard"
    make(gold)
    assert Plan.objects.get(is_default=True).slug == "gold"


def test_plans_are_for_operators_with_the_permission(cast: Cast) -> None:
    permissions = [f"accounts.{what}_plan" for what in ("view", "add", "change", "delete")]
    of_a_tenant, looking = (
        client_of(staff("of", *permissions)),
        client_of(operator("see", "accounts.view_plan")),
    )

    for url in (LIST, ADD, page_of(cast.alice.tenant.plan)):
        assert of_a_tenant.get(url).status_code == 403
        assert english_client().get(url).status_code == 302
    assert looking.get(LIST).status_code == 200
    assert looking.get(ADD).status_code == 403
    assert looking.post(page_of(cast.alice.tenant.plan), form_of()).status_code == 403
