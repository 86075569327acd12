"""When requests come: more of them in working hours, fewer at night and on weekends."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 9, 10, 12, 12, 11, 10, 8, 7, 6, 5, 4, 3)
"""How busy each hour of a UTC day is, relative to the others."""
WEEKEND = 0.4
"""How busy a day of the weekend is, relative to another."""


def moments(rng: random.Random, count: int, start: datetime, until: datetime) -> Iterator[datetime]:
    """`count` rising moments of `start` … `until`, which lie some whole hours apart."""
    hours = int((until - start).total_seconds() // 3600)
    weights = [_weight(start + timedelta(hours=hour)) for hour in range(hours)]
    total, hour, before = sum(weights), 0, 0.0
    for number in range(count):
        wanted = (number + rng.random()) / count * total
        while hour < hours - 1 and before + weights[hour] <= wanted:
            before += weights[hour]
            hour += 1
        yield start + timedelta(hours=hour + min(1.0, (wanted - before) / weights[hour]))


def _weight(moment: datetime) -> float:
    return HOURS[moment.hour] * (WEEKEND if moment.weekday() >= 5 else 1.0)
