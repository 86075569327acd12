"""Going through a storage folder by folder: one folder's names are in memory at once, however many there are in all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.files.storage import FileSystemStorage, Storage


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a storage. `files` are the whole names of the files in it, as storage takes them."""

    path: str
    files: list[str]
    is_leaf: bool


def folders(storage: Storage, *, after: str = "") -> Iterator[Folder]:
    """Every folder of `storage`, each before those in it; with `after`, those that come after that path.

    Raises `NotImplementedError` for storages that cannot list.
    """
    yield from _below(storage, (), tuple(after.split("/")) if after else ())


def _below(storage: Storage, place: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Folder]:
    path = "/".join(place)
    names, files = _listed(storage, path)
    if not after or place > after:
        yield Folder(path, ["/".join((*place, name)) for name in sorted(files)], is_leaf=not names)
    for name in sorted(names):
        below = (*place, name)
        # All that is in a folder before that part of `after` comes before `after`.
        if below >= after[: len(below)]:
            yield from _below(storage, below, after)


def _listed(storage: Storage, path: str) -> tuple[list[str], list[str]]:
    try:
        names, files = storage.listdir(path)
    except FileNotFoundError:
        # Nothing was ever stored, or it was removed while we came here.
        return [], []
    return list(names), list(files)


def folder_of(name: str) -> str:
    """The path of the folder that a file is in."""
    return name.rpartition("/")[0]


def names_in(storage: Storage, path: str) -> frozenset[str]:
    """The whole names of the files in a folder, which need not be there."""
    return frozenset(f"{path}/{name}" if path else name for name in _listed(storage, path)[1])


def folder_remove(storage: Storage, folder: Folder, *, unchanged_since: datetime) -> None:
    """Remove an empty folder of a file system in which nothing has happened since then.

    In other storages folders are no more than parts of names.
    """
    if not isinstance(storage, FileSystemStorage) or not folder.path:
        return
    try:
        if storage.get_modified_time(folder.path) < unchanged_since:
            storage.delete(folder.path)
    except OSError:
        # Somebody else has removed it, or put a file there since it was listed.
        return
