from accounts.admin.keys import KeyAdmin
from accounts.admin.tenants import TenantAdmin
from accounts.admin.users import GuardedGroupAdmin, GuardedUserAdmin

__all__ = ["GuardedGroupAdmin", "GuardedUserAdmin", "KeyAdmin", "TenantAdmin"]
