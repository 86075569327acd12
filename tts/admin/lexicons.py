"""Pronunciation dictionaries: the entries in force."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.admin.filters import TenantFilter
from accounts.admin.scoping import TenantScopedAdmin
from accounts.models import Tenant
from tts.models import PronunciationEntry
from tts.services.lexicons import entry_check, entry_create, entry_delete, entry_update
from tts.text.lexicon import Kind, LexiconEntry, Match

if TYPE_CHECKING:
    EntryForm = forms.ModelForm[PronunciationEntry]
else:
    # Takes no type parameters at run time; its stubs want them.
    EntryForm = forms.ModelForm


class PronunciationForm(EntryForm):
    class Meta:
        model = PronunciationEntry
        fields = ("tenant", "written", "kind", "spoken", "match", "case_sensitive", "language")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        tenant = data.get("tenant") or (self.instance.tenant_id and self.instance.tenant)
        if tenant and not self.errors:
            entry_check(tenant=tenant, entry=entry_of(data), row=self.instance if self.instance.pk else None)
        return data


@admin.register(PronunciationEntry)
class PronunciationAdmin(TenantScopedAdmin[PronunciationEntry]):
    """Every change is a new version of the tenant's dictionary; rows of earlier versions are kept and not shown."""

    form = PronunciationForm
    list_display = (
        "written",
        "spoken",
        "kind",
        "match",
        "language",
        "tenant",
        "valid_from_version",
        "updated_at",
    )
    list_filter = ("kind", ("tenant", TenantFilter))
    lookups = frozenset({"kind__exact", "tenant__id__exact"})
    list_select_related = ("tenant",)
    list_per_page = 100
    search_fields = ("written", "spoken")
    fields = ("tenant", "written", "kind", "spoken", "match", "case_sensitive", "language")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PronunciationEntry]:
        return super().get_queryset(request).filter(valid_to_version=None)

    def get_readonly_fields(
        self, request: HttpRequest, obj: PronunciationEntry | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else ("tenant", "valid_from_version", "created_at", "updated_at")

    def get_fields(self, request: HttpRequest, obj: PronunciationEntry | None = None) -> tuple[str, ...]:
        shown = tuple(map(str, self.fields))
        return shown if obj is None else (*shown, "valid_from_version", "created_at", "updated_at")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # A change makes another row, so the page of this one ends with it.
        context = {**(extra_context or {}), "show_save_and_continue": False}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except ValidationError as problem:
            # What the form found right was changed by somebody else before it was saved.
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return HttpResponseRedirect(reverse(f"{self.admin_site.name}:tts_pronunciationentry_changelist"))

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> PronunciationEntry:
        entry = entry_of(form.cleaned_data)
        if change:
            # The form has written into its own row; the service compares with what is on record.
            row = PronunciationEntry.all_tenants.select_related("tenant").get(pk=form.instance.pk)
            return entry_update(row=row, entry=entry, now=timezone.now())
        tenant: Tenant = form.cleaned_data["tenant"]
        return entry_create(tenant=tenant, entry=entry, now=timezone.now())

    def save_model(self, request: HttpRequest, obj: PronunciationEntry, form: Any, change: bool) -> None:
        """The service has saved it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """An entry has no related rows."""

    def delete_model(self, request: HttpRequest, obj: PronunciationEntry) -> None:
        entry_delete(row=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PronunciationEntry]) -> None:
        for row in self.all_allowed(request, queryset, "delete").select_related("tenant"):
            entry_delete(row=row)


def entry_of(data: dict[str, Any]) -> LexiconEntry:
    """The entry a valid form describes."""
    return LexiconEntry(
        data["written"],
        data["spoken"],
        Kind(data["kind"]),
        Match(data["match"]),
        case_sensitive=data["case_sensitive"],
        language=data["language"],
    )
