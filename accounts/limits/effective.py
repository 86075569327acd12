"""The limits that hold for a tenant: its plan's, as its overrides change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.limits.names import Limit

Values = Mapping[Limit, int | None]
"""A value of None is unlimited, 0 is none; a limit that is not named does not hold."""


@dataclass(frozen=True, slots=True)
class EffectiveLimits:
    """What is refused (`enforced`), and what is only watched in shadow mode (`observed`).

    A limit may be in both: an override that observes leaves the plan's own value in force, so that a stricter one can
    be tried before anybody is refused by it.
    """

    enforced: Values
    observed: Values = field(default_factory=dict)
    requests_burst: int = 20
    priority_weight: int = 1

    def of(self, limit: Limit) -> int | None:
        """The enforced value; None where there is none."""
        return self.enforced.get(limit)

    def watched(self, limit: Limit) -> int | None:
        """The observed value; None where there is none."""
        return self.observed.get(limit)


def lowest(*values: int | None) -> int | None:
    """The strictest of some limits, None being unlimited."""
    given = [value for value in values if value is not None]
    return min(given) if given else None
