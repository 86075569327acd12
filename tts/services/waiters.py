"""Places for requests that wait in one web process: few, and shared."""

import threading
from collections import Counter
from uuid import UUID

SHARE = 3
"""A tenant may have three times as many places as are free: three quarters of all when it is alone."""


class Waiters:
    """At most `places` wait at once, and whatever one tenant does, the next finds one. Safe for several threads."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._of_tenants: Counter[UUID] = Counter()

    def enter(self, tenant_id: UUID) -> bool:
        """Take a place; False when there is none for this tenant."""
        with self._lock:
            free = self._places - self._of_tenants.total()
            if self._of_tenants[tenant_id] >= SHARE * free:
                return False
            self._of_tenants[tenant_id] += 1
            return True

    def leave(self, tenant_id: UUID) -> None:
        """Give a place back."""
        with self._lock:
            self._of_tenants[tenant_id] -= 1
            if not self._of_tenants[tenant_id]:
                del self._of_tenants[tenant_id]
