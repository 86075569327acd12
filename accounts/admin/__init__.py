from accounts.admin.keys import KeyAdmin
from accounts.admin.tenants import TenantAdmin

__all__ = ["KeyAdmin", "TenantAdmin"]
