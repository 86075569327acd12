"""Where files go: static files, history audio, the three log files."""

import logging
import os
from pathlib import Path
from typing import Any

from environs import validate

from voxgate.settings.environment import DATA_DIR, env

STATIC_URL = "/static/"
STATIC_ROOT = env.path("VOXGATE_STATIC_DIR", DATA_DIR / "static")
STATICFILES_DIRS: list[Path] = []
# Served straight from the applications' folders, so that a fresh clone needs no collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH: bool = env.bool("VOXGATE_DEBUG", False)

EXPORTS_ROOT = env.path("VOXGATE_EXPORTS_DIR", DATA_DIR / "exports")
EXPORT_ROWS: int = env.int("VOXGATE_EXPORT_ROWS", 100_000, validate=validate.Range(min=0))
"""Rows of a usage export that the admin streams at once; the background worker writes larger ones."""
EXPORT_XLSX_ROWS: int = env.int("VOXGATE_EXPORT_XLSX_ROWS", 50_000, validate=validate.Range(min=0))
"""The same for workbooks, which can only be sent once they are written; the API refuses larger ones."""
EXPORT_DAYS: int = env.int("VOXGATE_EXPORT_DAYS", 7, validate=validate.Range(min=1, max=3650))
"""Days that a stored export is kept."""
EXPORTS_AT_ONCE: int = env.int("VOXGATE_EXPORTS_AT_ONCE", 10, validate=validate.Range(min=1))
"""Exports of a tenant that may wait or be written at once."""
EXPORTS_AT_ONCE_OF_ASKER: int = env.int("VOXGATE_EXPORTS_AT_ONCE_OF_ASKER", 5, validate=validate.Range(min=1))
"""The same for one person or one key."""
EXPORTS_PER_DAY: int = env.int("VOXGATE_EXPORTS_PER_DAY", 100, validate=validate.Range(min=1))
"""Exports of a tenant that may be asked for in 24 hours."""
EXPORT_KEPT_MB: int = env.int("VOXGATE_EXPORT_KEPT_MB", 2_000, validate=validate.Range(min=1))
"""Megabytes of a tenant's kept exports at which no more are written for it."""
EXPORT_RECORD_DAYS: int = env.int("VOXGATE_EXPORT_RECORD_DAYS", 90, validate=validate.Range(min=1, max=3650))
"""Days after which an export without a file leaves the list."""
AUDIO_ROOT = env.path("VOXGATE_AUDIO_DIR", DATA_DIR / "audio")

STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    # History audio; any Django storage will do.
    "audio": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": AUDIO_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    # Usage reports that jobs write; any Django storage will do.
    "exports": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": EXPORTS_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LOG_DIR = env.path("VOXGATE_LOG_DIR", DATA_DIR / "logs")
LOG_DEBUG: bool = env.bool("VOXGATE_LOG_DEBUG", False)
LOG_PHONEMES: bool = env.bool("VOXGATE_LOG_PHONEMES", False)
"""Phonemes tell what was said; they go to the debug file alone."""

LOG_MAX_BYTES: int = env.int("VOXGATE_LOG_MAX_MB", 50, validate=validate.Range(min=0)) * 1_000_000
"""A log file above this is put aside by the janitor; 0 leaves that to somebody else."""
LOG_KEEP: int = env.int("VOXGATE_LOG_KEEP", 10, validate=validate.Range(min=1))
LOG_DAYS: int = env.int("VOXGATE_LOG_DAYS", 14, validate=validate.Range(min=1))
LOG_ROWS: int = env.int("VOXGATE_LOG_ROWS", 1_000_000, validate=validate.Range(min=1_000))

# The file exists either way; a level above all others keeps it empty.
_NOTHING = logging.CRITICAL + 1
_DEBUG_LEVEL = logging.DEBUG if LOG_DEBUG else _NOTHING


def _file(name: str, level: int, formatter: str) -> dict[str, Any]:
    # One `write` per line on a file opened for appending: safe from several processes; follows an outside rotation.
    return {
        "class": "voxgate.ops.logs.AppendingFileHandler",
        "filename": os.fspath(LOG_DIR / name),
        "level": level,
        "formatter": formatter,
    }


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "voxgate.ops.logs.RequestIdFilter"}},
    "formatters": {
        "line": {
            "()": "voxgate.ops.logs.UtcFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
        "access": {"()": "voxgate.ops.logs.UtcFormatter", "format": "%(asctime)s %(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
        "access_file": _file("tts_access.log", logging.INFO, "access"),
        "error_file": {**_file("tts_error.log", logging.ERROR, "line"), "filters": ["request_id"]},
        "debug_file": {**_file("tts_debug.log", _DEBUG_LEVEL, "line"), "filters": ["request_id"]},
        "records": {"()": "voxgate.ops.logs_records.RecordsHandler", "everything": LOG_DEBUG},
    },
    "root": {"level": "INFO", "handlers": ["console", "error_file", "debug_file", "records"]},
    "loggers": {
        "voxgate.access": {"level": "INFO", "handlers": ["access_file", "records"], "propagate": False},
        "tts.phonemes": {
            "level": "DEBUG" if LOG_DEBUG and LOG_PHONEMES else _NOTHING,
            "handlers": ["debug_file"],
            "propagate": False,
        },
        "tts": {"level": "DEBUG" if LOG_DEBUG else "INFO"},
        "voxgate": {"level": "DEBUG" if LOG_DEBUG else "INFO"},
        # RQ logs each job it starts and ends; the request's own events say more.
        "rq": {"level": "WARNING"},
        # Every refused request is a line in the access log already.
        "django.request": {"level": "ERROR"},
        # Whoever scans the network sends wrong hosts by the thousand; each is answered with 400 and that is all.
        "django.security": {"handlers": [], "propagate": False},
    },
}
