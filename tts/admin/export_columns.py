"""What the admin shows of a usage export."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.formatting import EMPTY, moment
from accounts.admin.marks import Tone, mark
from tts.exports.manifest import ALL
from tts.models import SynthesisRequest, UsageExport
from tts.services.export_bounds import UNFINISHED
from tts.services.export_writing import export_spec

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

Status = UsageExport.Status

TONES = {
    Status.QUEUED: Tone.BUSY,
    Status.RUNNING: Tone.BUSY,
    Status.SUCCEEDED: Tone.GOOD,
    Status.FAILED: Tone.BAD,
    Status.EXPIRED: Tone.QUIET,
}
ERRORS = {
    "interrupted": _("The worker that wrote it is gone."),
    "storage_failed": _("Storage did not take the file."),
    "timed_out": _("It took too long; fewer days take less."),
    "internal": _("Something went wrong on our side; the error log has it."),
}


class ExportColumns:
    """Columns of the list and lines of an export's page."""

    admin_site: "AdminSite"

    @admin.display(description=_("file"))
    def what(self, export: UsageExport) -> str:
        kind = f"{export.get_detail_display()} · {export.get_file_format_display()}"
        return f"{self.span(export)} · {kind}"

    @admin.display(description=_("tenant"))
    def tenant_name(self, export: UsageExport) -> str:
        return gettext("all tenants") if export.tenant is None else export.tenant.name

    @admin.display(description=_("status"))
    def status_mark(self, export: UsageExport) -> SafeString:
        return mark(export.get_status_display(), TONES[Status(export.status)])

    @admin.display(description=_("rows"))
    def progress(self, export: UsageExport) -> SafeString | str:
        """A bar while it is being written; the script of the page fetches it anew as long as there is one."""
        if export.status not in UNFINISHED:
            total = export.rows_total
            return EMPTY if total is None else format_html('<span class="numbers">{}</span>', f"{total:,}")
        if not export.rows_total:
            return format_html(
                '<progress class="export-progress" aria-label="{}"></progress>', gettext("waits")
            )
        figures = gettext("%(done)s of %(total)s") % {
            "done": f"{export.rows_done:,}",
            "total": f"{export.rows_total:,}",
        }
        return format_html(
            '<progress class="export-progress" max="{}" value="{}" aria-label="{}"></progress>'
            '<span class="numbers">{}</span>',
            export.rows_total,
            export.rows_done,
            gettext("rows written"),
            figures,
        )

    @admin.display(description=_("download"))
    def file_link(self, export: UsageExport) -> SafeString | str:
        if export.status == Status.FAILED:
            url = reverse(f"{self.admin_site.name}:tts_usageexport_retry", args=[export.pk])
            # The list and the page of a row are forms already.
            return format_html(
                '<button type="submit" class="button export-retry" formmethod="post" formaction="{}">{}</button>',
                url,
                gettext("Try again"),
            )
        # Set by the page for the person who looks.
        token: str = getattr(export, "token", "")
        if export.status != Status.SUCCEEDED or not token:
            return EMPTY
        url = reverse(f"{self.admin_site.name}:tts_usageexport_file", args=[export.pk])
        return format_html(
            '<a class="export-file" href="{0}?{1}" download>{2}</a> <span class="quiet">{3}</span>'
            ' <a class="export-manifest" href="{0}?{4}" download>{5}</a>',
            url,
            urlencode({"token": token}),
            gettext("Download"),
            filesizeformat(export.file_bytes or 0),
            urlencode({"token": token, "part": "manifest"}),
            gettext("Manifest"),
        )

    @admin.display(description=_("error"))
    def error(self, export: UsageExport) -> str:
        return str(ERRORS.get(export.error_code, export.error_code)) or EMPTY

    @admin.display(description=_("size"))
    def size(self, export: UsageExport) -> str:
        return EMPTY if export.file_bytes is None else filesizeformat(export.file_bytes)

    @admin.display(description="SHA-256")
    def digest(self, export: UsageExport) -> SafeString | str:
        return format_html('<code class="export-digest">{}</code>', export.sha256) if export.sha256 else EMPTY

    @admin.display(description=_("days"))
    def span(self, export: UsageExport) -> str:
        found = export_spec(export).span
        return f"{found.first} – {found.last}"

    @admin.display(description=_("asked for"))
    def asked_for(self, export: UsageExport) -> SafeString | str:
        return moment(export.created_at)

    @admin.display(description=_("asked for by"))
    def asked_by(self, export: UsageExport) -> str:
        """The person, or the key that the API was called with."""
        return str(export.requested_by or export.api_key or EMPTY)

    @admin.display(description=_("started"))
    def started(self, export: UsageExport) -> SafeString | str:
        return moment(export.started_at)

    @admin.display(description=_("finished"))
    def finished(self, export: UsageExport) -> SafeString | str:
        return moment(export.finished_at)

    @admin.display(description=_("kept until"))
    def kept_until(self, export: UsageExport) -> SafeString | str:
        return moment(export.expires_at) if export.status == Status.SUCCEEDED else EMPTY

    @admin.display(description=_("totals"))
    def sums(self, export: UsageExport) -> SafeString | str:
        """As in the file's manifest."""
        if not export.totals:
            return EMPTY
        outcomes = dict(SynthesisRequest.Status.choices) | {ALL: gettext("in all")}
        heads = (gettext("outcome"), gettext("requests"), gettext("characters"), gettext("audio, s"))
        rows = [
            (
                outcomes.get(outcome, outcome),
                f"{amounts['requests']:,}",
                f"{amounts['characters']:,}",
                f"{amounts['audio_seconds']:,.3f}",
            )
            for outcome, amounts in export.totals.items()
        ]
        return format_html(
            '<table class="export-totals"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
            format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
            format_html_join(
                "",
                '<tr><th scope="row">{}</th><td class="numbers">{}</td><td class="numbers">{}</td>'
                '<td class="numbers">{}</td></tr>',
                rows,
            ),
        )
