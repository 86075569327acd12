"""Everything a tenant can own, one row of each kind, marked so that a page that shows any of it gives itself away."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts.models import (
    AuditEvent,
    LimitOverride,
    Membership,
    QuotaThreshold,
    ShadowRefusal,
    UsagePeriod,
)
from tests.cast import Member
from tests.tts.admin.history import queued, succeeded
from tts.exports.checking import SIDE_FILE
from tts.models import (
    EngineAttempt,
    IdempotencyKey,
    PronunciationDictionary,
    PronunciationEntry,
    RequestEvent,
    SynthesisRequest,
    TenantTurn,
    UsageBucket,
    UsageEvent,
    UsageExport,
    Voice,
    VoiceRoute,
)
from tts.models.export import export_storage
from tts.services.lexicons import entry_create
from tts.text.lexicon import LexiconEntry

LIMIT = "characters_per_month"
COUNTED = (
    *(Membership, QuotaThreshold, ShadowRefusal, PronunciationEntry, VoiceRoute),
    *(RequestEvent, EngineAttempt, UsageBucket),
)
"""Models whose rows have numbers."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """A tenant's rows, one of each model; `marks` are words and ids that only this tenant's pages may hold."""

    member: Member
    rows: dict[type[Model], Model]
    person: User
    marks: frozenset[str]

    def row(self, model: type[Model]) -> Model:
        return self.rows[model]

    @property
    def request(self) -> SynthesisRequest:
        found = self.rows[SynthesisRequest]
        assert isinstance(found, SynthesisRequest)
        return found

    @property
    def export(self) -> UsageExport:
        found = self.rows[UsageExport]
        assert isinstance(found, UsageExport)
        return found


def belongings_of(member: Member) -> Belongings:
    """Fill a tenant whose slug is a word like no other."""
    tenant, mark = member.tenant, member.tenant.slug
    _count_from_afar()
    now = timezone.now()
    person = User.objects.create_user(f"{mark}-person", is_staff=True)
    period = UsagePeriod.objects.create(
        tenant=tenant,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=29),
        characters_limit=1000,
        used_characters=500,
    )
    request = succeeded(
        tenant,
        text=f"{mark}-text",
        reference=f"{mark}-reference",
        request_id=f"{mark}-request",
        api_key=member.row,
        api_key_name=member.row.name,
        fallback="error",
    )
    waiting = queued(
        tenant, text=f"{mark}-waiting", request_id=f"{mark}-waiting", origin="rerun", repeats=request
    )
    entry = entry_create(tenant=tenant, entry=LexiconEntry(f"{mark}-written", f"{mark}-spoken"), now=now)
    rows: list[Model] = [
        member.row,
        request,
        entry,
        period,
        PronunciationDictionary.objects.of(tenant).get(),
        AuditEvent.objects.of(tenant).filter(action="key.issue")[0],
        Membership.objects.create(tenant=tenant, user=person, role=Membership.Role.OWNER),
        LimitOverride.objects.create(tenant=tenant, limit=LIMIT, value=1000, reason=f"{mark}-reason"),
        QuotaThreshold.objects.create(
            tenant=tenant, period=period, percent=50, at=now, used_characters=500, characters_limit=1000
        ),
        ShadowRefusal.objects.create(
            tenant=tenant, limit=LIMIT, day=now.date(), requests=3, characters=30, last_at=now
        ),
        IdempotencyKey.objects.create(
            tenant=tenant,
            key=f"{mark}-once",
            fingerprint="0" * 64,
            request=request,
            created_at=now,
            expires_at=now + timedelta(days=1),
        ),
        TenantTurn.all_tenants.get_or_create(tenant=tenant)[0],
        VoiceRoute.objects.create(tenant=tenant, language="zh", speaker_id=0, voice=_voice()),
        UsageEvent.objects.of(tenant).get(),
        UsageBucket.objects.of(tenant).get(),
        _export(member, person, now),
        request.attempts.all()[0],
        request.events.all()[0],
    ]
    return Belongings(member, {type(row): row for row in rows}, person, _marks(member, [*rows, waiting]))


def _count_from_afar() -> None:
    """Numbers of rows become long ones, which appear on a page for no other reason."""
    with connection.cursor() as cursor:
        for model in COUNTED:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                [model._meta.db_table, secrets.randbelow(10**9) + 10**9],
            )


def _marks(member: Member, rows: list[Model]) -> frozenset[str]:
    ids = {str(row.pk) for row in rows if isinstance(row.pk, UUID) or row.pk >= 10**9}
    return frozenset({member.tenant.slug, member.tenant.name, member.row.public_id, *ids})


def _export(member: Member, person: User, now: datetime) -> UsageExport:
    name = export_storage().save(f"{member.tenant.slug}.csv", ContentFile(f"{member.tenant.slug}-export"))
    export_storage().save(f"{name}{SIDE_FILE}", ContentFile(f"{member.tenant.slug}-manifest"))
    return UsageExport.objects.create(
        tenant=member.tenant,
        requested_by=person,
        file_format="csv",
        detail="lines",
        starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(days=1),
        time_zone=member.tenant.time_zone,
        status=UsageExport.Status.SUCCEEDED,
        rows_done=1,
        rows_total=1,
        created_at=now,
        finished_at=now,
        expires_at=now + timedelta(days=1),
        file=name,
    )


def _voice() -> Voice:
    values: dict[str, Any] = {"name": "A", "engine": "onnx", "languages": ["zh-CN"], "sample_rate": 22050}
    return Voice.objects.get_or_create(id="zh_CN-a", defaults={**values, "state": "ready"})[0]
