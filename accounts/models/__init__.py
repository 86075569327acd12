from accounts.models.api_key import ApiKey
from accounts.models.tenant import Tenant

__all__ = ["ApiKey", "Tenant"]
