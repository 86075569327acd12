"""Spans of days whose midnights, or lengths, are odd, and use around every instant that matters in them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from tests.cast import Member
from tests.tts.usage.events import used
from tts.usage.ranges import QUARTER_SECONDS, UsageRange
from tts.usage.sums import Sums

SPANS = {
    "UTC": ("UTC", "2026-02-26", "2026-03-02"),
    "Shanghai": ("Asia/Shanghai", "2026-02-26", "2026-03-02"),
    "Kolkata, half an hour off": ("Asia/Kolkata", "2025-12-30", "2026-01-02"),
    "Kathmandu, a quarter off": ("Asia/Kathmandu", "2024-02-27", "2024-03-01"),
    "New York, a day of 23 hours": ("America/New_York", "2026-03-06", "2026-03-10"),
    "New York, a day of 25 hours": ("America/New_York", "2026-10-30", "2026-11-03"),
    "Lord Howe, half an hour back": ("Australia/Lord_Howe", "2026-04-03", "2026-04-07"),
    "Lord Howe, half an hour forward": ("Australia/Lord_Howe", "2026-10-02", "2026-10-06"),
    "Apia, a day left out": ("Pacific/Apia", "2011-12-28", "2012-01-02"),
    "Beirut, midnight left out": ("Asia/Beirut", "2026-03-27", "2026-03-31"),
    "Havana, midnight twice": ("America/Havana", "2026-10-30", "2026-11-03"),
}
AROUND = [timedelta(microseconds=number) for number in (-1, 0, 1)] + [
    timedelta(minutes=minutes) for minutes in (-61, -31, -15, -14, 14, 15, 29, 30, 59, 60)
]


def span_of(zone: str, first: str, last: str) -> UsageRange:
    return UsageRange(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone))


def changes(span: UsageRange) -> Iterator[datetime]:
    """Instants at which the clocks of a range are changed."""
    instant = span.starts_at - timedelta(days=1)
    while instant < span.ends_at + timedelta(days=1):
        following = instant + timedelta(seconds=QUARTER_SECONDS)
        if instant.astimezone(span.zone).utcoffset() != following.astimezone(span.zone).utcoffset():
            yield following
        instant = following


def sown(member: Member, span: UsageRange) -> list[tuple[datetime, Sums]]:
    """Use right before, at and after every midnight and every change of clocks, by different amounts each time."""
    instants = {instant + around for instant in (*span.beginnings(), *changes(span)) for around in AROUND}
    return sown_at(member, instants, span.zone.key)


def sown_at(member: Member, instants: set[datetime], seed: str) -> list[tuple[datetime, Sums]]:
    chance = Random(seed)
    events = []
    for at in sorted(instants):
        sums = Sums(1, chance.randrange(1, 10**6), Decimal(chance.randrange(10**7)) / 1000)
        used(member.tenant, at, characters=sums.characters, audio_seconds=float(sums.audio_seconds))
        events.append((at, sums))
    return events
