"""What the services of speech raise, as problems of the HTTP contract."""

from collections.abc import Mapping

from django.utils import timezone

from accounts.services.quota import QuotaExhausted
from tts.api.limits import NEVER_SECONDS
from tts.api.problems import FieldError, InvalidRequest, Problem
from tts.api.serializers import NOTHING_TO_SPEAK
from tts.engines.length import MAX_SPEECH_SECONDS
from tts.models import SynthesisRequest
from tts.services import speech
from tts.services.idempotency import IdempotencyInFlight, IdempotencyMismatch
from tts.services.in_flight import ConcurrencyLimited

REPORT = "Report the request id to the operator of this server."


def refusal_of(error: Exception, headers: Mapping[str, str]) -> Problem | InvalidRequest:
    """The problem that an error of `tts.services.speech.ERRORS` is, with `headers` on its answer."""
    refusal = _refusal(error)
    refusal.headers = {**refusal.headers, **headers}
    return refusal


def _refusal(error: Exception) -> Problem | InvalidRequest:
    match error:
        case speech.AtCapacity():
            return Problem(
                503, error.code, "Too many requests are waiting here. Try again shortly.", retry_after=1
            )
        case QuotaExhausted():
            return _exhausted(error)
        case ConcurrencyLimited():
            whose = "this key" if error.of_key else "this tenant"
            detail = f"{error.current} requests of {whose} are in flight, {error.allowed} are allowed."
            return Problem(
                429,
                error.code,
                detail,
                # Where none is allowed, none will be when others have ended.
                retry_after=1 if error.allowed else NEVER_SECONDS,
                should_retry=bool(error.allowed),
                violated_policies=["concurrent-requests"],
            )
        case IdempotencyInFlight():
            return Problem(409, error.code, "Its answer will be the answer to this one too.", retry_after=1)
        case IdempotencyMismatch():
            return Problem(422, error.code, "Use a new key for a new request.")
        case _:
            return _not_spoken(error)


def _not_spoken(error: Exception) -> Problem | InvalidRequest:
    match error:
        case speech.DependencyUnavailable():
            return Problem(503, error.code, "The queue is away. Nothing was charged.", retry_after=5)
        case speech.DeadlineExceeded():
            return _too_late(error.row)
        case speech.ClientGone():
            # Who hung up does not read this, the access log does: 499 is nginx's word for it. Who still waits does.
            return Problem(499, error.code, "The request was canceled. Nothing was charged.")
        case speech.AudioExpired():
            return Problem(410, error.code, "This was answered before, and the audio is no longer kept.")
        case speech.SynthesisFailed() if error.row is not None:
            return _failed(error.row)
        case _:
            return Problem(500, "internal", REPORT)


def _exhausted(error: QuotaExhausted) -> Problem:
    whose = "this key" if error.of_key else "this tenant"
    period = error.period
    detail = (
        f"{error.characters} characters do not fit into the {error.remaining} that {whose} has left until"
        f" {period.ends_at:%Y-%m-%dT%H:%M:%SZ}."
    )
    seconds = (period.ends_at - timezone.now()).total_seconds()
    policy = "key-characters-per-month" if error.of_key else "tenant-characters-per-month"
    return Problem(
        429,
        error.code,
        detail,
        retry_after=max(1, int(seconds) + 1),
        should_retry=False,
        violated_policies=[policy],
    )


def _failed(row: SynthesisRequest) -> Problem | InvalidRequest:
    match row.error_code:
        case "nothing_to_speak":
            return InvalidRequest([FieldError(_field_of(row), "nothing_to_speak", NOTHING_TO_SPEAK)])
        case "too_much_speech":
            message = f"would be spoken for more than {MAX_SPEECH_SECONDS:.0f} seconds; send it in parts"
            return InvalidRequest([FieldError(_field_of(row), "too_long", message)])
        case "no_voice":
            message = "no voice that may speak here reads the language of this text; /api/voices lists them"
            return InvalidRequest([FieldError(_field_to_blame(row), "no_voice", message)])
        case "at_capacity":
            detail = "Too many requests are waiting here. Nothing was charged."
            return Problem(503, "at_capacity", detail, retry_after=1, record=row.id)
        case "too_long_for_deadline":
            return _hopeless(row)
        case "deadline_exceeded":
            return _too_late(row)
        case "internal":
            return Problem(500, "internal", REPORT, record=row.id)
        case _:
            detail = f"Every engine failed ({row.error_detail}). Nothing was charged."
            return Problem(500, "synthesis_failed", detail, record=row.id)


def _too_late(row: SynthesisRequest | None) -> Problem:
    detail = "No audio by the deadline. Nothing was charged; send less text."
    return Problem(
        504, "deadline_exceeded", detail, should_retry=False, record=None if row is None else row.id
    )


def _hopeless(row: SynthesisRequest) -> Problem:
    """The same 504 as after a long wait, at once: another day the same text may be spoken in time."""
    message = "as it would be spoken, this is too long for the time there is; send it in parts"
    return Problem(
        504,
        "deadline_exceeded",
        "There would be no audio by the deadline, so nothing was tried. Nothing was charged; send less text.",
        errors=[FieldError(_field_of(row), "too_long", message)],
        should_retry=False,
        record=row.id,
    )


def _field_to_blame(row: SynthesisRequest) -> str:
    """What the caller chose that left no voice over."""
    if row.engine == SynthesisRequest.EngineChoice.PRIMARY:
        return "engine"
    return "language" if row.language else _field_of(row)


def _field_of(row: SynthesisRequest) -> str:
    return "ssml" if row.is_ssml else "text"
