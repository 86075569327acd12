"""Which models belong to tenants, read from the models themselves."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from accounts.models import Tenant


def own_models() -> list[type[Model]]:
    """Every model of this project."""
    return [model for model in apps.get_models() if model._meta.app_label in ("accounts", "tts", "voxgate")]


def tenant_models() -> list[type[Model]]:
    """Those with a column that names a tenant, `Tenant` itself not among them."""
    return [model for model in own_models() if any(_names_a_tenant(field) for field in _fields(model))]


def child_models() -> list[type[Model]]:
    """Those that hang off a tenant's row without naming the tenant themselves."""
    owned = set(tenant_models())
    return [
        model
        for model in own_models()
        if model not in owned and any(field.related_model in owned for field in _fields(model))
    ]


def _names_a_tenant(field: "Field[object, object]") -> bool:
    return field.attname == "tenant_id" or (isinstance(field, ForeignKey) and field.related_model is Tenant)


def _fields(model: type[Model]) -> "Iterator[Field[object, object]]":
    yield from model._meta.concrete_fields
