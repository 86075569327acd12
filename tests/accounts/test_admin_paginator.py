import pytest

from accounts.admin.paginator import CappedPaginator
from tests.cast import Cast
from tests.tts.admin.history import queued
from tts.models import SynthesisRequest


class Capped(CappedPaginator):
    cap = 3


@pytest.mark.parametrize(
    ("rows", "count", "capped"), [(0, 0, False), (2, 2, False), (3, 3, True), (5, 3, True)]
)
def test_counts_up_to_the_cap(cast: Cast, rows: int, count: int, capped: bool) -> None:
    for _number in range(rows):
        queued(cast.alice.tenant)

    paginator = Capped(SynthesisRequest.all_tenants.order_by("-created_at"), 2)

    assert (paginator.count, paginator.is_capped) == (count, capped)
    assert sum(len(page) for page in paginator) == count


def test_counts_lists_too() -> None:
    assert Capped(["a", "b", "c", "d"], 2).count == 4
