"""Audio as an HTTP answer."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import parse_etags

from tts.api.problems import problem
from tts.api.ranges import NotSatisfiable, byte_range
from tts.audio.formats import FORMATS
from tts.models import SynthesisRequest
from tts.services.delivery import delivery_record
from tts.services.history import StoredAudio


class DeliveredAudio(HttpResponse):
    """Audio whose request's timeline tells of it once all of it was sent.

    A WSGI server asks for more of a body once it has handed on what it got (PEP 3333), and closes a response in any
    case. So a client that hung up before the end was sent nothing; what lies in the network's buffers counts as sent.
    ASGI servers ask for the body at once: with them nothing is told.
    """

    def __init__(self, row: SynthesisRequest, data: bytes, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._row = row
        self._sent_bytes = len(data)
        self._is_sent = False

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        self._is_sent = True

    def close(self) -> None:
        if self._is_sent and not self.closed:
            delivery_record(row=self._row, sent_bytes=self._sent_bytes, now=timezone.now())
        # Last, because it gives the database connection back.
        super().close()


def speech_headers(row: SynthesisRequest) -> dict[str, str]:
    """What a succeeded request tells about itself."""
    return {
        "X-Voxgate-Engine": row.engine_used,
        "X-Voxgate-Voice": row.voice_used,
        "X-Voxgate-Fallback": row.fallback,
        "X-Voxgate-Cache": "miss",
        "X-Voxgate-Audio-Seconds": f"{row.audio_seconds or 0.0:.3f}",
        "X-Voxgate-Synthesis-Seconds": f"{row.synthesis_seconds or 0.0:.3f}",
        "X-Voxgate-Characters": str(row.characters),
        "Content-Location": f"/api/requests/{row.id}/audio",
    }


def audio_response(row: SynthesisRequest, data: bytes, *, delivers: bool = True) -> HttpResponse:
    """All of the audio of a succeeded request; `delivers` when it goes to who asked for it to be spoken."""
    audio_format = FORMATS[row.audio_format]
    make: Callable[..., HttpResponse] = partial(DeliveredAudio, row) if delivers else HttpResponse
    return make(
        data,
        content_type=audio_format.content_type(row.audio_sample_rate or 0),
        headers={
            "Content-Length": str(len(data)),
            "Content-Disposition": f'inline; filename="voxgate-{row.id}.{audio_format.extension}"',
            "Cache-Control": "private, no-store",
            **speech_headers(row),
        },
    )


def stored_audio_response(
    request: HttpRequest, row: SynthesisRequest, audio: StoredAudio, *, delivers: bool = True
) -> HttpResponse:
    """Audio of a past request, or the part of it that `Range` asks for; 304 when the client has it.

    `delivers` when its tenant's client asks, not staff.
    """
    etag = f'"{row.id}-{row.claim}"'
    fixed = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if _names(request.headers.get("If-None-Match", ""), etag):
        return HttpResponse(status=304, headers=fixed)
    # RFC 9110, section 14.2: a range of anything but a GET is ignored.
    wanted = request.headers.get("Range") if request.method == "GET" else None
    if request.headers.get("If-Range", etag) != etag:
        wanted = None
    try:
        part = byte_range(wanted, audio.size)
    except NotSatisfiable:
        return problem(416, "range_not_satisfiable", headers={"Content-Range": f"bytes */{audio.size}"})
    data = audio.read() if part is None else audio.read(part.first, part.last + 1 - part.first)
    # Players ask for the beginning first and jump from there; HEAD sends nothing.
    begins = request.method == "GET" and (part is None or part.first == 0)
    response = audio_response(row, data, delivers=delivers and begins)
    for name, value in fixed.items():
        response[name] = value
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = part.header
    return response


def _names(if_none_match: str, etag: str) -> bool:
    """Whether a client that sent this `If-None-Match` has the audio already (weak comparison)."""
    known = parse_etags(if_none_match)
    return "*" in known or etag in known or f"W/{etag}" in known
