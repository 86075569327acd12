"""Words for what the API calls by stable names."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tts.services.refusal_counts import ADDRESS_BLOCKED

LIMITS: dict[str, str | Promise] = {
    "tenant-requests": _("requests per minute, tenant"),
    "key-requests": _("requests per minute, key"),
    "tenant-characters": _("characters per minute, tenant"),
    "concurrent-requests": _("requests at once"),
    "tenant-characters-per-month": _("characters per month, tenant"),
    "key-characters-per-month": _("characters per month, key"),
    "concurrent-exports": _("exports at once"),
    "exports-per-day": _("exports in 24 hours"),
    "export-storage": _("room for exports"),
    "at_capacity": _("places in the queue"),
    ADDRESS_BLOCKED: _("wrong keys from an address"),
}
"""Limits as `violated-policies` of a refusal names them, and what else refuses."""
