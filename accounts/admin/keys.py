"""API keys: issue and rotate (shown once), narrow, look at, revoke."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.actors import actor_of
from accounts.admin.filters import TenantFilter
from accounts.admin.key_form import LIMITS, PURPOSE, KeyChangeForm, KeyForm, RotateForm
from accounts.admin.marks import Tone, mark
from accounts.admin.scoping import TenantScopedAdmin
from accounts.keys import KeyText, public_id_of
from accounts.models import ApiKey
from accounts.roles import holds_in, tenants_allowing
from accounts.scopes import ALL_SCOPES
from accounts.services.key_rotation import key_rotate
from accounts.services.keys import KeyEnded, key_issue, key_revoke, key_update


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
class KeyAdmin(TenantScopedAdmin[ApiKey]):
    """Keys are issued, rotated, narrowed and revoked. A revoked one never changes again, and no row is deleted."""

    form = KeyChangeForm
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
    list_filter = (StateFilter, "environment", ("tenant", TenantFilter))
    lookups = frozenset({"state", "environment__exact", "tenant__id__exact"})
    list_select_related = ("tenant",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # The attribute makes the search box appear; `get_search_results` says what it finds.
    search_fields = ("public_id",)
    search_help_text = _("Key id, with or without vg_live_; else the name or the tenant's slug.")
    readonly_fields = (
        "label",
        "tenant",
        "environment",
        "state",
        "created_at",
        "created_by",
        "last_used_at",
        "rotated_at",
        "previous_until",
        "revoked_at",
    )
    fieldsets = (
        (None, {"fields": ("label", "tenant", "environment", "state", *PURPOSE)}),
        (_("What it may use"), {"fields": LIMITS}),
        (
            _("What happened to it"),
            {
                "fields": (
                    "created_at",
                    "created_by",
                    "last_used_at",
                    "rotated_at",
                    "previous_until",
                    "revoked_at",
                )
            },
        ),
    )
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return (obj is None or obj.revoked_at is None) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        rotate = path(
            "<uuid:key_id>/rotate/",
            self.admin_site.admin_view(self.rotate_view),
            name="accounts_apikey_rotate",
        )
        return [rotate, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiKey], search_term: str
    ) -> tuple[QuerySet[ApiKey], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(public_id=public_id_of(term)) | Q(name__icontains=term) | Q(tenant__slug=term)
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
        tenants = tenants_allowing(request.user, self.permission("add"))
        if request.method == "POST":
            form = KeyForm(request.POST, tenants=tenants)
            if form.is_valid():
                row, text = key_issue(actor=actor_of(request), **form.cleaned_data)
                self.log_addition(request, row, [{"added": {}}])
                return self._shown_once(request, _("Key issued"), row, text)
        else:
            form = KeyForm(initial=_initial(request), tenants=tenants)
        sections = [
            (None, {"fields": [name for name in form.fields if name not in LIMITS]}),
            (_("What it may use"), {"fields": list(LIMITS)}),
        ]
        return self._asked(request, "issue", _("Issue a key"), form, sections)

    def rotate_view(self, request: HttpRequest, key_id: UUID) -> HttpResponse:
        """Give a key another secret. The answer to the POST shows it, this once, like that of a new key."""
        key = self.get_object(request, str(key_id))
        if key is None:
            raise Http404
        if not self._may_rotate(request, key):
            raise PermissionDenied
        form = RotateForm(request.POST if request.method == "POST" else None)
        now = timezone.now()
        if not key.is_usable(now):
            return self._ended(request, key_id)
        if form.is_valid():
            try:
                row, text = key_rotate(key=key, overlap=form.cleaned_data["overlap"], actor=actor_of(request))
            except KeyEnded:
                return self._ended(request, key_id)
            self.log_change(request, row, "rotated")
            return self._shown_once(request, _("Key rotated"), row, text)
        overlapping = key.previous_until is not None and now < key.previous_until
        sections = [(None, {"fields": ["overlap"]})]
        return self._asked(
            request, "rotate", _("Rotate a key"), form, sections, key=key, still_overlapping=overlapping
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except KeyEnded:
            # Somebody revoked it while the form was open.
            return self._ended(request, object_id)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        key: ApiKey = context["original"]
        context["can_revoke"] = self.has_change_permission(request, key)
        context["can_rotate"] = self._may_rotate(request, key) and key.is_usable(timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> ApiKey:
        return key_update(key=form.instance, actor=actor_of(request), **form.changes())

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """The service has saved it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A key's form has no related rows."""

    @admin.action(description=_("Revoke selected keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        """Ends keys for good, so it asks first: the list's action and the key's own button both come here."""
        selected = self.all_allowed(request, queryset, "change").select_related("tenant")
        if "confirmed" not in request.POST:
            return self._page(request, "revoke", {"title": _("Revoke keys"), "keys": selected})
        changed = [key for key in selected if key_revoke(key=key, actor=actor_of(request))]
        for key in changed:
            self.log_change(request, key, "revoked")
        done = len(changed)
        told = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", done)
        self.message_user(request, told % {"count": done})
        return None

    def _may_rotate(self, request: HttpRequest, key: ApiKey) -> bool:
        """Whoever is shown a secret must be somebody who may issue keys there as well; operators may not."""
        issues = holds_in(request.user, key.tenant, self.permission("add"))
        return issues and self.has_change_permission(request, key)

    def _shown_once(self, request: HttpRequest, title: Any, key: ApiKey, text: KeyText) -> HttpResponse:
        # Never cached: `admin_view` says `no-store` for every page.
        return self._page(request, "issued", {"title": title, "key": key, "key_text": text})

    def _asked(
        self,
        request: HttpRequest,
        name: str,
        title: Any,
        form: forms.Form | KeyForm,
        sections: Any,
        **more: Any,
    ) -> HttpResponse:
        context = {
            "title": title,
            # The stubs want a ModelForm; the helper lays out any form.
            "adminform": AdminForm(cast(Any, form), sections, {}, model_admin=self),
            "errors": form.errors,
            "media": self.media + form.media,
            **more,
        }
        return self._page(request, name, context)

    def _ended(self, request: HttpRequest, key_id: UUID | str | None) -> HttpResponse:
        self.message_user(request, _("This key is revoked or expired, so it stays as it is."), messages.ERROR)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:accounts_apikey_change", args=[key_id]))

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
