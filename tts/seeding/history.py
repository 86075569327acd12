"""Weeks of made-up requests: every state, every engine, and what they used of their tenants' months.

The same seed, span and number give the same history, but for the ids of tenants, keys and periods.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from accounts.limits.names import Limit
from tts.models import SynthesisRequest
from tts.seeding.books import Books
from tts.seeding.made import BYTES_PER_SECOND, TIMEOUT, Lost, Made, Speech, Status, Try
from tts.seeding.moments import moments
from tts.seeding.texts import ENGLISH
from tts.services.recovery import MAX_CLAIMS

ENDINGS = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.EXPIRED)
ENDING_WEIGHTS = (930, 25, 20, 25)
FIRST = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.EXPIRED)
"""How the first requests end, so that a short history has all of them."""
LAST = (Status.QUEUED, Status.RUNNING, Status.QUEUED, Status.RUNNING)
"""Where the last requests stand."""
FEWEST = len(FIRST) + len(LAST)

FALLBACKS = ("timeout", "error", "overload", "circuit-open")
FALLBACK_SHARE = 0.06
LONG_SHARE = 0.2
WOULD_REFUSE_SHARE = 0.07
WOULD_REFUSE = (Limit.REQUESTS_PER_MINUTE, Limit.CHARACTERS_PER_MINUTE, Limit.QUEUED_REQUESTS)
PRIMARY, FALLBACK = "onnx", "espeak"
FORMATS = tuple(BYTES_PER_SECOND)
FORMAT_WEIGHTS = (80, 8, 12)

FAILURES = (
    ("synthesis_failed", "every engine failed"),
    ("too_long_for_deadline", "more speech than the time left allows"),
    ("internal", "ValueError"),
)
FAILURE_WEIGHTS = (7, 2, 1)
ERRORS = {Status.CANCELED: ("canceled", ""), Status.EXPIRED: ("deadline_exceeded", "")}
"""Code and detail of requests that did not end well."""

LOST_CLAIMS = MAX_CLAIMS - 1
MOST_ATTEMPTS = 3
"""Attempts for each request that can be asked for, on average: not every request is spoken."""
CATCH_UP = 5
"""How many of the last requests make up for attempts that are still missing."""
LOST_SECONDS = 1.5
"""How long it takes to notice that a worker is gone, and to queue its request again."""


class Inventor:
    """Makes requests up, oldest first, and enters them into `books`.

    With `attempts`, workers are lost while they speak until that many attempts are made in all; `MOST_ATTEMPTS` for
    each request can be reached, and some come by themselves. Without `unfinished`, the last ones have ended too.
    """

    def __init__(
        self,
        books: Sequence[Books],
        *,
        seed: int,
        until: datetime,
        attempts: int = 0,
        unfinished: bool = True,
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311 - made-up history, the same each time
        self._books = books
        self._shares = [entry.seeded.person.share for entry in books]
        self._until = until
        self._last = LAST if unfinished else ()
        self._attempts = attempts
        self._tried = 0

    def requests(self, count: int, start: datetime) -> Iterator[Made]:
        """`count` requests since `start`, `FEWEST` at least."""
        ended = count - len(self._last)
        for number, at in enumerate(moments(self._random, count, start, self._until)):
            if number >= ended:
                yield self._request(self._until, self._last[number - count], 0)
                continue
            if number < len(FIRST):
                status = FIRST[number]
            elif number >= ended - CATCH_UP:
                status = Status.SUCCEEDED
            else:
                status = self._random.choices(ENDINGS, ENDING_WEIGHTS)[0]
            due = self._attempts * (number + 1) // ended - self._tried
            yield self._request(at, status, due, catches_up=number >= ended - CATCH_UP)

    def _request(
        self, at: datetime, status: SynthesisRequest.Status, due: int, *, catches_up: bool = False
    ) -> Made:
        rng = self._random
        books = self._whose(at)
        person, tenant = books.seeded.person, books.seeded.tenant
        english = person.texts is ENGLISH
        sentences = rng.choices(person.texts, k=3 if rng.random() < LONG_SHARE else 1)
        text = (" " if english else "").join(sentences)
        code, detail = self._error(status)
        speech = self._speech(text, status, code, english=english)
        lost = self._lost(at, speech, due, catches_up=catches_up)
        started, finished = self._times(at, status, speech, lost)
        key = rng.choice(books.seeded.keys)
        month, key_month = books.months_of(key, at)
        made = Made(
            id=_uuid7(rng, at),
            usage_id=_uuid7(rng, finished or at),
            request_id=f"{rng.getrandbits(128):032x}",
            address=f"192.0.2.{rng.randrange(1, 255)}",
            tenant=tenant,
            key=key,
            month=month,
            key_month=key_month,
            status=status,
            text=text,
            text_is_kept=finished is None or self._keeps(books, finished),
            speaker_id=rng.randrange(4),
            audio_format=rng.choices(FORMATS, FORMAT_WEIGHTS)[0],
            worker=self._worker(),
            reference=f"chapter-{rng.randrange(1, 40)}" if person.metered else "",
            error_code=code,
            error_detail=detail,
            created_at=at,
            limits_seconds=round(0.001 + rng.expovariate(500), 4),
            lost=lost,
            started_at=started,
            finished_at=finished,
            speech=speech,
        )
        self._tried += sum(len(claim.tries) for claim in lost) + (len(speech.tries) if speech else 0)
        books.enter(made.key, month, key_month, len(text), at, finished, charged=status is Status.SUCCEEDED)
        if person.watched and rng.random() < WOULD_REFUSE_SHARE:
            books.would_refuse(rng.choice(WOULD_REFUSE), len(text), at)
        return made

    def _whose(self, at: datetime) -> Books:
        found = self._random.choices(self._books, self._shares)[0]
        # A tenant that was suspended sends nothing any more.
        return found if at <= found.seeded.until else self._books[0]

    def _error(self, status: SynthesisRequest.Status) -> tuple[str, str]:
        if status is Status.FAILED:
            return self._random.choices(FAILURES, FAILURE_WEIGHTS)[0]
        return ERRORS.get(status, ("", ""))

    def _worker(self) -> str:
        return f"seed.{self._random.randrange(1, 5)}"

    def _lost(self, at: datetime, speech: Speech | None, due: int, *, catches_up: bool) -> tuple[Lost, ...]:
        """The claims before the one that spoke, with attempts that are `due` and are enough to fill them."""
        missing = due - (len(speech.tries) if speech else 0)
        if speech is None or (missing < 2 * LOST_CLAIMS and not catches_up):
            return ()
        failed = speech.tries[0]
        tries = (Try(failed.engine, "", "timeout", failed.seconds), Try(FALLBACK, "", "error", 0.01))
        lost: list[Lost] = []
        while missing > 0 and len(lost) < LOST_CLAIMS:
            at += timedelta(seconds=LOST_SECONDS + failed.seconds)
            lost.append(Lost(at, self._worker(), tries[:missing]))
            missing -= len(lost[-1].tries)
        return tuple(lost)

    def _times(
        self,
        at: datetime,
        status: SynthesisRequest.Status,
        speech: Speech | None,
        lost: Sequence[Lost],
    ) -> tuple[datetime | None, datetime | None]:
        """When it was started, for the last time, and when it ended."""
        rng = self._random
        waited = timedelta(seconds=rng.expovariate(4))
        match status:
            case Status.QUEUED:
                return None, None
            case Status.RUNNING:
                return at, None
            case Status.CANCELED:
                return None, at + waited
            case Status.EXPIRED:
                return (None if rng.random() < 0.5 else at + waited), at + TIMEOUT
        if lost:
            at = lost[-1].at
        started = at + min(waited, TIMEOUT / 2)
        if speech is None:
            return started, started
        took = speech.seconds + speech.encode_seconds + speech.store_seconds
        return started, started + timedelta(seconds=took)

    def _speech(
        self, text: str, status: SynthesisRequest.Status, code: str, *, english: bool
    ) -> Speech | None:
        if status not in (Status.SUCCEEDED, Status.FAILED) or code == "internal":
            return None
        rng = self._random
        audio_seconds = round(len(text) * (0.065 if english else 0.21) * rng.uniform(0.9, 1.1), 3)
        took = round(audio_seconds * rng.uniform(0.03, 0.12) + 0.02, 4)
        spoke = Try(PRIMARY, f"voxgate-starter-{'en' if english else 'zh'}", "succeeded", took)
        rescue = Try(FALLBACK, "en-us" if english else "cmn", "succeeded", round(audio_seconds * 0.008, 4))
        fallback = "none"
        tries: tuple[Try, ...] = (spoke,)
        if code == "too_long_for_deadline":
            tries = (Try(PRIMARY, "", "overload", 0.0), Try(FALLBACK, "", "overload", 0.0))
        elif status is Status.FAILED:
            tries = (Try(PRIMARY, "", "error", took), Try(FALLBACK, "", "bad-output", rescue.seconds))
        elif rng.random() < FALLBACK_SHARE:
            fallback = rng.choice(FALLBACKS)
            tries = (Try(PRIMARY, "", fallback, took), rescue)
        encoded, stored = round(0.004 + audio_seconds * 0.004, 4), round(0.001 + rng.expovariate(800), 4)
        if status is Status.FAILED:
            encoded = stored = 0.0
        return Speech(tries, fallback, audio_seconds, encoded, stored)

    def _keeps(self, books: Books, finished: datetime) -> bool:
        tenant = books.seeded.tenant
        days = tenant.text_retention_days
        return not tenant.zero_retention and (days is None or finished > self._until - timedelta(days=days))


def _uuid7(rng: random.Random, at: datetime) -> str:
    """As `accounts.identifiers.uuid7` makes them, for another moment and from this source."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
