import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Tenant
from tests.cast import Cast
from tts.models import Voice, VoiceRoute
from tts.services.routes import route_clear, route_set, routes_of_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def voices() -> dict[str, Voice]:
    names = ("anna", "bella", "carl")
    return {
        name: Voice.objects.create(id=name, name=name, engine="onnx", languages=["zh-CN"], sample_rate=22050)
        for name in names
    }


@pytest.fixture
def tenant(cast: Cast) -> Tenant:
    return cast.alice.tenant


def test_without_routes_a_tenant_has_none(tenant: Tenant) -> None:
    assert routes_of_tenant(tenant_id=tenant.id) == {}


def test_a_tenants_route_wins_over_everybodys(tenant: Tenant, voices: dict[str, Voice]) -> None:
    route_set(tenant=None, language="zh", speaker_id=0, voice=voices["anna"])
    route_set(tenant=None, language="zh", speaker_id=1, voice=voices["bella"])
    route_set(tenant=tenant, language="zh", speaker_id=0, voice=voices["carl"])
    assert routes_of_tenant(tenant_id=tenant.id) == {("zh", 0): "carl", ("zh", 1): "bella"}


def test_one_tenants_routes_are_not_anothers(cast: Cast, tenant: Tenant, voices: dict[str, Voice]) -> None:
    route_set(tenant=tenant, language="zh", speaker_id=0, voice=voices["carl"])
    assert routes_of_tenant(tenant_id=cast.bob.tenant.id) == {}


def test_setting_a_route_again_changes_it(tenant: Tenant, voices: dict[str, Voice]) -> None:
    for owner in (None, tenant):
        route_set(tenant=owner, language="en", speaker_id=2, voice=voices["anna"])
        route_set(tenant=owner, language="en", speaker_id=2, voice=voices["bella"])
    assert VoiceRoute.all_tenants.count() == 2
    assert routes_of_tenant(tenant_id=tenant.id) == {("en", 2): "bella"}


def test_clearing_a_route_leaves_the_other_owners(tenant: Tenant, voices: dict[str, Voice]) -> None:
    route_set(tenant=None, language="en", speaker_id=2, voice=voices["anna"])
    route_set(tenant=tenant, language="en", speaker_id=2, voice=voices["bella"])
    assert route_clear(tenant=tenant, language="en", speaker_id=2)
    assert not route_clear(tenant=tenant, language="en", speaker_id=2)
    assert routes_of_tenant(tenant_id=tenant.id) == {("en", 2): "anna"}


@pytest.mark.parametrize(("language", "speaker_id"), [("zh-CN", 0), ("", 0), ("ZH", 0), ("zh", 4)])
def test_impossible_routes_are_refused(voices: dict[str, Voice], language: str, speaker_id: int) -> None:
    with pytest.raises(ValidationError):
        route_set(tenant=None, language=language, speaker_id=speaker_id, voice=voices["anna"])


def test_the_database_holds_one_route_for_everybody(voices: dict[str, Voice]) -> None:
    VoiceRoute.all_tenants.create(tenant=None, language="zh", speaker_id=0, voice=voices["anna"])
    with pytest.raises(IntegrityError), transaction.atomic():
        VoiceRoute.all_tenants.create(tenant=None, language="zh", speaker_id=0, voice=voices["bella"])
