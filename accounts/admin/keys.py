"""API keys: issue (shown once), look at, revoke."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.base import RecordAdmin
from accounts.admin.key_form import KeyForm
from accounts.admin.marks import Tone, mark
from accounts.models import ApiKey
from accounts.scopes import ALL_SCOPES
from accounts.services import key_issue, key_revoke


class KeyState(StrEnum):
    USABLE = "usable"
    EXPIRED = "expired"
    REVOKED = "revoked"


STATE_MARKS = {
    KeyState.USABLE: (_("usable"), Tone.GOOD),
    KeyState.EXPIRED: (_("expired"), Tone.QUIET),
    KeyState.REVOKED: (_("revoked"), Tone.BAD),
}


def key_state(key: ApiKey, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.USABLE if key.is_usable(now) else KeyState.EXPIRED


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, label) for state, (label, _tone) in STATE_MARKS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        now = timezone.now()
        match self.value():
            case KeyState.USABLE:
                return queryset.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
            case KeyState.EXPIRED:
                return queryset.filter(expires_at__lte=now, revoked_at=None)
            case KeyState.REVOKED:
                return queryset.filter(revoked_at__isnull=False)
        return queryset


@admin.register(ApiKey)
class KeyAdmin(RecordAdmin[ApiKey]):
    """Keys are issued and revoked. What is on record about one never changes, and no row is deleted."""

    list_display = (
        "label",
        "name",
        "tenant",
        "scope_list",
        "state",
        "last_used_at",
        "expires_at",
        "created_at",
    )
    list_display_links = ("label", "name")
    list_filter = (StateFilter, "environment", ("tenant", admin.RelatedFieldListFilter))
    lookups = frozenset({"state", "environment__exact", "tenant__id__exact"})
    list_select_related = ("tenant",)
    list_per_page = 50
    # The attribute makes the search box appear; `get_search_results` says what it finds.
    search_fields = ("public_id",)
    search_help_text = _("Key id, with or without vg_live_; else the name or the tenant's slug.")
    fields = (
        "label",
        "name",
        "tenant",
        "environment",
        "scope_list",
        "state",
        "created_at",
        "created_by",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # What RecordAdmin took away: here, adding is issuing.
        return super(RecordAdmin, self).has_add_permission(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiKey], search_term: str
    ) -> tuple[QuerySet[ApiKey], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        parts = term.split("_")
        public_id = parts[2] if len(parts) > 2 and parts[0] == "vg" else term
        found = Q(public_id=public_id) | Q(name__icontains=term) | Q(tenant__slug=term)
        return queryset.filter(found), False

    @admin.display(description=_("key id"))
    def label(self, key: ApiKey) -> str:
        return key.label

    @admin.display(description=_("scopes"))
    def scope_list(self, key: ApiKey) -> str:
        return str(_("all")) if set(key.scopes) == set(ALL_SCOPES) else ", ".join(key.scopes)

    @admin.display(description=_("state"))
    def state(self, key: ApiKey) -> SafeString:
        return mark(*STATE_MARKS[key_state(key, timezone.now())])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Issue a key. The answer to the POST shows it, this once: nothing of it goes into a message or a session."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            form = KeyForm(request.POST)
            if form.is_valid():
                return self._issued(request, form)
        else:
            form = KeyForm(initial=_initial(request))
        fieldsets = [(None, {"fields": list(form.fields)})]
        context = {
            "title": _("Issue a key"),
            # The stubs want a ModelForm; the helper lays out any form.
            "adminform": AdminForm(cast(Any, form), fieldsets, {}, model_admin=self),
            "errors": form.errors,
            "media": self.media + form.media,
        }
        return self._page(request, "issue", context)

    def _issued(self, request: HttpRequest, form: KeyForm) -> HttpResponse:
        user = request.user if isinstance(request.user, AbstractBaseUser) else None
        row, text = key_issue(created_by=user, **form.cleaned_data)
        self.log_addition(request, row, [{"added": {}}])
        # Never cached: `admin_view` says `no-store` for every page.
        return self._page(request, "issued", {"title": _("Key issued"), "key": row, "key_text": text})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            "can_revoke": self.has_operate_permission(request),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    @admin.action(description=_("Revoke selected keys"), permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        """Ends keys for good, so it asks first: the list's action and the key's own button both come here."""
        if "confirmed" not in request.POST:
            context = {
                "title": _("Revoke keys"),
                "keys": queryset.select_related("tenant"),
            }
            return self._page(request, "revoke", context)
        changed = [key for key in queryset if key_revoke(key=key)]
        for key in changed:
            self.log_change(request, key, "revoked")
        done = len(changed)
        told = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", done)
        self.message_user(request, told % {"count": done})
        return None

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/accounts/apikey/{name}.html", {**shared, **context})


def _initial(request: HttpRequest) -> dict[str, str]:
    """`?tenant=` of the links on a tenant's page."""
    try:
        return {"tenant": str(UUID(request.GET.get("tenant", "")))}
    except ValueError:
        return {}
