"""How a server is started: as which user, with which rights, and that it ends with its parent."""

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from voxgate.ops.embedded.errors import EmbeddedError

# Bit numbers of linux/capability.h.
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2

_WAYS_OUT = (
    "Set VOXGATE_DATA_DIR to a directory every user may enter (for example one under /var/lib), "
    "or DATABASE_URL to a server that runs elsewhere."
)


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group a server runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Launch:
    """`prefix` goes before a command; `account`, if any, must be given to `Popen` as `user` and `group`."""

    prefix: tuple[str, ...]
    account: Account | None = None


def ends_with_parent(signal_name: str) -> tuple[str, ...]:
    """A command prefix that has the kernel send `signal_name` (`TERM`, `INT`) when the starting thread dies.

    Empty where util-linux's `setpriv` is missing; the next start then finds what is left over.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, f"--pdeathsig={signal_name}", "--") if setpriv else ()


def server_account(directory: Path) -> Account | None:
    """Who must own and run the server whose files are in `directory`; None is the current user.

    Postgres refuses to run as root, so root hands over to the owner of existing data, else to `nobody`.
    Raises `EmbeddedError` for a user without a name, whom initdb refuses.
    """
    user = os.geteuid()
    if user != 0:
        if not _has_name(user):
            raise EmbeddedError(
                f"User {user} is not in /etc/passwd, and Postgres refuses users without a name. "
                "Run as another user, or set DATABASE_URL to a server that runs elsewhere."
            )
        return None
    if directory.exists():
        owner = directory.stat()
        if owner.st_uid != 0 and _has_name(owner.st_uid):
            return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError(
            "Postgres refuses root, and there is no user `nobody`. Set DATABASE_URL."
        ) from error
    return Account(nobody.pw_uid, nobody.pw_gid)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def launch_as(account: Account | None, signal_name: str, *paths: Path) -> Launch:
    """How to run a command as `account` so that it reaches every one of `paths`.

    Where a directory above them is closed to other users (a checkout under /root or `mktemp -d`), the command
    keeps one capability, reading past directory permissions, and nothing else of root. Raises `EmbeddedError`
    where that cannot be done.
    """
    if account is None:
        return Launch(ends_with_parent(signal_name))
    closed = _first_closed(paths)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if closed is not None:
            raise EmbeddedError(f"{closed} is closed to other users and setpriv is not there. {_WAYS_OUT}")
        return Launch((), account)
    prefix = [setpriv, f"--pdeathsig={signal_name}"]
    if closed is not None:
        capability = _search_capability()
        if capability is None:
            raise EmbeddedError(f"{closed} is closed to other users, and Postgres refuses root. {_WAYS_OUT}")
        # Postgres asks access(2) about its own executable. Without no_setuid_fixup the kernel answers
        # for a user without capabilities there.
        prefix += [
            "--securebits=+no_setuid_fixup",
            f"--inh-caps=+{capability}",
            f"--ambient-caps=+{capability}",
        ]
    prefix += [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups", "--"]
    return Launch(tuple(prefix))


def _first_closed(paths: tuple[Path, ...]) -> Path | None:
    """The outermost directory on the way to `paths` that other users may not enter."""
    for path in paths:
        for directory in reversed(path.resolve().parents):
            if not directory.stat().st_mode & stat.S_IXOTH:
                return directory
    return None


def _search_capability() -> str | None:
    """The weaker of the two capabilities that pass closed directories, if this process holds one."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("CapEff:"):
            effective = int(line.split()[1], 16)
            if effective >> _CAP_DAC_READ_SEARCH & 1:
                return "dac_read_search"
            if effective >> _CAP_DAC_OVERRIDE & 1:
                return "dac_override"
    return None
