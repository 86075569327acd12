"""Where the code reads past the tenants' managers, told from its syntax trees.

What is not on one of these lists fails, and so does an entry that is no longer needed.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.isolation.tenancy import child_models, own_models, tenant_models
from tests.test_layout import ROOT, sources

UNRESTRICTED = {
    "accounts/admin/tenants.py": "the month of each tenant that the list shows, by its id",
    "accounts/roles.py": "asks which tenants a person belongs to",
    "accounts/selectors.py": "finds a key before anybody knows whose it is",
    "accounts/services/keys.py": "changes one key under a condition; the key names its tenant",
    "accounts/services/quota.py": "tells of periods of both owners in one statement",
    "tts/admin/filters.py": "keys of every tenant for operators, of their own for members",
    "tts/admin/lexicons.py": "reads again a row that its own list has shown",
    "tts/desk/queues.py": "counts what waits, of everybody, for operators",
    "tts/desk/tenants.py": "sums usage of the tenants it is given, or of everybody for finance, in one query",
    "tts/seeding/books.py": "writes made-up rows of tenants it has made",
    "tts/seeding/people.py": "writes made-up rows of tenants it has made",
    "tts/services/delivery.py": "writes a line that names its tenant",
    "tts/services/events.py": "writes lines that name their tenant",
    "tts/services/export_bounds.py": "counts exports of a tenant, and of a person in every tenant",
    "tts/services/export_writing.py": "one export by its id, for the job that writes it",
    "tts/services/exports.py": "one export by its id, to try it again, and what the housekeeping asks for",
    "tts/services/idempotency.py": "forgets keys of a day ago, of everybody",
    "tts/services/lexicons.py": "writes rows that name their tenant",
    "tts/services/logs_search.py": "the log, which operators alone may read",
    "tts/services/logs_store.py": "names the tenants of requests that workers told of",
    "tts/services/orphan_owners.py": "finds the rows that files of every tenant belong to",
    "tts/services/recovery.py": "the sweeper: what queue and workers forgot, of everybody",
    "tts/services/routes.py": "a tenant's routes and everybody's together",
    "tts/services/states.py": "changes of one request, by workers that are told its id",
    "tts/services/turns.py": "chooses whose turn it is, among everybody",
    "tts/usage/months.py": "the month in force and the limit of each tenant, for the page of usage of all of them",
    "tts/usage/names.py": "keys in a report over all tenants, by their ids",
    "tts/admin/usage.py": "asks which requests of the rows shown are still on record",
}
"""Modules that may say `all_tenants`, and why."""

OWN_SQL = {
    "accounts/key_lookup.py": "finds the tenant that a key belongs to, or that a setting names",
    "accounts/services/quota.py": "names the tenant or its periods in every statement",
    "accounts/services/shadow.py": "inserts rows that name their tenant",
    "platform/voxgate/ops/health.py": "asks whether the database answers",
    "tts/admin/request_list.py": "tells the planner what a page of the disk costs",
    "tts/admin/shadow.py": "counts requests of the tenant of each row shown",
    "tts/desk/series.py": "sums figures of the platform, which are no tenant's",
    "tts/exports/snapshot.py": "reads usage of the tenant it is given, or of everybody for operators and finance",
    "tts/jobs/janitor.py": "takes an advisory lock",
    "tts/seeding/copying.py": "copies in made-up rows of tenants it has made",
    "tts/seeding/seed.py": "checks constraints before it copies rows in",
    "tts/services/idempotency.py": "claims a key of the tenant it names",
    "tts/services/in_flight.py": "counts requests of the tenant it names",
    "tts/services/locks.py": "takes advisory locks",
    "tts/services/turns.py": "chooses whose turn it is, among everybody",
    "tts/usage/recording.py": "enters usage of the tenant that the ended request names",
    "tts/usage/reports.py": "sums up quarters and events of the tenant it names, or of everybody for operators",
    "tts/usage/checking.py": "compares sums and events of everybody, for operators",
    "tts/usage/pace.py": "sums up the last days of the tenant it names, or of each for who sees usage of everybody",
    "tts/usage/references.py": "sums up events of the tenant it names, or of each for who sees usage of everybody",
    "tts/usage/repairing.py": "makes sums of everybody agree with their events",
}
"""Modules that write SQL themselves, which no manager sees, and why it stays within a tenant."""

CHILDREN = {
    "tts/services/logs_search.py": "the log, which operators alone may read: what engines said",
    "tts/services/states.py": "writes attempts of a request",
}
"""Modules that use managers of models that hang off a tenant's row, and why."""

