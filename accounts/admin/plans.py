"""Plans: what each allows, and how many tenants are on it."""

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.actors import actor_of
from accounts.admin.amounts import amount
from accounts.admin.formatting import EMPTY
from accounts.admin.marks import Tone, mark
from accounts.admin.operators import OperatorsAdmin
from accounts.admin.saving import ServiceSavedAdmin, become
from accounts.limits.names import Limit
from accounts.models import Plan
from accounts.models.plan import LIMIT_LABELS
from accounts.services.plans import CHANGEABLE, plan_create, plan_delete, plan_make_default, plan_update


@admin.register(Plan)
class PlanAdmin(OperatorsAdmin[Plan], ServiceSavedAdmin[Plan]):
    """For operators. A plan with tenants, and the default one, cannot be deleted."""

    list_display = (
        "name",
        "slug",
        "marks",
        "tenant_count",
        "requests_shown",
        "characters_shown",
        "at_work_shown",
        "waiting_shown",
        "month_shown",
    )
    list_filter = ("observe_only",)
    lookups = frozenset({"observe_only__exact"})
    search_fields = ("name", "slug")
    list_per_page = 50
    actions = ("make_default",)
    fieldsets = (
        (None, {"fields": ("slug", "name", "is_default", "observe_only")}),
        (
            _("Limits"),
            {
                "description": _("Empty is unlimited, 0 is none."),
                "fields": (
                    "requests_per_minute",
                    "requests_burst",
                    "characters_per_minute",
                    "concurrent_requests",
                    "queued_requests",
                    "characters_per_month",
                    "max_characters_sync",
                    "max_characters_async",
                    "max_timeout_seconds",
                    "priority_weight",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return super().get_queryset(request).annotate(tenants_on_it=Count("tenants"))

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        return ("is_default",) if obj is None else ("slug", "is_default")

    def save_model(self, request: HttpRequest, obj: Plan, form: "ModelForm[Plan]", change: bool) -> None:
        values = {name: value for name, value in form.cleaned_data.items() if name in CHANGEABLE}
        if change:
            plan_update(plan=obj, actor=actor_of(request), **values)
        else:
            created = plan_create(slug=form.cleaned_data["slug"], actor=actor_of(request), **values)
            become(obj, created)

    def delete_model(self, request: HttpRequest, obj: Plan) -> None:
        plan_delete(plan=obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        with transaction.atomic():
            for plan in queryset:
                plan_delete(plan=plan, actor=actor_of(request))

    @admin.action(description=_("Make the selected plan the default"), permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        plans = list(queryset[:2])
        if len(plans) != 1:
            self.message_user(request, _("Select one plan."), "ERROR")
        elif plan_make_default(plan=plans[0], actor=actor_of(request)):
            self.log_change(request, plans[0], "made the default")
            told = _("New tenants get the plan %(plan)s from now on.")
            self.message_user(request, str(told) % {"plan": plans[0].name})

    @admin.display(description=_("tenants"), ordering="tenants_on_it")
    def tenant_count(self, plan: Plan) -> SafeString:
        url = reverse(f"{self.admin_site.name}:accounts_tenant_changelist")
        # The annotation of `get_queryset`.
        count: int = getattr(plan, "tenants_on_it", 0)
        return format_html('<a href="{}?plan__id__exact={}">{}</a>', url, plan.pk, count)

    @admin.display(description=_("state"))
    def marks(self, plan: Plan) -> SafeString | str:
        shown = []
        if plan.is_default:
            shown.append(mark(_("default"), Tone.GOOD))
        if plan.observe_only:
            shown.append(mark(_("observe only"), Tone.BUSY))
        return SafeString(" ".join(shown)) if shown else EMPTY

    @admin.display(description=LIMIT_LABELS[Limit.REQUESTS_PER_MINUTE], ordering="requests_per_minute")
    def requests_shown(self, plan: Plan) -> str:
        return amount(plan.requests_per_minute)

    @admin.display(description=LIMIT_LABELS[Limit.CHARACTERS_PER_MINUTE], ordering="characters_per_minute")
    def characters_shown(self, plan: Plan) -> str:
        return amount(plan.characters_per_minute)

    @admin.display(description=LIMIT_LABELS[Limit.CONCURRENT_REQUESTS], ordering="concurrent_requests")
    def at_work_shown(self, plan: Plan) -> str:
        return amount(plan.concurrent_requests)

    @admin.display(description=LIMIT_LABELS[Limit.QUEUED_REQUESTS], ordering="queued_requests")
    def waiting_shown(self, plan: Plan) -> str:
        return amount(plan.queued_requests)

    @admin.display(description=LIMIT_LABELS[Limit.CHARACTERS_PER_MONTH], ordering="characters_per_month")
    def month_shown(self, plan: Plan) -> str:
        return amount(plan.characters_per_month)
