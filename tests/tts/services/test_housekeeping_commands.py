import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from tests.cast import Cast
from tests.tts.admin.history import AUDIO
from tests.tts.rows import elsewhere
from tests.tts.services.kept import content, files, kept
from tts.models import SynthesisRequest
from tts.services.locks import Lock, lock_held

pytestmark = pytest.mark.django_db


def output(*command: str) -> str:
    told = StringIO()
    call_command(*command, stdout=told)
    return told.getvalue()


@pytest.mark.usefixtures("audio_folder")
def test_retention_deletes_and_tells_what(cast: Cast) -> None:
    row = kept(cast.alice.tenant, days=31)
    told = output("retention", "--full-speed")
    assert told == f"1 texts, 1 audio files ({len(AUDIO)} bytes) and 0 requests deleted\n"
    assert content(row) == (False, False)


def test_what_storage_refuses_makes_the_command_fail(
    cast: Cast, audio_folder: Path, settings: Settings
) -> None:
    kept(cast.alice.tenant, days=31)
    stubborn = {**settings.STORAGES["audio"], "BACKEND": "tests.tts.services.kept.Stubborn"}
    settings.STORAGES = {**settings.STORAGES, "audio": stubborn}
    with pytest.raises(CommandError, match="storage refused to delete 1 files"):
        output("retention", "--full-speed")


def test_orphans_are_counted_first_and_deleted_then(cast: Cast, audio_folder: Path) -> None:
    row = kept(cast.alice.tenant, days=1)
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(audio="")
    made = timezone.now() - timedelta(hours=2)
    os.utime(audio_folder / str(row.audio), (made.timestamp(), made.timestamp()))
    told = output("orphans", "--dry-run", "--full-speed")
    assert told.startswith(
        f"audio: 1 files looked at, 1 of nobody found ({len(AUDIO)} bytes), 0 not Voxgate's\n"
    )
    assert len(files(audio_folder)) == 1
    assert "1 of nobody deleted" in output("orphans", "--full-speed")
    assert files(audio_folder) == set()


def test_rows_without_their_file_are_repaired_when_asked(cast: Cast, audio_folder: Path) -> None:
    row = kept(cast.alice.tenant, days=1)
    (audio_folder / str(row.audio)).unlink()
    assert "1 of 1 rows without their file, 0 repaired" in output("orphans", "--full-speed")
    assert "1 of 1 rows without their file, 1 repaired" in output("orphans", "--full-speed", "--repair")
    assert content(row) == (True, False)


@pytest.mark.parametrize(("command", "lock"), [("retention", Lock.RETENTION), ("orphans", Lock.ORPHANS)])
def test_a_second_one_at_once_is_refused(command: str, lock: Lock) -> None:
    def run() -> str:
        with pytest.raises(CommandError, match="already"):
            output(command)
        return "refused"

    with lock_held(lock):
        assert elsewhere(run) == "refused"
