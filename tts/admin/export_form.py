"""The form that asks for a usage export."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Tenant
from tts.admin.usage_report_form import day_within
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.models import UsageExport
from tts.services.export_files import ExportSpec
from tts.usage.ranges import UsageRange

LONGEST_DAYS = 400


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ExportForm(forms.Form):
    """What `ExportSpec` holds. The tenant is one of `tenants`; all of them at once only where `may_take_all`."""

    first = forms.DateField(label=_("First day"), widget=_date_input())
    last = forms.DateField(label=_("Last day"), widget=_date_input())
    detail = forms.ChoiceField(
        label=_("Lines"), choices=UsageExport.Detail.choices, widget=forms.RadioSelect, initial=Detail.SUMMARY
    )
    file_format = forms.ChoiceField(
        label=capfirst(_("format")),
        choices=UsageExport.Format.choices,
        widget=forms.RadioSelect,
        initial=FileFormat.CSV,
    )
    byte_order_mark = forms.BooleanField(
        label=_("CSV for Excel"),
        required=False,
        help_text=_("Puts a byte order mark first, without which Excel takes UTF-8 for another encoding."),
    )
    time_zone = forms.CharField(
        label=capfirst(_("time zone")),
        required=False,
        max_length=64,
        help_text=_(
            "IANA name, which says when days begin; empty is the tenant's, or this server's for all."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    field_order = ("tenant", "first", "last", "detail", "file_format", "byte_order_mark", "time_zone")

    def __init__(
        self,
        data: Any = None,
        *,
        tenants: QuerySet[Tenant],
        may_take_all: bool,
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial={**_this_month(), **initial})
        choices = list(tenants[:2])
        self.fields["tenant"] = forms.ModelChoiceField(
            tenants,
            label=capfirst(_("tenant")),
            required=not may_take_all,
            empty_label=_("all tenants") if may_take_all else None,
            initial=choices[0] if len(choices) == 1 and not may_take_all else None,
        )
        self.order_fields(self.field_order)

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name and name not in available_timezones():
            raise forms.ValidationError(_("This is no IANA time zone; Asia/Shanghai is one."))
        return name

    def clean_first(self) -> date:
        return day_within(self.cleaned_data["first"])

    def clean_last(self) -> date:
        return day_within(self.cleaned_data["last"])

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if self.errors:
            return values
        if values["last"] < values["first"]:
            self.add_error("last", _("This is before the first day."))
        elif values["last"] - values["first"] >= timedelta(days=LONGEST_DAYS):
            self.add_error("last", _("At most %(days)d days at once.") % {"days": LONGEST_DAYS})
        else:
            self._check_days(self.span())
        return values

    def _check_days(self, span: UsageRange) -> None:
        if span.starts_at >= span.ends_at:
            self.add_error("first", _("There is no such day in this time zone."))
        elif span.misaligned_day() is not None:
            self.add_error(
                "time_zone", _("Days of this time zone do not begin on a quarter of an hour here.")
            )

    def span(self) -> UsageRange:
        values = self.cleaned_data
        tenant: Tenant | None = values["tenant"]
        zone = values["time_zone"] or (settings.TIME_ZONE if tenant is None else tenant.time_zone)
        return UsageRange(values["first"], values["last"], ZoneInfo(zone))

    def spec(self) -> ExportSpec:
        """What was asked for; once the form is valid."""
        values = self.cleaned_data
        return ExportSpec(
            tenant=values["tenant"],
            span=self.span(),
            file_format=FileFormat(values["file_format"]),
            detail=Detail(values["detail"]),
            byte_order_mark=values["byte_order_mark"],
        )


def _this_month() -> dict[str, Any]:
    today = timezone.localdate()
    return {"first": today.replace(day=1), "last": today}
