"""`manage.py export_usage`: usage as a file, and whether a file is still what it was."""

import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Tenant
from tts.api.usage_query import FIRST_DAY, LAST_DAY
from tts.exports.checking import file_check
from tts.exports.columns import Detail
from tts.exports.file_formats import FileFormat
from tts.services.export_files import ExportSpec, OpenExport, export_open
from tts.services.exports import export_streamed
from tts.usage.ranges import UsageRange

PROGRESS_SECONDS = 1.0


class Command(BaseCommand):
    help = "Write the usage of a tenant, or of all, into a file; or check a file with --verify."

    def add_arguments(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", metavar="SLUG")
        whose.add_argument("--all", action="store_true", help="usage of all tenants")
        parser.add_argument("--from", dest="first", metavar="DAY", help="such as 2026-05-01")
        parser.add_argument("--to", dest="last", metavar="DAY", help="the last day that counts")
        parser.add_argument(
            "--timezone", metavar="ZONE", help="IANA name; default: the tenant's, or this server's"
        )
        parser.add_argument(
            "--format", dest="file_format", choices=[*FileFormat], default=FileFormat.CSV.value
        )
        parser.add_argument("--detail", choices=[*Detail], default=Detail.SUMMARY.value)
        parser.add_argument("--bom", action="store_true", help="begin CSV with a byte order mark, for Excel")
        parser.add_argument("--no-manifest", action="store_true", help="leave manifest and digest away")
        parser.add_argument("--output", metavar="FILE", help="a new file, or - for standard output")
        parser.add_argument("--verify", type=Path, metavar="FILE", help="check a file instead of writing one")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"] is not None:
            self._verify(options["verify"])
            return
        missing = [
            f"--{name}"
            for name, key in (("from", "first"), ("to", "last"), ("output", "output"))
            if not options[key]
        ]
        if missing:
            raise CommandError(f"{', '.join(missing)} missing")
        spec = _spec(options)
        with export_open(spec=spec, now=timezone.now()) as opened:
            export_streamed(spec=spec, id=opened.manifest.id, actor=Actor.of_command("export_usage"))
            self._write(opened, options["output"])

    def _write(self, opened: OpenExport, output: str) -> None:
        if output == "-":
            if opened.spec.file_format is FileFormat.XLSX and sys.stdout.isatty():
                raise CommandError("a workbook is nothing for a terminal")
            self._fill(opened, sys.stdout.buffer)
            return
        path = Path(output)
        try:
            # Never over a file that is there.
            file = path.open("xb")
        except FileExistsError as problem:
            raise CommandError(f"{path} is there already") from problem
        except OSError as problem:
            raise CommandError(f"{path} cannot be made: {problem.strerror}") from problem
        try:
            with file:
                self._fill(opened, file)
        except BaseException:
            # Half a file could be taken for a whole one. Where it cannot be removed, why it is half matters more.
            with suppress(OSError):
                path.unlink()
            raise

    def _fill(self, opened: OpenExport, file: BinaryIO) -> None:
        total, told = opened.manifest.rows, time.monotonic()

        def progress(rows: int) -> None:
            nonlocal told
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                self.stderr.write(f"{rows:,} of {total:,} rows")

        opened.write(file, progress)
        file.flush()
        amounts = opened.manifest.document()["totals"]["all"]
        self.stderr.write(
            f"{total:,} rows; {amounts['requests']:,} requests, {amounts['characters']:,} characters,"
            f" {amounts['audio_seconds']:,.3f} s of audio"
        )
        if not opened.manifest.complete:
            self.stderr.write("not complete: the range, or requests of it, have not ended yet")

    def _verify(self, path: Path) -> None:
        try:
            check = file_check(path)
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}") from problem
        except ValueError as problem:
            raise CommandError(f"{path}: {problem}") from problem
        if check.problems:
            raise CommandError("\n".join([f"{path} is not what it was:", *check.problems]))
        self.stdout.write(f"{path} is what it was: {', '.join(check.seen)}")


def _spec(options: dict[str, Any]) -> ExportSpec:
    tenant = _tenant(options)
    zone = options["timezone"] or (settings.TIME_ZONE if tenant is None else tenant.time_zone)
    if zone not in available_timezones():
        raise CommandError("--timezone takes an IANA name such as Asia/Shanghai")
    try:
        span = UsageRange(_day("from", options["first"]), _day("to", options["last"]), ZoneInfo(zone))
    except ValueError as problem:
        raise CommandError("--to is before --from") from problem
    if span.starts_at >= span.ends_at:
        raise CommandError("--from and --to: this time zone has no such day")
    if span.misaligned_day() is not None:
        raise CommandError("--timezone: its days do not begin on a quarter of an hour then")
    return ExportSpec(
        tenant=tenant,
        span=span,
        file_format=FileFormat(options["file_format"]),
        detail=Detail(options["detail"]),
        byte_order_mark=options["bom"],
        with_manifest=not options["no_manifest"],
    )


def _tenant(options: dict[str, Any]) -> Tenant | None:
    if options["all"]:
        return None
    if not options["tenant"]:
        raise CommandError("--tenant SLUG or --all")
    tenant = Tenant.objects.filter(slug=options["tenant"]).first()
    if tenant is None:
        raise CommandError("there is no tenant of this name")
    return tenant


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as problem:
        raise CommandError(f"--{name} takes a day such as 2026-05-01") from problem
    if not FIRST_DAY <= day <= LAST_DAY:
        raise CommandError(f"--{name} takes a day from {FIRST_DAY} to {LAST_DAY}")
    return day
