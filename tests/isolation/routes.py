"""Every route of the server and who may take it, in one table.

A route that is not in it fails the build (`test_routes.py`), and so does an entry without a route.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.scopes import Scope


class Open(StrEnum):
    """To whom a route of the admin answers anything but the login page."""

    EVERYBODY = "everybody"  # without a session: the login page itself
    STAFF = "staff"  # whoever may enter the admin; nothing of a tenant is on it
    TENANT = "tenant"  # the model's permission, and the object must be of a tenant of theirs
    OPERATORS = "operators"  # those who see every tenant, with the model's permission
    SHARED = "shared"  # the model's permission; the rows are everybody's
    SUPERUSERS = "superusers"
    NOBODY = "nobody"  # switched off


OWN_REQUEST, OWN_EXPORT = "{request}", "{export}"
"""Where a path names a request, and where it names an export."""


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """A route outside the admin. `answers` are the statuses of its owner's calls, with the body below; other methods
    get `otherwise`. Without a scope it is public; `scopes` are of methods with another one.
    """

    path: str
    answers: Mapping[str, int]
    scope: Scope | None = None
    body: Mapping[str, object] = field(default_factory=dict)
    otherwise: int = 405
    scopes: Mapping[str, Scope] = field(default_factory=dict)

    def scope_of(self, method: str) -> Scope | None:
        return self.scopes.get(method, self.scope)

    def names_a_request(self, method: str) -> bool:
        """Whether a call depends on a request, or an export, being the caller's."""
        names = OWN_REQUEST in self.path or OWN_EXPORT in self.path
        return names and method in self.answers and method != "OPTIONS"

    def status(self, method: str) -> int:
        return self.answers.get(method, self.otherwise)

    def address(self, request_id: object, export_id: object = None) -> str:
        """The path of a request, or of an export; without an id of its own, that has the request's."""
        path = self.path.replace(OWN_EXPORT, str(export_id or request_id))
        return path.replace(OWN_REQUEST, str(request_id))


API: dict[str, ApiRoute] = {
    "": ApiRoute("/", {"GET": 200, "HEAD": 200, "OPTIONS": 200}),
    "livez": ApiRoute("/livez", {"GET": 200, "HEAD": 200, "OPTIONS": 200}),
    # No worker runs beside these tests.
    "readyz": ApiRoute("/readyz", {"GET": 503, "HEAD": 503, "OPTIONS": 200}),
    "api/tts": ApiRoute(
        # A text is missing: who may come in is told so, and nothing is spoken.
        "/api/tts",
        {"POST": 400, "OPTIONS": 200},
        Scope.SPEECH_WRITE,
    ),
    "api/requests": ApiRoute("/api/requests", {"GET": 200, "HEAD": 200, "OPTIONS": 200}, Scope.HISTORY_READ),
    "api/requests/<uuid:request_id>": ApiRoute(
        f"/api/requests/{OWN_REQUEST}",
        {"GET": 200, "HEAD": 200, "DELETE": 204, "OPTIONS": 200},
        Scope.HISTORY_READ,
        scopes={"DELETE": Scope.HISTORY_DELETE},
    ),
    "api/requests/<uuid:request_id>/cancel": ApiRoute(
        f"/api/requests/{OWN_REQUEST}/cancel", {"POST": 200, "OPTIONS": 200}, Scope.SPEECH_WRITE
    ),
    "api/requests/<uuid:request_id>/audio": ApiRoute(
        f"/api/requests/{OWN_REQUEST}/audio", {"GET": 200, "HEAD": 200, "OPTIONS": 200}, Scope.HISTORY_READ
    ),
    "api/voices": ApiRoute("/api/voices", {"GET": 200, "HEAD": 200, "OPTIONS": 200}, Scope.VOICES_READ),
    "api/account": ApiRoute("/api/account", {"GET": 200, "HEAD": 200, "OPTIONS": 200}, Scope.USAGE_READ),
    "api/usage": ApiRoute("/api/usage", {"GET": 200, "HEAD": 200, "OPTIONS": 200}, Scope.USAGE_READ),
    "api/usage/export": ApiRoute(
        "/api/usage/export", {"GET": 200, "HEAD": 200, "OPTIONS": 200}, Scope.USAGE_READ
    ),
    "api/usage/exports": ApiRoute(
        "/api/usage/exports", {"GET": 200, "HEAD": 200, "POST": 202, "OPTIONS": 200}, Scope.USAGE_READ
    ),
    **{
        f"api/usage/exports/<uuid:export_id>{part}": ApiRoute(
            f"/api/usage/exports/{OWN_EXPORT}{part}",
            {"GET": 200, "HEAD": 200, "OPTIONS": 200},
            Scope.USAGE_READ,
        )
        for part in ("", "/file", "/manifest")
    },
    "api/text/preview": ApiRoute(
        "/api/text/preview", {"POST": 200, "OPTIONS": 200}, Scope.SPEECH_WRITE, {"text": "你好"}
    ),
    "api/<path:rest>": ApiRoute("/api/nothing/here", {}, otherwise=404),
}
"""Routes outside the admin, by their pattern."""

