import os
import pwd
import subprocess
from pathlib import Path

import pytest

from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.launch import Account, ends_with_parent, launch_as, server_account

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A directory for everyone below one for its owner only."""
    outer = tmp_path / "closed"
    outer.mkdir(mode=0o700)
    inner = outer / "inner"
    inner.mkdir()
    inner.chmod(0o777)
    return inner


def run(account: Account | None, path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    launch = launch_as(account, "TERM", path)
    return subprocess.run([*launch.prefix, *command], capture_output=True, text=True, cwd="/")


@as_root
def test_root_hands_over_to_an_account_that_reaches_a_closed_directory(closed: Path) -> None:
    account = server_account(closed / "missing")
    assert account is not None
    done = run(
        account, closed, "sh", "-c", f"id -u && touch {closed}/made && test -x {closed} && echo reached"
    )
    assert done.stdout.split() == [str(account.uid), "reached"]
    assert (closed / "made").stat().st_uid == account.uid


@as_root
def test_only_the_right_to_pass_directories_is_kept(closed: Path) -> None:
    account = server_account(closed / "missing")
    done = run(account, closed, "grep", "CapEff", "/proc/self/status")
    assert int(done.stdout.split()[1], 16).bit_count() == 1


@as_root
def test_no_right_is_kept_where_the_way_is_open() -> None:
    done = run(Account(65534, 65534), Path("/usr/bin/env"), "grep", "CapEff", "/proc/self/status")
    assert int(done.stdout.split()[1], 16) == 0


@as_root
def test_existing_data_is_served_by_its_owner(tmp_path: Path) -> None:
    daemon = pwd.getpwnam("daemon")
    os.chown(tmp_path, daemon.pw_uid, daemon.pw_gid)
    assert server_account(tmp_path) == Account(daemon.pw_uid, daemon.pw_gid)


@as_root
def test_data_of_a_user_without_a_name_goes_to_nobody(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)
    account = server_account(tmp_path)
    assert account is not None
    assert pwd.getpwuid(account.uid).pw_name == "nobody"


@as_root
def test_without_capabilities_the_ways_out_are_named(closed: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from voxgate.ops.embedded.launch import Account, launch_as\n"
        "launch_as(Account(65534, 65534), 'INT', Path(sys.argv[1]))"
    )
    root = Path(__file__).resolve().parents[4]
    python = [os.path.realpath("/proc/self/exe"), "-c", program, str(closed)]
    dropped = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'platform'}"}
    done = subprocess.run([*dropped, *python], capture_output=True, text=True, env=environment)
    assert "VOXGATE_DATA_DIR" in done.stderr
    assert "DATABASE_URL" in done.stderr


def test_the_current_user_needs_no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: pwd.getpwnam("daemon").pw_uid)
    assert server_account(tmp_path) is None


def test_a_user_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(EmbeddedError, match="54321 is not in /etc/passwd"):
        server_account(tmp_path)


def test_without_setpriv_a_closed_directory_is_an_error(
    monkeypatch: pytest.MonkeyPatch, closed: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ends_with_parent("TERM") == ()
    with pytest.raises(EmbeddedError, match="VOXGATE_DATA_DIR"):
        launch_as(Account(65534, 65534), "TERM", closed)
    assert launch_as(Account(65534, 65534), "TERM", Path("/usr/bin/env")).account == Account(65534, 65534)
