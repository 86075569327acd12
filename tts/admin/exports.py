"""Usage exports: asked for, watched, fetched."""

from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin.actors import actor_of
from accounts.admin.base import OfferedOrder
from accounts.admin.filters import DayFilter, TenantFilter
from accounts.admin.paginator import CappedPaginator
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.models import Tenant
from accounts.roles import holds_everywhere, holds_in, holds_somewhere, tenants_allowing
from tts.admin.export_columns import ExportColumns
from tts.admin.export_form import ExportForm
from tts.admin.export_refusals import refusal_text
from tts.api.usage_export import attachment
from tts.exports.checking import SIDE_FILE
from tts.exports.file_formats import CONTENT_TYPES, FileFormat
from tts.exports.snapshot import SnapshotTooSlow
from tts.models import UsageExport
from tts.services.export_bounds import Asker, ExportRefused
from tts.services.export_files import (
    ExportsBusy,
    ExportSpec,
    TooManyRows,
    connection_give_back,
    export_stream,
)
from tts.services.export_links import export_token, export_token_holds
from tts.services.export_writing import export_spec
from tts.services.exports import (
    export_fetched,
    export_file,
    export_request,
    export_retry,
    export_streamed,
    exports_reconcile_seldom,
    most_rows,
)

TO_EXPORT = ("tts.add_usageexport", "tts.view_usageevent")


