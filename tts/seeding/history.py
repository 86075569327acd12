"""Weeks of made-up requests: every state, every engine, and what they used of their tenants' months.

The same seed, span and number give the same history, but for the ids of tenants, keys and periods.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from accounts.limits.names import Limit
from tts.models import SynthesisRequest
from tts.seeding.books import Books
from tts.seeding.made import TIMEOUT, Made, Speech, Status, Try
from tts.seeding.moments import moments
from tts.seeding.texts import ENGLISH

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


class Inventor:
    """Makes requests up, oldest first, and enters them into `books`."""

    def __init__(self, books: Sequence[Books], *, seed: int, until: datetime) -> None:
        self._random = random.Random(seed)  # noqa: S311 - made-up history, the same each time
        self._books = books
        self._shares = [entry.seeded.person.share for entry in books]
        self._until = until

    def requests(self, count: int, start: datetime) -> Iterator[Made]:
        """`count` requests since `start`, `FEWEST` at least."""
        for number, at in enumerate(moments(self._random, count, start, self._until)):
            if number < len(FIRST):
                yield self._request(at, FIRST[number])
            elif number >= count - len(LAST):
                yield self._request(self._until, LAST[number - count])
            else:
                yield self._request(at, self._random.choices(ENDINGS, ENDING_WEIGHTS)[0])

    def _request(self, at: datetime, status: SynthesisRequest.Status) -> Made:
        rng = self._random
        books = self._whose(at)
        person, tenant = books.seeded.person, books.seeded.tenant
        english = person.texts is ENGLISH
        sentences = rng.choices(person.texts, k=3 if rng.random() < LONG_SHARE else 1)
        text = (" " if english else "").join(sentences)
        speech = self._speech(text, status, english=english)
        started, finished = self._times(at, status, speech)
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
            worker=f"seed.{rng.randrange(1, 5)}",
            reference=f"chapter-{rng.randrange(1, 40)}" if person.metered else "",
            created_at=at,
            started_at=started,
            finished_at=finished,
            speech=speech,
        )
        books.enter(made.key, month, key_month, len(text), at, finished, charged=status is Status.SUCCEEDED)
        if person.watched and rng.random() < WOULD_REFUSE_SHARE:
            books.would_refuse(rng.choice(WOULD_REFUSE), len(text), at)
        return made

    def _whose(self, at: datetime) -> Books:
        found = self._random.choices(self._books, self._shares)[0]
        # A tenant that was suspended sends nothing any more.
        return found if at <= found.seeded.until else self._books[0]

    def _times(
        self, at: datetime, status: SynthesisRequest.Status, speech: Speech | None
    ) -> tuple[datetime | None, datetime | None]:
        """When it was started and when it ended."""
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
        started = at + min(waited, TIMEOUT / 2)
        return started, started + timedelta(seconds=speech.seconds if speech else 0.0)

    def _speech(self, text: str, status: SynthesisRequest.Status, *, english: bool) -> Speech | None:
        rng = self._random
        language = "en" if english else "zh"
        audio_seconds = round(len(text) * (0.065 if english else 0.21) * rng.uniform(0.9, 1.1), 3)
        took = round(audio_seconds * rng.uniform(0.03, 0.12) + 0.02, 4)
        primary = Try(PRIMARY, f"voxgate-starter-{language}", "succeeded", took)
        rescue = Try(FALLBACK, "en-us" if english else "cmn", "succeeded", round(audio_seconds * 0.008, 4))
        match status:
            case Status.SUCCEEDED if rng.random() < FALLBACK_SHARE:
                reason = rng.choice(FALLBACKS)
                return Speech((Try(PRIMARY, "", reason, took), rescue), reason, audio_seconds)
            case Status.SUCCEEDED:
                return Speech((primary,), "none", audio_seconds)
            case Status.FAILED:
                broken = Try(PRIMARY, "", "error", took), Try(FALLBACK, "", "bad-output", rescue.seconds)
                return Speech(broken, "error", audio_seconds)
        return None

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
