"""Paging through a table that only grows."""

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
    AnyPage = Page[Any]
else:
    AnyPaginator = Paginator
    AnyPage = Page


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


class EstimatingPaginator(CappedPaginator):
    """Counts exactly what is little, and takes the planner's word for the rest: never a scan to tell a number.

    `total` is how many rows there are, `count` how many of them can be paged to. A page is read in two steps, ids
    first, so that an index alone decides which rows it holds.
    """

    cap: ClassVar[int] = 5_000
    exact: ClassVar[int] = 1_000
    """Up to here rows are counted."""

    @cached_property
    def estimate(self) -> int:
        """How many rows Postgres expects: from its statistics, in about a millisecond."""
        plan = self._rows.values("pk").explain(format="json")
        # Nothing is explained where a filter leaves nothing to ask for.
        return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0

    @cached_property
    def counted(self) -> int | None:
        """How many rows there are, None where there are more than are worth counting."""
        # Estimates of selections that are never seen together are off by any factor; of large ones, by little.
        if self.estimate > 10 * self.exact:
            return None
        found = self._rows[: self.exact + 1].count()
        return None if found > self.exact else found

    @property
    def is_estimate(self) -> bool:
        return self.counted is None

    @property
    def total(self) -> int:
        """As many as there are; where `is_estimate`, about so many, in two significant digits."""
        if self.counted is not None:
            return self.counted
        most = max(self.estimate, self.exact)
        digits = len(str(most)) - 2
        return int(round(most, -digits))

    @cached_property
    def count(self) -> int:
        return min(self.total, self.cap)

    def page(self, number: int | str) -> AnyPage:
        number = self.validate_number(number)
        if number not in self._pages:
            self._pages[number] = self._read(number)
        return self._pages[number]

    @cached_property
    def _pages(self) -> dict[int, AnyPage]:
        return {}

    def _read(self, number: int) -> AnyPage:
        first = (number - 1) * self.per_page
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # a list has no reason to be estimated
        ids = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        if self.is_estimate and len(ids) < self.per_page:
            # The last page: now it is known.
            self.counted = first + len(ids)
            self.count = min(self.counted, self.cap)
        return AnyPage(rows.filter(pk__in=ids), number, self)

    @property
    def _rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # as above
        return rows.order_by()