class ExportList(OfferedOrder):
    """Gives each row a link that works for whoever opened the list."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Read once and kept: templates go over the same rows.
        self.result_list = list(self.result_list)
        for export in self.result_list:
            export.token = export_token(export=export, user=cast(Any, request.user))


@admin.register(UsageExport)
class ExportAdmin(ExportColumns, ScopedRecordAdmin[UsageExport]):
    """Small files are sent at once; larger ones are written by the background worker and are rows of this list."""

    list_display = (
        "what",
        "tenant_name",
        "status_mark",
        "progress",
        "file_link",
        "asked_for",
        "asked_by",
        "kept_until",
    )
    list_filter = ("status", DayFilter, ("tenant", TenantFilter))
    lookups = frozenset({"status__exact", "day", "tenant__id__exact", "tenant__isnull"})
    list_select_related = ("tenant", "requested_by", "api_key")
    list_per_page = 50
    # Ids grow with time and have an index.
    ordering = ("-id",)
    sortable_by = ()
    actions = None
    paginator = CappedPaginator
    fieldsets = (
        (None, {"fields": ("what", "status_mark", "progress", "file_link", "error", "size", "digest")}),
        (
            _("Asked for"),
            {"fields": ("tenant_name", "span", "time_zone", "detail", "file_format", "byte_order_mark")},
        ),
        (_("Times"), {"fields": ("asked_for", "asked_by", "started", "finished", "kept_until")}),
        (_("Totals"), {"fields": ("sums",)}),
    )

    class Media:
        css = {"all": ("tts/exports.css",)}
        js = ("tts/exports.js",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds_somewhere(request.user, *TO_EXPORT)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<uuid:export_id>/file/",
                self.admin_site.admin_view(self.file_view),
                name="tts_usageexport_file",
            ),
            path(
                "<uuid:export_id>/retry/",
                self.admin_site.admin_view(self.retry_view),
                name="tts_usageexport_retry",
            ),
        ]
        return [*own, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ExportList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> UsageExport | None:
        export = super().get_object(request, object_id, from_field)
        if export is not None:
            setattr(export, "token", export_token(export=export, user=cast(Any, request.user)))  # noqa: B010 - no field
        return export

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request):
            # Whoever waits for a file should not wait for one that nobody writes.
            exports_reconcile_seldom(now=timezone.now())
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a file: the answer is the file itself, or the list with its progress."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ExportForm(
            request.POST if request.method == "POST" else None,
            tenants=tenants_allowing(request.user, *TO_EXPORT).order_by("name"),
            may_take_all=holds_everywhere(request.user, *TO_EXPORT),
            initial=_initial(request),
        )
        if form.is_valid():
            # A file that is sent at once is streamed, which Django's stubs do not foresee.
            return cast(HttpResponse, self._given(request, form.spec()))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Export usage"),
            # The stubs want a ModelForm; the helper lays out any form.
            "adminform": AdminForm(
                cast(Any, form), [(None, {"fields": list(form.fields)})], {}, model_admin=self
            ),
            "errors": form.errors,
            "media": self.media + form.media,
            "most_rows": most_rows(FileFormat.CSV),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/tts/usageexport/ask.html", context)

    def _given(self, request: HttpRequest, spec: ExportSpec) -> HttpResponseBase:
        now = timezone.now()
        try:
            stream = export_stream(spec=spec, now=now, most_rows=most_rows(spec.file_format))
        except (TooManyRows, ExportsBusy, SnapshotTooSlow):  # too much for now: a job writes it
            return self._queued(request, spec)
        try:
            export_streamed(spec=spec, id=stream.manifest.id, actor=actor_of(request))
        except BaseException:
            stream.close()
            raise
        connection_give_back()
        return attachment(stream)

    def _queued(self, request: HttpRequest, spec: ExportSpec) -> HttpResponse:
        try:
            export_request(spec=spec, asker=_asker(request), actor=actor_of(request), now=timezone.now())
        except ExportRefused as refused:
            self.message_user(request, refusal_text(refused), messages.ERROR)
        else:
            told = _("The file is being written; it appears here when it is ready.")
            self.message_user(request, told, messages.SUCCESS)
        return self._to_list()

    def file_view(self, request: HttpRequest, export_id: UUID) -> HttpResponseBase:
        """The stored file, or with `?part=manifest` the one beside it, for the person that the link was made for."""
        export = self._found(request, export_id)
        token = request.GET.get("token", "")
        if not export_token_holds(token=token, export_id=export_id, user=cast(Any, request.user)):
            return self._back(request, _("This link has expired; here is a new one."))
        is_manifest = request.GET.get("part") == "manifest"
        file = export_file(export=export, of_manifest=is_manifest)
        if file is None:
            return self._back(request, _("This file is no longer kept."))
        export_fetched(export=export, actor=actor_of(request))
        shown = export_spec(export).file_name
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{shown}{SIDE_FILE}" if is_manifest else shown,
            content_type="application/json" if is_manifest else CONTENT_TYPES[FileFormat(export.file_format)],
            headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
        )

    def retry_view(self, request: HttpRequest, export_id: UUID) -> HttpResponse:
        """Have a failed export written once more."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        export = self._found(request, export_id)
        if not _may_export(request, export.tenant):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            again = export_retry(
                export=export, asker=_asker(request), actor=actor_of(request), now=timezone.now()
            )
        except ExportRefused as refused:
            self.message_user(request, refusal_text(refused), messages.ERROR)
        else:
            if again:
                self.message_user(request, _("The file is being written once more."), messages.SUCCESS)
        return self._to_list()

    def _found(self, request: HttpRequest, export_id: UUID) -> UsageExport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = self.get_queryset(request).select_related("tenant").filter(pk=export_id).first()
        if export is None:
            raise Http404
        return export

    def _back(self, request: HttpRequest, told: Any) -> HttpResponse:
        self.message_user(request, told, messages.WARNING)
        return self._to_list()

    def _to_list(self) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:tts_usageexport_changelist"))


def _may_export(request: HttpRequest, tenant: Tenant | None) -> bool:
    if tenant is None:
        return holds_everywhere(request.user, *TO_EXPORT)
    return holds_in(request.user, tenant, *TO_EXPORT)


def _asker(request: HttpRequest) -> Asker:
    return Asker(user=cast(Any, request.user))


def _initial(request: HttpRequest) -> dict[str, str]:
    """What links to the form say: `?tenant=&first=&last=&detail=&time_zone=`."""
    names = ("tenant", "first", "last", "detail", "file_format", "time_zone")
    return {name: request.GET[name] for name in names if request.GET.get(name)}
