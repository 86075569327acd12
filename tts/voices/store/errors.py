"""What can go wrong with the voice store. Every message says what happened and what to do about it."""

WAYS_OUT = (
    "Without a way to the publisher, let VOXGATE_VOICES_MIRROR name a mirror, "
    "or fetch the files on another machine and take them in with `voices add`."
)


class StoreError(Exception):
    """A voice could not be installed, added, checked or removed; the message is for the person who asked."""


class UnknownVoice(StoreError):
    """Neither the catalogue nor the voices directory knows the name."""


class CatalogueBroken(StoreError):
    """The catalogue file cannot be used; the message names the field."""


class LicenceNotAccepted(StoreError):
    """The licence forbids commercial use, and nobody has said that this is understood."""


class AlreadyThere(StoreError):
    """A voice of that name lies in the voices directory."""


class StoreBusy(StoreError):
    """Another process is changing the voices directory."""


class StoreNotWritable(StoreError):
    """The voices directory cannot be written to, or its disk is full."""


class DownloadFailed(StoreError):
    """The file could not be had; what had arrived is kept for the next attempt."""


class WrongContent(DownloadFailed):
    """The file that arrived is not the published one: another size or another checksum. It is not kept."""


class UnsafeArchive(StoreError):
    """An archive is damaged, lacks a file, or holds something that is never written to disk."""


class NotAVoice(StoreError):
    """What was to be added is no voice that Voxgate can use."""


class StarterVoice(StoreError):
    """The voice came with Voxgate."""


class ProbeFailed(StoreError):
    """The voice did not speak in a process of its own."""
