"""How the platform did while the made-up requests were spoken, summed as `tts.usage.recording` sums it."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from tts.models import ServiceBucket
from tts.seeding.made import Made
from tts.usage.histogram import BINS, bin_of
from tts.usage.recording import SHARDS, UNREMARKABLE_FALLBACKS

SHORT_SECONDS, LONG_SECONDS = 300, 3600
SHORT_DAYS = 2
"""How long five minutes stay apart before they are folded into hours."""


class Service:
    """The buckets up to `until`, in a shard that no process and no earlier seed counts in."""

    def __init__(self, until: datetime) -> None:
        # A whole hour: what is before it lies in hours, what comes after it in none.
        short_since = until - timedelta(days=SHORT_DAYS)
        self._short_since = short_since.replace(minute=0, second=0, microsecond=0)
        self._buckets: dict[tuple[int, int], ServiceBucket] = {}
        taken: int | None = ServiceBucket.objects.aggregate(last=Max("shard"))["last"]
        self._shard = max(SHARDS, 0 if taken is None else taken + 1)
        self._errors: dict[tuple[int, int], Counter[str]] = {}

    def count(self, requests: Iterable[Made]) -> None:
        for made in requests:
            if made.finished_at is not None:
                self._count(made, made.finished_at)

    def write(self) -> None:
        """Put the sums on record."""
        for place, errors in self._errors.items():
            self._buckets[place].errors = dict(errors)
        ServiceBucket.objects.bulk_create(self._buckets.values(), batch_size=1_000)

    def _count(self, made: Made, ended_at: datetime) -> None:
        bucket, errors = self._bucket(ended_at)
        setattr(bucket, made.status.value, getattr(bucket, made.status.value) + 1)
        if made.error_code:
            errors[made.error_code] += 1
        if made.waited_seconds is not None:
            bucket.wait_histogram[bin_of(made.waited_seconds)] += 1
        spoken = made.spoken
        if spoken is not None:
            bucket.fallbacks += spoken.fallback not in UNREMARKABLE_FALLBACKS
            bucket.characters += len(made.text)
            bucket.audio_seconds += spoken.audio_seconds
            bucket.synthesis_seconds += spoken.seconds
            bucket.synthesis_histogram[bin_of(spoken.seconds)] += 1
            bucket.total_histogram[bin_of((ended_at - made.created_at).total_seconds())] += 1

    def _bucket(self, at: datetime) -> tuple[ServiceBucket, Counter[str]]:
        seconds = SHORT_SECONDS if at >= self._short_since else LONG_SECONDS
        begins = int(at.timestamp()) // seconds * seconds
        place = begins, seconds
        found = self._buckets.get(place)
        if found is None:
            found = self._buckets[place] = ServiceBucket(
                starts_at=datetime.fromtimestamp(begins, UTC),
                seconds=seconds,
                shard=self._shard,
                wait_histogram=[0] * BINS,
                synthesis_histogram=[0] * BINS,
                total_histogram=[0] * BINS,
            )
            self._errors[place] = Counter()
        return found, self._errors[place]
