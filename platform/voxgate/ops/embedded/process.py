"""Starting, ending and recognising server processes."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from voxgate.ops.embedded.launch import Launch

_POLL_SECONDS = 0.01

Steps = Sequence[tuple[signal.Signals, float]]
"""Signals that end a process, each with the seconds it gets before the next one."""


def spawn(
    launch: Launch, command: Sequence[str], *, log: Path, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, out of reach of Ctrl+C in a terminal; output goes to `log`."""
    account = launch.account
    with log.open("ab") as output:
        return subprocess.Popen(
            [*launch.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def end(process: subprocess.Popen[bytes], steps: Steps) -> int:
    """Send each signal of `steps` in turn and wait its seconds for the process to end; SIGKILL at last.

    Returns the exit code; at once when the process has ended already.
    """
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
    if process.poll() is None:
        process.kill()
    return process.wait()


def end_leftover(pid_file: Path, marker: str, steps: Steps) -> bool:
    """End the process a previous run left behind, with the signals of `steps` and SIGKILL at last.

    `pid_file` names it in its first line; `marker` must be in its command line, since ids are used again.
    Returns False if the id belongs to another program, and True otherwise. Raises `TimeoutError` if it stays.
    """
    try:
        pid = abs(int(pid_file.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return True
    if not is_alive(pid):
        return True
    if marker not in command_line(pid):
        return not is_alive(pid)
    for number, seconds in (*steps, (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: not is_alive(pid), seconds):
            return True
    raise TimeoutError(f"process {pid} does not end")


def is_alive(pid: int) -> bool:
    """Whether a process of this id runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return True
    return state[0] not in {"Z", "X"}


def command_line(pid: int) -> str:
    """The command line of a running process, empty when it cannot be told."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
        return answer.stdout.strip()
    return ""


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds or `seconds` have passed. Returns whether it held."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def tail(log: Path, lines: int = 20) -> str:
    """The last `lines` lines of a log file, empty when there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 64 * 1024))
            text = stream.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
