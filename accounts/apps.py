from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

MIGRATION = ("verbosity", "interactive", "using", "apps")
"""What the signal may tell and `create_permissions` takes."""


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_begin_with_a_plan, sender=self)
        post_migrate.connect(_keep_groups)


def _begin_with_a_plan(**_options: object) -> None:
    """A database that was emptied has a plan to give to tenants again, as a new one has."""
    from accounts.services.plans import plan_standard_ensure

    plan_standard_ensure()


def _keep_groups(sender: AppConfig, **options: Any) -> None:
    """Groups hold the permissions of an application as soon as its tables are there."""
    from django.contrib.auth.management import create_permissions

    from accounts.services.groups import APPS, groups_ensure

    if sender.label in APPS:
        # Django's own receiver, which does this for every application, comes after this one.
        create_permissions(sender, **{name: options[name] for name in MIGRATION if name in options})
        groups_ensure()
