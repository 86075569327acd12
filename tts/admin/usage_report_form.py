"""Which days the page about usage shows: a usual span by its name, or two dates."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tts.usage.ranges import UsageRange

LONGEST_DAYS = 400
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2999, 12, 31)
DEFAULT = "month"
SPANS: dict[str, str | Promise] = {
    "month": _("This month"),
    "last-month": _("Last month"),
    "week": _("Last 7 days"),
    "days": _("Last 30 days"),
}


class DaysForm(forms.Form):
    """Both dates are needed; today's page of the current month shows when they are not right."""

    first = forms.DateField(input_formats=["%Y-%m-%d"])
    last = forms.DateField(input_formats=["%Y-%m-%d"])

    def clean_first(self) -> date:
        return day_within(self.cleaned_data["first"])

    def clean_last(self) -> date:
        return day_within(self.cleaned_data["last"])

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first is None or last is None:
            return
        if last < first:
            raise forms.ValidationError(_("The last day comes before the first."))
        if last - first >= timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(
                _("At most %(days)d days can be shown at once."), params={"days": LONGEST_DAYS}
            )


def day_within(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise forms.ValidationError(
            _("Must lie between %(first)s and %(last)s."), params={"first": FIRST_DAY, "last": LAST_DAY}
        )
    return day


@dataclass(frozen=True, slots=True)
class ShownDays:
    """The days to show; `name` of a usual span, empty for two dates; what is not right with those that were sent."""

    range: UsageRange
    name: str = ""
    problems: list[str] = field(default_factory=list)


def shown_days(query: QueryDict, zone: ZoneInfo, now: datetime) -> ShownDays:
    """The days that a query asks for; this month where it asks for none, or for none that there are."""
    today = now.astimezone(zone).date()
    if not (query.get("from") or query.get("to")):
        name = query.get("span", DEFAULT)
        return ShownDays(_span(name, today, zone), name if name in SPANS else DEFAULT)
    form = DaysForm({"first": query.get("from"), "last": query.get("to")})
    if form.is_valid():
        return ShownDays(UsageRange(form.cleaned_data["first"], form.cleaned_data["last"], zone))
    labels = {"first": gettext("From"), "last": gettext("To")}
    problems = [
        f"{labels[name]}: {problem}" if name in labels else str(problem)
        for name, found in form.errors.items()
        for problem in found
    ]
    return ShownDays(_span(DEFAULT, today, zone), DEFAULT, problems)


def _span(name: str, today: date, zone: ZoneInfo) -> UsageRange:
    first = today.replace(day=1)
    match name:
        case "last-month":
            last = first - timedelta(days=1)
            return UsageRange(last.replace(day=1), last, zone)
        case "week":
            return UsageRange(today - timedelta(days=6), today, zone)
        case "days":
            return UsageRange(today - timedelta(days=29), today, zone)
        case _:
            return UsageRange(first, today, zone)
