"""Exports as the admin asks for them, and a real worker that writes them."""

import os
import subprocess
import sys
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import Tenant
from tests.system import ROOT
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.models import UsageExport
from tts.services.export_bounds import Asker
from tts.services.export_files import ExportSpec
from tts.services.exports import export_request
from tts.usage.ranges import UsageRange

MAY = UsageRange(date(2026, 5, 1), date(2026, 5, 31), ZoneInfo("Asia/Shanghai"))


def spec_of(tenant: Tenant | None, **changes: Any) -> ExportSpec:
    """May's line items as CSV."""
    values: dict[str, Any] = {"span": MAY, "file_format": FileFormat.CSV, "detail": Detail.LINES}
    return ExportSpec(tenant=tenant, **(values | changes))


def requested(tenant: Tenant | None, **changes: Any) -> UsageExport:
    user = User.objects.get_or_create(username="asker")[0]
    return export_request(
        spec=spec_of(tenant, **changes), asker=Asker(user=user), actor=SYSTEM, now=timezone.now()
    )


def worker_command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "backgroundworker", *arguments]


def worker_environment(exports: object) -> dict[str, str]:
    """Of a process that works on the database of the tests, and keeps its files in `exports`."""
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    return {
        **os.environ,
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "VOXGATE_EXPORTS_DIR": str(exports),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
    }


def work_off(exports: object, *arguments: str) -> str:
    """Let a worker, of one queue where it is named, do what waits; what it wrote to its log."""
    done = subprocess.run(
        worker_command("--burst", *arguments),
        env=worker_environment(exports),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
