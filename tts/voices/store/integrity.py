"""Whether an installed voice still has the files it was installed with, asked before it is listed or loaded.

Configurations are told apart from the rest: operators may edit them.
"""

from dataclasses import replace
from pathlib import Path

from tts.voices.files import CONFIG_SUFFIX
from tts.voices.manifest import MANIFEST_NAME
from tts.voices.problems import VoiceCorrupt
from tts.voices.store.layout import StoreLayout
from tts.voices.store.records import VoiceRecord, differences, read_record


def check_installed(directory: Path, name: str) -> None:
    """Read the files of the voice `name` in the voices directory, and raise `VoiceCorrupt` for those that changed.

    Voices that were copied there by hand have no record and are taken as they are.
    """
    record = read_record(StoreLayout(directory).records, name)
    if record is not None and (found := changes(directory, record)):
        raise VoiceCorrupt("; ".join(found))


def changes(directory: Path, record: VoiceRecord) -> list[str]:
    """What is damaged, missing or another file than at the installation, configurations apart."""
    return differences(directory, _part(record, configurations=False))


def changes_at_a_glance(directory: Path, record: VoiceRecord) -> list[str]:
    """Like `changes`, but reads only files dated after the installation: for lists, which must be quick."""
    return differences(directory, _part(record, configurations=False), trusted_until=record.installed_at)


def configuration_changes(directory: Path, record: VoiceRecord) -> list[str]:
    return differences(directory, _part(record, configurations=True))


def _part(record: VoiceRecord, *, configurations: bool) -> VoiceRecord:
    files = {name: file for name, file in record.files.items() if _is_configuration(name) is configurations}
    return replace(record, files=files)


def _is_configuration(name: str) -> bool:
    return name.endswith(CONFIG_SUFFIX) or Path(name).name == MANIFEST_NAME
