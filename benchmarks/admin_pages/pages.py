"""Which pages the admin has for whom: from the URL table, the filters of each list, and links of other pages."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from itertools import combinations
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.apps import apps
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiKey, Tenant
from tests.isolation.routes import address, routes
from tts.models import SynthesisRequest

PEOPLE = {
    "superuser": "demo-root",
    "operator": "demo-operator",
    "finance": "demo-finance",
    "member": "harbour-books-owner",
}
"""Who looks, and the name of the account."""

LEFT_OUT = re.compile(r"admin/(logout|login)/|<path:object_id>/$|django_rq.*<(str|path):|token")
"""Patterns of pages that change the session, lead to another page, or are about a job that there would have to be."""
MOST_CHOICES = 6
"""Choices of one filter that are tried."""
MOST_LINKS = 25
FAR_PAGES = (2, 50, 200)
NOTHING = "nothing-is-called-like-this"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody and an address with its query."""

    who: str
    path: str

    def __str__(self) -> str:
        return f"{self.who}: {self.path}"

    def captured(self) -> tuple[HttpResponse, list[dict[str, str]]]:
        """The answer in this process, and the queries that it took."""
        client = _client(self.who)
        with CaptureQueriesContext(connection) as queries:
            answer = cast(HttpResponse, client.get(self.path))
        return answer, queries.captured_queries

    def cost(self) -> tuple[int, float]:
        """Number of queries, and milliseconds that they took."""
        _answer, queries = self.captured()
        return len(queries), 1000 * sum(float(query["time"]) for query in queries)


@cache
def person(who: str) -> User:
    name = PEOPLE[who]
    if who == "superuser":
        values = {"is_staff": True, "is_superuser": True}
        return User.objects.update_or_create(username=name, defaults=values)[0]
    return User.objects.get(username=name)


def visits(people: Iterable[str], only: str) -> Iterator[Visit]:
    """Every page, each with the queries that can be asked of it. Pages that somebody may not see are left out."""
    for who in people:
        for path in _paths():
            if only.partition("?")[0] not in path:
                continue
            page = Visit(who, path)
            answer, _queries = page.captured()
            if answer.status_code in (301, 302, 403, 404, 405):
                continue
            for query in ("", *_queries_of(page, answer), *_typed(path)):
                visit = Visit(who, f"{path}?{query}" if query else path)
                if only in visit.path:
                    yield visit


def _typed(path: str) -> list[str]:
    """What no link leads to and people enter by hand: all days of the usage page."""
    if not path.endswith("/tts/usagebucket/"):
        return []
    today = timezone.localdate()
    return [f"from={today - timedelta(days=days)}&to={today}" for days in (91, 182, 365)]


def _paths() -> list[str]:
    patterns = sorted(route for route in routes() if route.startswith("admin/"))
    found: dict[str, None] = {}
    for pattern in patterns:
        if LEFT_OUT.search(pattern):
            continue
        for object_id in _object_ids(pattern):
            found[address(pattern, object_id)] = None
    return list(found)


def _object_ids(pattern: str) -> list[object]:
    """The newest row and an old one of the model that a page is of."""
    model = _model_of(pattern.split("/"))
    if model is None or model._meta.pk is None or not model._meta.managed:
        return ["1"]
    rows = model._default_manager.order_by("-pk")
    if model is Tenant:
        rows = rows.filter(slug="harbour-books")
    elif hasattr(model, "tenant_id"):
        rows = rows.filter(tenant_id=Tenant.objects.get(slug="harbour-books").pk)
    newest, oldest = rows.first(), rows.last()
    return list(dict.fromkeys(row.pk for row in (newest, oldest) if row is not None)) or ["1"]


def _model_of(parts: list[str]) -> type[Model] | None:
    try:
        return apps.get_model(parts[1], parts[2])
    except (LookupError, ValueError, IndexError):
        return None


def _queries_of(page: Visit, answer: HttpResponse) -> list[str]:
    context = getattr(answer, "context_data", None) or {}
    changelist = context.get("cl")
    found = _list_queries(changelist) if isinstance(changelist, ChangeList) else []
    return list(dict.fromkeys([*found, *_linked(page, answer)]))


def _list_queries(changelist: ChangeList) -> list[str]:
    """Filters one by one, two of them at once, all of them, searches, orders, far pages."""
    by_filter = [queries for spec in changelist.filter_specs if (queries := _choices(spec, changelist))]
    found = [query for queries in by_filter for query in queries]
    for one, other in combinations(by_filter, 2):
        found.append(urlencode([*parse_qsl(one[-1]), *parse_qsl(other[-1])]))
    if by_filter:
        found.append(urlencode([pair for queries in by_filter for pair in parse_qsl(queries[-1])]))
    if changelist.search_fields:
        found += [urlencode({"q": term}) for term in _terms(changelist.model)]
    # The first column is that of the boxes to tick.
    names = enumerate(changelist.list_display)
    found += [f"o={column}" for column, name in names if column and name in (changelist.sortable_by or ())]
    found += [f"p={number}" for number in FAR_PAGES if number <= changelist.paginator.num_pages]
    return found


def _choices(spec: Any, changelist: ChangeList) -> list[str]:
    """The queries of a filter's choices but the first, which is everything."""
    queries = [str(choice["query_string"]) for choice in spec.choices(changelist) if "query_string" in choice]
    return [query.lstrip("?") for query in queries[1 : MOST_CHOICES + 1] if query.strip("?")]


@cache
def _terms(model: type[Model]) -> list[str]:
    row = model._default_manager.order_by("pk").last()
    terms = [NOTHING, "chapter", "chapter-1", "019a0000-0000-7000-8000-000000000000"]
    if row is not None:
        terms.append(str(row.pk))
    if isinstance(row, SynthesisRequest):
        key = ApiKey.all_tenants.filter(tenant_id=row.tenant_id)[0]
        terms += [row.request_id, row.reference, key.public_id, str(key.pk)]
    return terms


class _Links(HTMLParser):
    """Queries that a page links to on itself, and those that its forms would send with one field changed."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._select = ""
        self.queries: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        match tag:
            case "a":
                path, mark, query = values.get("href", "").partition("?")
                if mark and path in ("", self._path):
                    self.queries[query.partition("#")[0]] = None
            case "select":
                # What is done with rows that are ticked is no filter.
                self._select = values.get("name", "").removesuffix("action")
            case "option" if self._select and values.get("value"):
                self.queries[urlencode({self._select: values["value"]})] = None
            case "input" if values.get("type") == "search" and values.get("name"):
                self.queries[urlencode({values["name"]: "error"})] = None

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "form"):
            self._select = ""


def _linked(page: Visit, answer: HttpResponse) -> list[str]:
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return []
    parser = _Links(page.path)
    parser.feed(answer.content.decode())
    useful = [query for query in parser.queries if query and not re.search(r"(^|&)(_|e=|all=)", query)]
    return useful[:MOST_LINKS]


@cache
def _client(who: str) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en", "host": "127.0.0.1"})
    client.force_login(person(who))
    return client
