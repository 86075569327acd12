from accounts.admin.audit import AuditAdmin
from accounts.admin.keys import KeyAdmin
from accounts.admin.memberships import MembershipAdmin
from accounts.admin.periods import PeriodAdmin, ThresholdAdmin
from accounts.admin.plans import PlanAdmin
from accounts.admin.tenants import TenantAdmin
from accounts.admin.users import GuardedGroupAdmin, GuardedUserAdmin

__all__ = [
    "AuditAdmin",
    "GuardedGroupAdmin",
    "GuardedUserAdmin",
    "KeyAdmin",
    "MembershipAdmin",
    "PeriodAdmin",
    "PlanAdmin",
    "TenantAdmin",
    "ThresholdAdmin",
]
