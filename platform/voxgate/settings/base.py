"""Django itself: applications, database, security, languages."""

from typing import Any

from corsheaders.defaults import default_headers
from environs import validate

from tts.api.exposed_headers import EXPOSED_HEADERS
from voxgate.settings.environment import DATA_DIR, ROOT, env

VOXGATE_LOCAL: bool = env.bool("VOXGATE_LOCAL", False)
"""`make run` sets this: plain HTTP on loopback, so cookies need not be secure."""

SECRET_KEY: str = env.str("VOXGATE_SECRET_KEY", "")
DEBUG: bool = env.bool("VOXGATE_DEBUG", False)
ALLOWED_HOSTS: list[str] = env.list("VOXGATE_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("VOXGATE_TRUSTED_ORIGINS", [])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not (VOXGATE_LOCAL or DEBUG)
SESSION_COOKIE_SAMESITE = "Lax"
if env.int("VOXGATE_TRUSTED_PROXIES", 0) > 0:
    # The proxy in front ends TLS; it must set this header itself, whatever the client sent.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
    "media-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
"""Nothing from elsewhere and nothing inline, in the admin too; the form of Django 6.0's setting of this name."""

ROOT_URLCONF = "voxgate.urls"
WSGI_APPLICATION = "voxgate.wsgi.application"
ASGI_APPLICATION = "voxgate.asgi.application"

INSTALLED_APPS = [
    # Before django_rq, so that our `rqworker` command is the one that runs.
    "tts.apps.TtsConfig",
    "accounts.apps.AccountsConfig",
    "voxgate.apps.VoxgateConfig",
    "voxgate.admin_config.VoxgateAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "rest_framework",
    "django_rq",
]

MIDDLEWARE = [
    "voxgate.ops.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "voxgate.content_security.ContentSecurityPolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.dj_db_url("DATABASE_URL", "postgres://voxgate@127.0.0.1:5432/voxgate"),
        # Connections are the scarce thing: a waiting request gives its own back (ADR 0003).
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {
                "min_size": 0,
                "max_size": env.int("VOXGATE_DB_POOL", 12, validate=validate.Range(min=1, max=200)),
                "timeout": 5,
            },
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"

LANGUAGE_CODE = env.str("VOXGATE_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "platform" / "voxgate" / "locale"]
USE_I18N = True
TIME_ZONE = env.str("VOXGATE_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tts.api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.HasScope"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tts.api.negotiation.OneRenderer",
    "EXCEPTION_HANDLER": "tts.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}

# Browsers of these origins may call the API; none by default. Credentials are keys, never cookies.
CORS_ALLOWED_ORIGINS: list[str] = env.list("VOXGATE_CORS_ORIGINS", [])
CORS_URLS_REGEX = r"^/(api|v1)/.*$"
CORS_ALLOW_HEADERS = [*default_headers, "x-api-key", "xi-api-key", "idempotency-key", "x-request-id"]
CORS_EXPOSE_HEADERS = list(EXPOSED_HEADERS)


def _numbered(text: str) -> dict[str, str]:
    """`1:<hex>,2:<hex>` taken apart; whether it makes sense is for `accounts.peppers` and the check E003 to say."""
    entries = [entry.partition(":") for entry in text.split(",") if entry.strip()]
    return {number.strip(): secret.strip() for number, _, secret in entries}


VOXGATE_KEY_PEPPERS: dict[str, str] = _numbered(env.str("VOXGATE_KEY_PEPPERS", ""))
"""Numbered secrets that key digests are made with, `1:<hex>,2:<hex>`; the highest number signs new keys."""

VOXGATE_ANONYMOUS_TENANT: str = env.str("VOXGATE_ANONYMOUS_TENANT", "")
"""Slug of the tenant that callers without credentials act as; empty refuses them (the production default)."""

VOXGATE_TRUSTED_PROXIES: int = env.int("VOXGATE_TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=10))
"""How many reverse proxies stand in front; the client's address is that many entries from the right."""

VOXGATE_AUTH_FAILURES_PER_MINUTE: int = env.int(
    "VOXGATE_AUTH_FAILURES_PER_MINUTE", 30, validate=validate.Range(min=0, max=1_000_000)
)
"""Bad keys that one client address may send in a minute before it gets 429; 0 does not count them."""

VOXGATE_DATA_DIR = DATA_DIR
