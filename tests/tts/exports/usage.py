"""Usage on record, entered by the services that end requests."""

from datetime import UTC, datetime
from typing import Any

from tests.cast import Cast, Member
from tests.tts.admin.history import failed, succeeded
from tts.models import SynthesisRequest


def spoken(member: Member, at: datetime, **fields: Any) -> SynthesisRequest:
    """A request that was accepted at `at` and spoke for 1.5 s; its audio is not kept."""
    values: dict[str, Any] = {"api_key": member.row, "api_key_name": member.row.name, "characters": 6}
    return succeeded(member.tenant, at=at, audio=None, **(values | fields))


def unspoken(member: Member, at: datetime, **fields: Any) -> SynthesisRequest:
    """One that failed, and was charged nothing."""
    return failed(member.tenant, at=at, api_key=member.row, api_key_name=member.row.name, **fields)


def used_in_may(cast: Cast) -> None:
    """30 characters of alice's in three requests, 1 000 of bob's in one."""
    for day in (1, 2, 3):
        spoken(cast.alice, datetime(2026, 5, day, 1, tzinfo=UTC), characters=10)
    spoken(cast.bob, datetime(2026, 5, 1, 1, tzinfo=UTC), characters=1000)
