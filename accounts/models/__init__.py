from accounts.models.api_key import ApiKey
from accounts.models.audit import AuditEvent
from accounts.models.membership import Membership
from accounts.models.override import LimitOverride
from accounts.models.period import QuotaThreshold, UsagePeriod
from accounts.models.plan import Plan
from accounts.models.shadow import ShadowRefusal
from accounts.models.tenant import Tenant

__all__ = [
    "ApiKey",
    "AuditEvent",
    "LimitOverride",
    "Membership",
    "Plan",
    "QuotaThreshold",
    "ShadowRefusal",
    "Tenant",
    "UsagePeriod",
]
