"""Voice routes: which voice speaks for a speaker, for everybody or for one tenant."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.scoping import TenantScopedAdmin
from tts.models import VoiceRoute


@admin.register(VoiceRoute)
class RouteAdmin(TenantScopedAdmin[VoiceRoute]):
    """Workers read the rows with every request, so a change holds from the next one on."""

    list_display = ("language", "speaker_id", "whose", "voice", "voice_state", "updated_at")
    list_display_links = ("language", "speaker_id")
    list_filter = ("language", "speaker_id")
    lookups = frozenset({"language", "speaker_id"})
    list_select_related = ("tenant", "voice")
    fields = ("tenant", "language", "speaker_id", "voice")
    search_fields = ("voice__id", "tenant__slug")

    @admin.display(description=_("tenant"), ordering="tenant")
    def whose(self, route: VoiceRoute) -> str:
        return str(route.tenant or _("all tenants"))

    @admin.display(description=_("state"))
    def voice_state(self, route: VoiceRoute) -> str:
        return str(route.voice.get_state_display())
