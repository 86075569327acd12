import pytest
from django.core.exceptions import ValidationError

from accounts.limits.names import Limit
from accounts.models import AuditEvent, LimitOverride, Tenant
from accounts.services.overrides import override_clear, override_set
from tests.cast import Cast
from tests.tts.rows import together

pytestmark = pytest.mark.django_db

MONTH = Limit.CHARACTERS_PER_MONTH


def told() -> list[tuple[str, str, str]]:
    rows = AuditEvent.all_tenants.filter(target_kind="limitoverride").order_by("id")
    return [(row.action, row.tenant_slug, row.target_name) for row in rows]


def limits_of(tenant: Tenant) -> tuple[int | None, int | None]:
    limits = Tenant.objects.get(pk=tenant.pk).limits()
    return limits.of(MONTH), limits.watched(MONTH)


def test_a_limit_of_its_own_holds_for_one_tenant_until_it_is_cleared(cast: Cast) -> None:
    alice, bob = cast.alice.tenant, cast.bob.tenant
    override_set(tenant=alice, limit=MONTH, value=0, reason="unpaid")
    assert (limits_of(alice), limits_of(bob)) == ((0, None), (None, None))
    override_set(tenant=alice, limit=MONTH, value=500)
    assert limits_of(alice) == (500, None)
    assert [override_clear(tenant=alice, limit=MONTH) for _ in range(2)] == [True, False]
    assert limits_of(alice) == (None, None)
    assert told() == [
        ("override.set", "alice", MONTH),
        ("override.set", "alice", MONTH),
        ("override.clear", "alice", MONTH),
    ]


def test_an_enforced_and_a_watched_one_stand_side_by_side(cast: Cast) -> None:
    alice = cast.alice.tenant
    override_set(tenant=alice, limit=MONTH, value=500)
    override_set(tenant=alice, limit=MONTH, value=100, observe_only=True)
    assert limits_of(alice) == (500, 100)
    override_clear(tenant=alice, limit=MONTH)
    assert limits_of(alice) == (None, 100)


def test_to_set_what_is_set_is_told_once(cast: Cast) -> None:
    for _ in range(2):
        override_set(tenant=cast.alice.tenant, limit=MONTH, value=5)
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"limit": "speed"}, "limit"),
        ({"value": -1}, "value"),
        ({"value": 10**15 + 1}, "value"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_an_impossible_limit_is_refused_by_field(cast: Cast, values: dict[str, object], named: str) -> None:
    arguments: dict[str, object] = {"tenant": cast.alice.tenant, "limit": MONTH, "value": 1, **values}
    with pytest.raises(ValidationError) as raised:
        override_set(**arguments)  # type: ignore[arg-type] # wrong on purpose
    assert list(raised.value.message_dict) == [named]
    assert not LimitOverride.all_tenants.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_made_at_once_one_is_left(cast: Cast) -> None:
    tenant = cast.alice.tenant
    together(
        *(lambda value=value: override_set(tenant=tenant, limit=MONTH, value=value) for value in range(8))
    )
    assert LimitOverride.objects.of(tenant).count() == 1
