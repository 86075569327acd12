from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # models can be imported once Django is set up
    from pathlib import Path

    from pytest_django import Settings

    from tests.isolation.belongings import Belongings


@pytest.fixture
def audio_folder(settings: "Settings", tmp_path: "Path") -> "Path":
    """Audio and exports of this test alone."""
    from tests.storage import storage_moved

    storage_moved(settings, "exports", tmp_path / "exports")
    return storage_moved(settings, "audio", tmp_path / "audio")


@pytest.fixture
def quokka(db: None, audio_folder: "Path") -> "Belongings":
    """A tenant that owns one of everything, its plan too, under a word that appears nowhere else."""
    from tests.cast import member
    from tests.isolation.belongings import belongings_of

    return belongings_of(member("quokka", max_timeout_seconds=60))


@pytest.fixture
def walrus(db: None, audio_folder: "Path") -> "Belongings":
    """Another one, whose key and staff try to reach what is the first one's."""
    from tests.cast import member
    from tests.isolation.belongings import belongings_of

    return belongings_of(member("walrus", max_timeout_seconds=60))