SHORTCUTS: dict[str, str] = {}
"""Modules that give a tenant's model itself to Django's shortcuts, which take the unrestricted manager."""

NOWHERE = frozenset({"_base_manager", "_default_manager"})
DJANGOS_OWN = {
    "accounts/admin/scoping.py": "asks of rows of any model whether they are of a person's tenants",
    "platform/voxgate/ops/demo.py": "asks for people, who belong to no tenant",
}

TENANT_MODELS = frozenset(model.__name__ for model in tenant_models())
RELATIONS = frozenset(
    str(relation.get_accessor_name())
    for model in own_models()
    for relation in model._meta.related_objects
    if relation.get_accessor_name() is not None
)
CHILD_MODELS = frozenset(model.__name__ for model in child_models())


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules_with(finds: Callable[[ast.AST], bool]) -> set[str]:
    return {
        str(path.relative_to(ROOT)) for path in sources() if any(finds(node) for node in ast.walk(tree(path)))
    }


def names(node: ast.AST) -> Iterator[str]:
    """What a piece of syntax refers to by name, in `getattr`'s text as well."""
    match node:
        case ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            yield name


def uses_all_tenants(node: ast.AST) -> bool:
    return "all_tenants" in names(node)


def uses_bare_managers(node: ast.AST) -> bool:
    return not NOWHERE.isdisjoint(names(node))


def writes_sql(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="cursor" | "raw" | "extra"):
            return True
        case ast.Name(id="RawSQL") | ast.alias(name="RawSQL" | "psycopg"):
            return True
    return False


def uses_a_child(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="objects"):
            return name in CHILD_MODELS
    return False


def gives_a_model_to_a_shortcut(node: ast.AST) -> bool:
    match node:
        case ast.Call(
            func=ast.Name(id="get_object_or_404" | "get_list_or_404"), args=[ast.Name(id=name), *_]
        ):
            return name in TENANT_MODELS | CHILD_MODELS
    return False


def moves_rows_by_a_relation(node: ast.AST) -> bool:
    """`tenant.api_keys.add(key)` makes any tenant's key this one's: Django updates by the plain manager."""
    match node:
        case ast.Attribute(value=ast.Attribute(attr=name), attr="add" | "set"):
            return name in RELATIONS
    return False


CASES: dict[str, tuple[Callable[[ast.AST], bool], dict[str, str]]] = {
    "all_tenants": (uses_all_tenants, UNRESTRICTED),
    "SQL of its own": (writes_sql, OWN_SQL),
    "managers of children": (uses_a_child, CHILDREN),
    "models for shortcuts": (gives_a_model_to_a_shortcut, SHORTCUTS),
    "rows moved by a relation": (moves_rows_by_a_relation, {}),
    "Django's own managers": (uses_bare_managers, DJANGOS_OWN),
}


@pytest.mark.parametrize(("finds", "listed"), CASES.values(), ids=CASES)
def test_only_listed_modules_read_past_the_managers(
    finds: Callable[[ast.AST], bool], listed: dict[str, str]
) -> None:
    found = {name for name in modules_with(finds) if not name.startswith(("accounts/models/", "tts/models/"))}
    found.discard("accounts/managers.py")
    assert found == set(listed)
    assert all(listed.values()), "each entry says why"


@pytest.mark.parametrize("finds", [uses_all_tenants, writes_sql, uses_a_child, uses_bare_managers])
def test_the_api_never_does(finds: Callable[[ast.AST], bool]) -> None:
    assert {name for name in modules_with(finds) if name.startswith("tts/api/")} == set()


@pytest.mark.parametrize(
    ("code", "finds"),
    [
        ("ApiKey.all_tenants.all()", uses_all_tenants),
        ("getattr(ApiKey, 'all_tenants')", uses_all_tenants),
        ("with connection.cursor() as c: pass", writes_sql),
        ("Tenant.objects.raw('')", writes_sql),
        ("EngineAttempt.objects.all()", uses_a_child),
        ("get_object_or_404(SynthesisRequest, pk=1)", gives_a_model_to_a_shortcut),
        ("ApiKey._base_manager", uses_bare_managers),
        ("tenant.api_keys.add(key)", moves_rows_by_a_relation),
    ],
)
def test_each_way_around_is_recognized(code: str, finds: Callable[[ast.AST], bool]) -> None:
    assert any(finds(node) for node in ast.walk(ast.parse(code)))
    assert not any(finds(node) for node in ast.walk(ast.parse("ApiKey.objects.of(tenant).all()")))
