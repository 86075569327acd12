"""The order in which everything starts and stops."""

import argparse
import os
import time
from collections.abc import Callable, Sequence

from voxgate.ops.embedded.errors import EmbeddedError
from voxgate.ops.embedded.files import write_private
from voxgate.ops.embedded.ports import is_free
from voxgate.ops.embedded.process import wait_until
from voxgate.ops.embedded.services import Services
from voxgate.ops.up.banner import banner
from voxgate.ops.up.child import Child, ChildSpec
from voxgate.ops.up.config import Config, read_config
from voxgate.ops.up.console import Console
from voxgate.ops.up.dead_workers import DeadWorkers
from voxgate.ops.up.errors import StartFailed, StopRequested
from voxgate.ops.up.local_secrets import load_or_create
from voxgate.ops.up.lock import DataLock
from voxgate.ops.up.plan import Plan, child_environment, shared_environment, voxgate_plan
from voxgate.ops.up.readiness import ReadinessProbe
from voxgate.ops.up.servers import needed_servers
from voxgate.ops.up.signals import Signals
from voxgate.ops.up.supervisor import Supervised, Supervisor

PlanMaker = Callable[[Config, dict[str, str]], Plan]

_READY_SECONDS = 120.0
_POLL_SECONDS = 0.1


def main(arguments: Sequence[str]) -> int:
    """Start everything, print `ready <address>` as the last line, supervise until a signal.

    Returns 0 after a requested stop, 1 when something could not start.
    """
    parser = argparse.ArgumentParser(
        prog="make run",
        description="Start Voxgate. Settings come from the environment, see docs/settings.md.",
    )
    parser.add_argument("--verbose", action="store_true", help="show what every process writes")
    options = parser.parse_args(arguments)
    console = Console()
    try:
        config = read_config(os.environ, verbose=options.verbose)
    except StartFailed as error:
        console.line(f"Voxgate cannot start: {error}")
        return 1
    return run(config, console, voxgate_plan)


def run(config: Config, console: Console, make_plan: PlanMaker, ready_seconds: float = _READY_SECONDS) -> int:
    """`main` for a given configuration and plan; must be called in the main thread."""
    lock = DataLock(config.run / "lock", f"process {os.getpid()}, {config.address}")
    with Signals() as signals:
        up = _Up(config, console, signals, ready_seconds)
        try:
            config.make_directories()
            lock.acquire()
            up.start(make_plan)
            up.supervise()
        except StopRequested:
            pass
        except (StartFailed, EmbeddedError) as error:
            console.line(f"\nVoxgate cannot start: {error}")
            return 1
        finally:
            up.stop()
            lock.release()
    return 0


class _Up:
    def __init__(self, config: Config, console: Console, signals: Signals, ready_seconds: float) -> None:
        self._config = config
        self._console = console
        self._signals = signals
        self._ready_seconds = ready_seconds
        self._dead_workers: DeadWorkers | None = None
        self._supervisor = Supervisor(signals, console, self._died)
        self._running = False

    def start(self, make_plan: PlanMaker) -> None:
        config = self._config
        if config.services_file.exists():
            # The supervisor before us was killed; its web server may still be answering its last requests.
            wait_until(self._port_is_free, 20.0)
        if not self._port_is_free():
            raise StartFailed(
                f"port {config.port} on {config.host} is taken by another program. "
                f"Choose another: make run VOXGATE_PORT={config.port % 65535 + 1}"
            )
        began = time.monotonic()
        self._console.line(f"Voxgate starts; data in {config.data}")
        services = self._start_servers()
        shared = shared_environment(config, services, load_or_create(config.secrets))
        write_private(config.services_file, "".join(f"{name}={value}\n" for name, value in shared.items()))
        self._dead_workers = DeadWorkers(shared["REDIS_VOLATILE_URL"], self._console)
        first_start = not (config.data / "admin.password").exists()
        plan = make_plan(config, child_environment(config, shared))
        for title, spec in plan.preparations:
            with self._console.step(title):
                self._run_to_end(self._child(spec))
        with self._console.step("Web and workers") as step:
            for stage in plan.stages:
                self._supervisor.start(*map(self._child, stage))
            self._wait_until_ready()
            step.detail = f"{config.workers} speech workers"
        self._console.line(banner(config, first_start=first_start))
        self._console.line(f"Started in {time.monotonic() - began:.1f} s; logs in {config.logs}")
        self._console.line(f"ready {config.address}")

    def supervise(self) -> None:
        self._supervisor.watch()

    def stop(self) -> None:
        if self._running:
            self._console.line("\nStopping; a second Ctrl+C hurries.")
        self._supervisor.stop()
        if self._dead_workers:
            self._dead_workers.close()
        if self._running:
            self._config.services_file.unlink(missing_ok=True)
            self._console.line("Stopped.")

    def _port_is_free(self) -> bool:
        return is_free(self._config.port, self._config.host)

    def _start_servers(self) -> Services:
        servers = needed_servers(self._config)
        self._running = True
        for server in servers.to_start():
            with self._console.step(server.title) as step:
                self._supervisor.start(server)
                step.detail = server.address
        return servers.services()

    def _child(self, spec: ChildSpec) -> Child:
        return Child(spec, self._config.logs, echo=self._console if self._config.verbose else None)

    def _run_to_end(self, child: Child) -> None:
        child.start()
        while (code := child.poll()) is None:
            if self._signals.stops:
                child.kill()
                raise StopRequested
            self._signals.wait(_POLL_SECONDS)
            self._console.tick()
        if code:
            raise StartFailed(f"{child.name} failed with code {code}:\n{child.last_lines()}")

    def _wait_until_ready(self) -> None:
        probe = ReadinessProbe(self._config.local_host, self._config.port)
        deadline = time.monotonic() + self._ready_seconds

        def ready_or_late() -> bool:
            self._console.tick()
            return probe() or time.monotonic() >= deadline

        self._supervisor.watch(ready_or_late, _POLL_SECONDS)
        if time.monotonic() >= deadline and not probe():
            raise StartFailed(f"not ready after {self._ready_seconds:.0f} s. GET /readyz says: {probe.last}")

    def _died(self, process: Supervised, code: int) -> None:
        if self._dead_workers:
            self._dead_workers(process, code)
