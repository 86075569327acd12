"""Which voice stands for a speaker: the rows of `VoiceRoute`."""

from uuid import UUID

from django.db.models import F, Q

from accounts.models import Tenant
from tts.models import Voice, VoiceRoute
from tts.voices.routes import Routes


def routes_of_tenant(*, tenant_id: UUID) -> Routes:
    """The routes that hold for a tenant: its own, and everybody's where it has none. One query."""
    rows = (
        VoiceRoute.all_tenants.filter(Q(tenant_id=tenant_id) | Q(tenant=None))
        .order_by(F("tenant_id").asc(nulls_first=True))
        .values_list("language", "speaker_id", "voice_id")
    )
    return {(language, speaker): voice for language, speaker, voice in rows}


def route_set(*, tenant: Tenant | None, language: str, speaker_id: int, voice: Voice) -> VoiceRoute:
    """Let `voice` speak for a speaker in a language, for `tenant` or for everybody.

    Raises `ValidationError` for a language or speaker that cannot be.
    """
    route = VoiceRoute.all_tenants.filter(tenant=tenant, language=language, speaker_id=speaker_id).first()
    route = route or VoiceRoute(tenant=tenant, language=language, speaker_id=speaker_id)
    route.voice = voice
    route.full_clean()
    route.save()
    return route


def route_clear(*, tenant: Tenant | None, language: str, speaker_id: int) -> bool:
    """Go back to the choice without this route; False where there was none."""
    deleted, _ = VoiceRoute.all_tenants.filter(
        tenant=tenant, language=language, speaker_id=speaker_id
    ).delete()
    return bool(deleted)
