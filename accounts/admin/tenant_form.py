"""The form of a tenant."""

from typing import TYPE_CHECKING

from django import forms

from accounts.models import Tenant

if TYPE_CHECKING:
    TenantModelForm = forms.ModelForm[Tenant]
else:
    # Takes no type parameters at run time; its stubs want them.
    TenantModelForm = forms.ModelForm


class TenantForm(TenantModelForm):
    def clean_allowed_voices(self) -> list[str] | None:
        # An empty list would allow none; the page says that empty allows all.
        voices: list[str] | None = self.cleaned_data["allowed_voices"]
        return voices or None
