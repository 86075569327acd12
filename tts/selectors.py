"""Reading requests and voices."""

from uuid import UUID

from accounts.models import Tenant
from tts.models import SynthesisRequest, Voice


def request_of_tenant(*, tenant: Tenant, request_id: UUID) -> SynthesisRequest | None:
    """A tenant's request, None for an unknown id and for another tenant's alike."""
    return SynthesisRequest.objects.of(tenant).filter(pk=request_id).prefetch_related("attempts").first()


def voices_listed() -> list[Voice]:
    """Every voice on record."""
    return list(Voice.objects.order_by("engine", "id"))


def voice_on_record(*, voice_id: str) -> Voice | None:
    """A voice by its id, whatever its state."""
    return Voice.objects.filter(pk=voice_id).first()


def speaker_exists(*, speaker_id: int) -> bool:
    """Whether a voice stands for this speaker number, beyond the four standard ones."""
    voices = Voice.objects.filter(speaker_id=speaker_id, enabled=True).exclude(state="missing")
    return 0 <= speaker_id < 2**15 and voices.exists()


def engines_known() -> list[str]:
    """Names of the engines whose voices are on record, those without files included."""
    return list(Voice.objects.order_by("engine").values_list("engine", flat=True).distinct())
