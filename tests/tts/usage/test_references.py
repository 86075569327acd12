from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.cast import Cast
from tests.tts.usage.events import used
from tts.usage.ranges import UsageRange
from tts.usage.references import References, ReferenceUse, references_most_used
from tts.usage.sums import Sums

pytestmark = pytest.mark.django_db

MAY = UsageRange(date(2026, 5, 1), date(2026, 5, 31), ZoneInfo("Asia/Shanghai"))
NOON = "2026-05-02T12:00:00+08:00"


@pytest.fixture
def tagged(cast: Cast) -> Cast:
    for reference, characters in (("a", 5), ("b", 3), ("a", 2), ("c", 1), ("", 100)):
        used(cast.alice.tenant, NOON, characters=characters, reference=reference)
    used(cast.alice.tenant, "2026-06-01T00:00:00+08:00", characters=9, reference="june")
    used(cast.bob.tenant, NOON, characters=9, reference="bobs")
    return cast


def test_those_that_used_most_come_first(tagged: Cast) -> None:
    found = references_most_used(tenant=tagged.alice.tenant, span=MAY, most=3)
    alice = tagged.alice.tenant.pk
    expected = [("a", Sums(2, 7)), ("b", Sums(1, 3)), ("c", Sums(1, 1))]
    assert found == References([ReferenceUse(alice, *row) for row in expected], more=False)


def test_of_all_tenants_the_same_reference_is_each_ones_own(tagged: Cast) -> None:
    used(tagged.bob.tenant, NOON, characters=6, reference="a")
    found = references_most_used(tenant=None, span=MAY, most=4)
    alice, bob = tagged.alice.tenant.pk, tagged.bob.tenant.pk
    rows = [
        ReferenceUse(bob, "bobs", Sums(1, 9)),
        ReferenceUse(alice, "a", Sums(2, 7)),
        ReferenceUse(bob, "a", Sums(1, 6)),
        ReferenceUse(alice, "b", Sums(1, 3)),
    ]
    assert found == References(rows, more=True)


def test_what_is_left_out_is_told(tagged: Cast) -> None:
    found = references_most_used(tenant=tagged.alice.tenant, span=MAY, most=2)
    assert found.rows is not None
    assert ([row.reference for row in found.rows], found.more) == (["a", "b"], True)


@pytest.mark.parametrize(("bound", "events", "of_all"), [("", 4, False), ("_OF_ALL", 5, True)])
def test_too_many_events_are_not_listed_by_halves(
    tagged: Cast, monkeypatch: pytest.MonkeyPatch, bound: str, events: int, of_all: bool
) -> None:
    tenant = None if of_all else tagged.alice.tenant
    monkeypatch.setattr(f"tts.usage.references.MOST_EVENTS{bound}", events)
    assert references_most_used(tenant=tenant, span=MAY, most=3).rows is not None
    monkeypatch.setattr(f"tts.usage.references.MOST_EVENTS{bound}", events - 1)
    assert references_most_used(tenant=tenant, span=MAY, most=3) == References(None)
