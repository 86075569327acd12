"""The forms of API keys: what a new one is for, what may change later, how long the old secret works."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminBigIntegerFieldWidget, AdminTextareaWidget, AdminTextInputWidget
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.limits.names import KEY_LIMITS
from accounts.models import ApiKey, Tenant
from accounts.networks import networks_clean
from accounts.scopes import ALL_SCOPES

if TYPE_CHECKING:
    ApiKeyForm = forms.ModelForm[ApiKey]
else:
    # Takes no type parameters at run time; its stubs want them.
    ApiKeyForm = forms.ModelForm

PURPOSE = ("name", "scopes", "expires_at")
LIMITS = ("allowed_addresses", "allowed_voices", *(limit.value for limit in KEY_LIMITS))

EMPTY_IS_NO_LIMIT = _("Empty leaves it to the tenant's limit, 0 is none.")


class WordsField(forms.CharField):
    """A list of words, separated by commas, spaces or line ends; None for none at all."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
        return [super(WordsField, self).to_python(word) for word in words] or None

    def run_validators(self, value: Any) -> None:
        for word in value or ():
            super().run_validators(word)


def _date_time_input() -> forms.DateTimeInput:
    # With seconds, or a key that is opened and saved would expire a little earlier.
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class KeyChangeForm(ApiKeyForm):
    """What `key_update` may change, under the same names."""

    scopes = forms.MultipleChoiceField(
        label=capfirst(_("scopes")),
        choices=[(scope, scope) for scope in ALL_SCOPES],
        initial=list(ALL_SCOPES),
        widget=forms.CheckboxSelectMultiple,
    )
    expires_at = forms.DateTimeField(
        label=capfirst(_("expires")),
        required=False,
        widget=_date_time_input(),
        help_text=_("In the time zone of this server; empty means never."),
    )
    allowed_addresses = WordsField(
        label=capfirst(_("allowed addresses")),
        required=False,
        help_text=_("IP addresses or networks such as 192.0.2.0/24, one in each line; empty allows all."),
    )
    allowed_voices = WordsField(
        label=capfirst(_("allowed voices")),
        required=False,
        max_length=200,
        help_text=_("Ids of voices, one in each line; empty allows all that the tenant may use."),
    )

    class Meta:
        model = ApiKey
        fields = (*PURPOSE, *LIMITS)
        widgets = {
            "name": AdminTextInputWidget,
            **{limit.value: AdminBigIntegerFieldWidget(attrs={"min": 0}) for limit in KEY_LIMITS},
        }
        help_texts = {limit.value: EMPTY_IS_NO_LIMIT for limit in KEY_LIMITS}

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and "expires_at" in self.changed_data and expires_at <= timezone.now():
            raise forms.ValidationError(_("This is in the past."))
        return expires_at

    def clean_allowed_addresses(self) -> list[str] | None:
        texts: list[str] | None = self.cleaned_data["allowed_addresses"]
        return None if texts is None else networks_clean(texts)

    def changes(self) -> dict[str, Any]:
        """What differs from the row; a time that the form shows without its microseconds does not."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class KeyForm(KeyChangeForm):
    """The arguments of `key_issue`, under the same names; the tenant is one of `tenants`."""

    class Meta(KeyChangeForm.Meta):
        fields = ("tenant", "name", "environment", "scopes", "expires_at", *LIMITS)

    def __init__(self, *args: Any, tenants: QuerySet[Tenant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"] = forms.ModelChoiceField(tenants, label=capfirst(_("tenant")))


class RotateForm(forms.Form):
    """How long the old secret works beside the new one."""

    overlap = forms.TypedChoiceField(
        label=_("The old secret works"),
        choices=[
            (0, _("not any more")),
            (1, _("for another hour")),
            (24, _("for another day")),
            (7 * 24, _("for another 7 days")),
            (30 * 24, _("for another 30 days")),
        ],
        coerce=lambda hours: timedelta(hours=int(hours)),
        initial=24,
        help_text=_("Long enough to bring the new one to every app; none where somebody else has seen it."),
    )
