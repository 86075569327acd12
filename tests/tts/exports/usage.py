"""Usage on record, entered by the services that end requests."""

from datetime import datetime
from typing import Any

from tests.cast import Member
from tests.tts.admin.history import failed, succeeded
from tts.models import SynthesisRequest


def spoken(member: Member, at: datetime, **fields: Any) -> SynthesisRequest:
    """A request that was accepted at `at` and spoke for 1.5 s; its audio is not kept."""
    values: dict[str, Any] = {"api_key": member.row, "api_key_name": member.row.name, "characters": 6}
    return succeeded(member.tenant, at=at, audio=None, **(values | fields))


def unspoken(member: Member, at: datetime, **fields: Any) -> SynthesisRequest:
    """One that failed, and was charged nothing."""
    return failed(member.tenant, at=at, api_key=member.row, api_key_name=member.row.name, **fields)
