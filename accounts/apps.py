from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_begin_with_a_plan, sender=self)


def _begin_with_a_plan(**_options: object) -> None:
    """A database that was emptied has a plan to give to tenants again, as a new one has."""
    from accounts.services.plans import plan_standard_ensure

    plan_standard_ensure()
