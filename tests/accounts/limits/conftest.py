import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from redis import Redis

from accounts.connections import limits_client


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A client like the limiter's own, of this test alone."""
    client = limits_client(settings.REDIS_VOLATILE_URL)
    yield client
    client.close()


@pytest.fixture
def owner() -> str:
    """Nobody else's buckets, so that nothing has to be flushed."""
    return uuid.uuid4().hex
