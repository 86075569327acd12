"""Files of one test alone."""

from pathlib import Path

from pytest_django import Settings


def storage_moved(settings: Settings, name: str, folder: Path) -> Path:
    """Let the storage `name` keep its files in `folder` for the time of a test; returns the folder."""
    kept = settings.STORAGES[name]
    moved = {**kept, "OPTIONS": {**kept["OPTIONS"], "location": folder}}
    settings.STORAGES = {**settings.STORAGES, name: moved}
    return folder
