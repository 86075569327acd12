"""What the templates of the admin's home page need."""

from django import template
from django.utils.safestring import SafeString

from accounts.admin.amounts import usage_bar
from tts.desk.tenants import TenantMonth

register = template.Library()


@register.filter
def month_bar(month: TenantMonth) -> SafeString:
    """How much of a tenant's month is used, as the lists of the admin show it."""
    return usage_bar(month.used, month.reserved, month.limit)
