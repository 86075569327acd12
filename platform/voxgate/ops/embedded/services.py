"""The addresses of the three servers Voxgate needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Services:
    """URLs, with passwords: Postgres, the Redis of the queue, the Redis of answers and rate limits."""

    database_url: str
    redis_url: str
    volatile_redis_url: str

    def environment(self) -> dict[str, str]:
        """The environment variables by which the settings find these servers."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "REDIS_VOLATILE_URL": self.volatile_redis_url,
        }
