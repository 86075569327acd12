"""What the pages of requests call things."""

from django.utils.translation import gettext_lazy as _

from accounts.admin.marks import Tone
from tts.models import SynthesisRequest

Status = SynthesisRequest.Status

TONES = {
    Status.SUCCEEDED: Tone.GOOD,
    Status.QUEUED: Tone.BUSY,
    Status.RUNNING: Tone.BUSY,
    Status.CANCELED: Tone.QUIET,
    Status.FAILED: Tone.BAD,
    Status.EXPIRED: Tone.BAD,
}

STEPS = {
    "received": _("received"),
    "limits": _("limits checked"),
    "queued": _("queued"),
    "started": _("text prepared"),
    "at-work": _("at work"),
    "attempt": _("engine"),
    "encoded": _("encoded"),
    "stored": _("stored"),
    "not-stored": _("not stored"),
    "delivered": _("delivered"),
    "worker-lost": _("worker lost"),
    "erased": _("text and audio deleted"),
    **{status.value: status.label for status in Status},
}

ERRORS = {
    "synthesis_failed": _("Every engine failed; the attempts below say why."),
    "deadline_exceeded": _("There was no audio by the deadline."),
    "canceled": _("Somebody canceled it, or its client hung up."),
    "no_voice": _("No engine has a voice for what was asked for."),
    "nothing_to_speak": _("The text holds nothing that can be spoken."),
    "too_much_speech": _("The speech would be longer than one request may make."),
    "too_long_for_deadline": _("The speech would have taken longer than its time-out allows."),
    "at_capacity": _("The engines were busy, and its tenant wants such requests refused."),
    "worker_lost": _("Workers died while they spoke it, more than once."),
    "internal": _("An error in Voxgate itself; the error log has its stack."),
}

REFUSALS = {
    "text_gone": _("Its text is no longer kept, so it cannot be spoken again."),
    "not_ended": _("It has not ended yet; then it can be asked for again."),
    "tenant_suspended": _("Its tenant is suspended."),
    "quota_exhausted": _("The month's characters of its tenant do not suffice."),
    "above_burst": _("Its tenant may not have so many characters spoken in a minute."),
    "rate_limited": _(
        "Its tenant has asked for as many requests in a minute as its limits allow; try again soon."
    ),
    "characters_rate_limited": _(
        "Its tenant has had as many characters spoken in a minute as its limits allow; try again soon."
    ),
    "concurrency_limited": _("As many requests of its tenant are in flight as its limits allow."),
}

FALLBACKS = {
    "error": _("the primary engine failed"),
    "timeout": _("the primary engine took too long"),
    "overload": _("too many requests were waiting"),
    "circuit-open": _("the primary engine had failed too often"),
    "no-voice": _("the primary engine has no voice for it"),
    "requested": _("asked for"),
}
"""Why the fallback engine spoke."""