MODELS: dict[str, Open] = {
    "accounts.apikey": Open.TENANT,
    "accounts.auditevent": Open.TENANT,
    "accounts.membership": Open.TENANT,
    "accounts.plan": Open.OPERATORS,
    "accounts.quotathreshold": Open.TENANT,
    "accounts.shadowrefusal": Open.TENANT,
    "accounts.tenant": Open.TENANT,
    "accounts.usageperiod": Open.TENANT,
    "auth.group": Open.OPERATORS,
    "auth.user": Open.OPERATORS,
    "django_rq.dashboard": Open.SUPERUSERS,
    "tts.logrecord": Open.OPERATORS,
    "tts.maintenancerun": Open.OPERATORS,
    "tts.pronunciationentry": Open.TENANT,
    "tts.synthesisrequest": Open.TENANT,
    "tts.usagebucket": Open.TENANT,
    "tts.usageevent": Open.TENANT,
    "tts.usageexport": Open.TENANT,
    "tts.voice": Open.SHARED,
    "tts.voiceroute": Open.TENANT,
}
"""Models with pages in the admin. Each has the routes of `MODEL_ROUTES`, which Django makes."""

MODEL_ROUTES = (
    "",
    "add/",
    "<path:object_id>/history/",
    "<path:object_id>/delete/",
    "<path:object_id>/change/",
    "<path:object_id>/",
)

QUEUES = "admin/django_rq/dashboard/"

OBJECT = r"<(path:object_id|uuid:\w+|int:event_id|id)>"
"""Where a pattern names an object of its model."""

