"""The form that asks what a new key is for."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import ApiKey, Tenant
from accounts.scopes import ALL_SCOPES


class KeyForm(forms.Form):
    """The arguments of `key_issue`, under the same names."""

    tenant = forms.ModelChoiceField(Tenant.objects.all(), label=_("tenant"))
    name = forms.CharField(
        label=_("name"),
        max_length=ApiKey._meta.get_field("name").max_length,
        widget=AdminTextInputWidget,
        help_text=_("Which app or person uses it."),
    )
    environment = forms.ChoiceField(
        label=_("environment"), choices=[(name, name) for name in keys.ENVIRONMENTS], initial="live"
    )
    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=[(scope, scope) for scope in ALL_SCOPES],
        initial=list(ALL_SCOPES),
        widget=forms.CheckboxSelectMultiple,
    )
    expires_at = forms.DateTimeField(
        label=_("expires"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("In the time zone of this server; empty means never."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # As forms made from models do it.
        for field in self.fields.values():
            field.label = capfirst(field.label)

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError(_("This is in the past."))
        return expires_at
