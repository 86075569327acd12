"""Which keys were good lately, so that their callers need not be looked at for failed attempts."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

VERIFIED_SECONDS = 3600.0
CAPACITY = 10_000


class VerifiedKeys:
    """A memory of the `capacity` keys verified last, each for `seconds`. Safe to use from several threads.

    It lets nobody in, since the database is asked about every key every time; a key in it only skips
    `failure_check`. So a good key costs no round trip for it, and a neighbour who fails behind the same address
    does not lock its caller out. Digests are kept, never keys.
    """

    def __init__(
        self,
        *,
        seconds: float = VERIFIED_SECONDS,
        capacity: int = CAPACITY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._verified_at: OrderedDict[bytes, float] = OrderedDict()

    def remember(self, text: str) -> None:
        """The key `text` is good now; the one verified longest ago is forgotten where there are too many."""
        digest = _digest(text)
        with self._lock:
            self._verified_at[digest] = self._clock()
            self._verified_at.move_to_end(digest)
            if len(self._verified_at) > self._capacity:
                self._verified_at.popitem(last=False)

    def forget(self, text: str) -> None:
        """The key `text` turned out not to be good any more."""
        with self._lock:
            self._verified_at.pop(_digest(text), None)

    def holds(self, text: str) -> bool:
        """Whether the key `text` was good within the last `seconds`."""
        digest = _digest(text)
        with self._lock:
            verified_at = self._verified_at.get(digest)
            if verified_at is None:
                return False
            if self._clock() - verified_at < self._seconds:
                return True
            del self._verified_at[digest]
            return False

    def __len__(self) -> int:
        with self._lock:
            return len(self._verified_at)


def _digest(text: str) -> bytes:
    # What was sent may be no ASCII, and lone surrogates where a header held odd bytes.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


verified_keys = VerifiedKeys()
"""This process's memory."""
