import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from tests.cast import Cast
from tests.tts.exports.made_up import line
from tests.tts.exports.test_checking import written
from tests.tts.exports.usage import spoken
from tts.exports.file_formats import FileFormat

MAY = ["--from", "2026-05-01", "--to", "2026-05-31"]


@pytest.fixture
def some_use(cast: Cast) -> None:
    spoken(cast.alice, datetime(2026, 5, 1, 1, tzinfo=UTC), characters=10)
    spoken(cast.bob, datetime(2026, 5, 1, 1, tzinfo=UTC), characters=1000)


def told(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("export_usage", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("some_use")
@pytest.mark.parametrize("file_format", ["csv", "ndjson", "xlsx"])
def test_it_writes_a_file_that_it_finds_good_afterwards(tmp_path: Path, file_format: str) -> None:
    path = tmp_path / f"usage.{file_format}"
    _, progress = told(
        "--tenant", "alice", *MAY, "--format", file_format, "--detail", "lines", "--output", str(path)
    )
    assert "1 rows; 1 requests, 10 characters, 1.500 s of audio" in progress
    good, _ = told("--verify", str(path))
    assert "is what it was: SHA-256" in good
    event = AuditEvent.all_tenants.get(action="usage.export")
    assert (event.actor_kind, event.actor_name, event.tenant_slug) == ("command", "export_usage", "alice")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("some_use")
def test_all_tenants_go_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    told("--all", *MAY, "--format", "ndjson", "--output", "-", "--timezone", "UTC")
    first, *rows, _ = capfdbinary.readouterr().out.splitlines()
    assert json.loads(first)["manifest"]["totals"]["all"]["characters"] == 1010
    assert {json.loads(row)["tenant"] for row in rows} == {"alice", "bob"}


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_there_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        told("--tenant", "alice", *MAY, "--output", str(path))
    assert path.read_text() == "mine"


def test_a_changed_file_is_told_with_what_changed(tmp_path: Path) -> None:
    path = written(tmp_path, FileFormat.CSV, [line(0)])
    path.write_bytes(path.read_bytes().replace(b",6,1.500", b",7,1.500"))
    with pytest.raises(CommandError, match=r"(?s)is not what it was.*totals.all"):
        told("--verify", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        told("--verify", str(tmp_path / "missing.csv"))


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("output", ["-", "usage.csv"])
@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        ("0001-01-01", "2026-05-01", "--from"),
        ("0001-01-01", "9999-12-31", "--from"),
        ("2026-05-01", "9999-12-31", "--to"),
        ("9999-12-31", "9999-12-31", "--from"),
        ("1969-12-31", "2026-05-01", "--from"),
        ("2026-05-01", "3000-01-01", "--to"),
    ],
)
def test_days_at_the_ends_of_the_calendar_are_refused_by_name(
    tmp_path: Path, zone: str, output: str, first: str, last: str, named: str
) -> None:
    path = output if output == "-" else str(tmp_path / output)
    with pytest.raises(CommandError, match=f"{named} takes a day from 1970-01-01 to 2999-12-31"):
        told("--all", "--from", first, "--to", last, "--timezone", zone, "--output", path)
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*MAY, "--output", "-"], "--tenant SLUG or --all"),
        (["--tenant", "nobody", *MAY, "--output", "-"], "no tenant of this name"),
        (["--all", "--output", "-"], "--from, --to missing"),
        (["--all", *MAY], "--output missing"),
        (["--all", "--from", "May", "--to", "2026-05-02", "--output", "-"], "--from takes a day"),
        (["--all", "--from", "2026-05-03", "--to", "2026-05-02", "--output", "-"], "--to is before --from"),
        (["--all", *MAY, "--timezone", "Mars", "--output", "-"], "IANA name"),
        (
            [
                "--all",
                "--from",
                "2011-12-30",
                "--to",
                "2011-12-30",
                "--timezone",
                "Pacific/Apia",
                "--output",
                "-",
            ],
            "has no such day",
        ),
        (
            [
                "--all",
                "--from",
                "1970-01-01",
                "--to",
                "1970-01-02",
                "--timezone",
                "Africa/Monrovia",
                "--output",
                "-",
            ],
            "--timezone: its days do not begin on a quarter",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_said(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        told(*arguments)
