"""Paging through a table that only grows."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class CappedPaginator(AnyPaginator):
    """Counts `cap` rows at most, so that opening a list costs the same however long history grows.

    Rows behind the cap are reached by filters and search: paging that far would read all of them anyway.
    """

    cap: ClassVar[int] = 10_000

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by()[: self.cap].count()

    @property
    def is_capped(self) -> bool:
        """Whether there may be more rows than `count` tells."""
        return self.count >= self.cap