PAGES: dict[str, Open] = {
    "admin/": Open.STAFF,
    "admin/login/": Open.EVERYBODY,
    "admin/logout/": Open.STAFF,
    "admin/password_change/": Open.STAFF,
    "admin/password_change/done/": Open.STAFF,
    "admin/jsi18n/": Open.STAFF,
    "admin/desk/live/": Open.OPERATORS,
    "admin/<app_label>/$": Open.STAFF,
    "admin/<url>$": Open.NOBODY,
    "admin/autocomplete/": Open.NOBODY,
    "admin/r/<path:rest>": Open.NOBODY,
    # Behind the one above, which lets nothing through.
    "admin/r/<path:content_type_id>/<path:object_id>/": Open.NOBODY,
    "admin/accounts/apikey/<uuid:key_id>/rotate/": Open.TENANT,
    "admin/auth/user/<id>/password/": Open.SUPERUSERS,
    "admin/tts/maintenancerun/start/": Open.OPERATORS,
    "admin/tts/synthesisrequest/<uuid:request_id>/audio/": Open.TENANT,
    "admin/tts/synthesisrequest/<uuid:request_id>/rerun/": Open.TENANT,
    "admin/tts/synthesisrequest/<uuid:request_id>/compare/": Open.TENANT,
    "admin/tts/synthesisrequest/<uuid:request_id>/cancel/": Open.TENANT,
    "admin/tts/synthesisrequest/<uuid:request_id>/erase/": Open.TENANT,
    "admin/tts/synthesisrequest/<uuid:request_id>/state/": Open.TENANT,
    "admin/tts/usageexport/<uuid:export_id>/file/": Open.TENANT,
    "admin/tts/usageexport/<uuid:export_id>/retry/": Open.TENANT,
    "admin/tts/logrecord/newest/": Open.OPERATORS,
    "admin/tts/logrecord/event/<int:event_id>/": Open.OPERATORS,
    f"{QUEUES}stats.json/?$": Open.SUPERUSERS,
    f"{QUEUES}stats.json/<token>?/?$": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/details/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/finished/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/failed/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/failed/clear/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/scheduled/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/started/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/deferred/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/empty/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/requeue-all/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/<str:job_id>/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/<str:job_id>/results/<str:result_id>/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/<str:job_id>/delete/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/<str:job_id>/requeue/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/<str:job_id>/enqueue/": Open.SUPERUSERS,
    f"{QUEUES}queues/<int:queue_index>/<str:job_id>/stop/": Open.SUPERUSERS,
    f"{QUEUES}queues/confirm-action/<int:queue_index>/": Open.SUPERUSERS,
    f"{QUEUES}queues/actions/<int:queue_index>/": Open.SUPERUSERS,
    f"{QUEUES}workers/<int:queue_index>/": Open.SUPERUSERS,
    f"{QUEUES}workers/<int:queue_index>/<str:key>/": Open.SUPERUSERS,
    f"{QUEUES}schedulers/<int:scheduler_index>/": Open.SUPERUSERS,
    f"{QUEUES}cron-schedulers/<int:connection_index>/<str:scheduler_name>/": Open.SUPERUSERS,
    f"{QUEUES}cron-schedulers/<int:connection_index>/<str:scheduler_name>/jobs/<path:cron_job_name>/": (
        Open.SUPERUSERS
    ),
}
"""Every other route of the admin."""


QUERIES = {"admin/tts/logrecord/newest/": "?seen=0.0"}
"""What a page has to be asked with."""

TAKES: dict[str, tuple[str, ...]] = {
    "admin/desk/live/": ("GET", "HEAD"),
    "admin/tts/usageexport/<uuid:export_id>/retry/": ("POST",),
}
"""Pages that take some methods only, and answer 405 to the others before they look who asks."""


def admin_routes() -> dict[str, Open]:
    """Every route of the admin, by its pattern, and for whom it is open."""
    of_models = {
        f"admin/{label.replace('.', '/')}/{rest}": who
        for label, who in MODELS.items()
        for rest in MODEL_ROUTES
    }
    return of_models | PAGES


def address(pattern: str, object_id: object) -> str:
    """A path that takes the route of the admin; `object_id` is whose page it asks for."""
    path = pattern.replace("<app_label>", "tts").replace("<url>", "nothing").replace("<token>?", "token")
    path = re.sub(OBJECT, quote(str(object_id)), path)
    path = re.sub(r"<int:\w+>", "0", path)
    path = re.sub(r"<(str|path):\w+>", "some", path)
    return "/" + path.replace("/?$", "").replace("$", "") + QUERIES.get(pattern, "")


def names_an_object(pattern: str) -> bool:
    return re.search(OBJECT, pattern) is not None


def routes() -> set[str]:
    """The pattern of every route there is, as `plain` writes it."""
    return {plain(pattern) for pattern in _below(get_resolver(), "")}


def plain(pattern: str) -> str:
    """A pattern with no more of a regular expression than the names of its groups."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern).replace("^", "")


def _below(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield pattern
        else:
            yield from _below(entry, pattern)
