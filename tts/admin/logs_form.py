"""The filters of the log page."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Tenant
from tts.models import LogRecord
from tts.services.logs_lines import LogFilter

MINUTE = "%Y-%m-%dT%H:%M"
_TIMES = (MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


class _Moment(forms.DateTimeField):
    """A date and time of the server's zone, by the browser's own picker."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE)
    input_formats = _TIMES

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, input_formats=_TIMES, **options)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        # Days at the calendar's ends are none in another time zone.
        if found is not None and not 1970 <= found.year < 3000:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class LogForm(forms.Form):
    """Nothing is required; empty fields let everything through."""

    level = forms.ChoiceField(
        label=_("level"), required=False, choices=[("", _("all")), *LogRecord.Level.choices]
    )
    since = _Moment(label=_("from"))
    until = _Moment(label=_("to"))
    tenant = forms.CharField(
        label=_("tenant"),
        required=False,
        max_length=63,
        widget=forms.TextInput(attrs={"list": "log-tenants", "placeholder": _("slug")}),
    )
    engine = forms.CharField(
        label=_("engine"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"list": "log-engines"}),
    )
    request_id = forms.CharField(
        label=_("request id"),
        required=False,
        max_length=128,
        widget=forms.TextInput(attrs={"placeholder": "X-Request-ID, UUID"}),
    )
    q = forms.CharField(
        label=_("in messages"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def clean_tenant(self) -> Tenant | None:
        slug = self.cleaned_data["tenant"]
        if not slug:
            return None
        tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise forms.ValidationError(_("There is no tenant of that name."))
        return tenant

    def chosen(self) -> LogFilter:
        """What the form asks for, once it is valid."""
        given = self.cleaned_data
        return LogFilter(
            level=given["level"],
            start=given["since"],
            end=given["until"],
            tenant=given["tenant"],
            engine=given["engine"],
            request=given["request_id"],
            text=given["q"],
        )
