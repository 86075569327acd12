"""Which processes make up Voxgate, and what each is told."""

import os
import sys
from dataclasses import dataclass

from voxgate.ops.embedded.services import Services
from voxgate.ops.up.child import ChildSpec
from voxgate.ops.up.config import CHECKOUT, Config

_FINISH_SECONDS = 75.0
"""How long requests in flight and jobs may take to finish at the end; above the 60 s a caller may ask to wait."""


def shared_environment(config: Config, services: Services, secrets: dict[str, str]) -> dict[str, str]:
    """What every process, and `manage.py` in another terminal, has to know. What the user set wins."""
    ours = {
        "VOXGATE_ANONYMOUS_TENANT": "demo",
        "VOXGATE_LOCAL": "1",
        **secrets,
        **services.environment(),
    }
    # An anonymous tenant set to nothing is a choice too: it switches anonymous callers off.
    chosen = {
        name: config.environment[name] for name in ("VOXGATE_ANONYMOUS_TENANT",) if name in config.environment
    }
    return {name: config.given(name) or value for name, value in ours.items()} | chosen


def child_environment(config: Config, shared: dict[str, str]) -> dict[str, str]:
    """The environment of one process: ours on top of the user's."""
    roots = [str(CHECKOUT), str(CHECKOUT / "platform")]
    if theirs := config.environment.get("PYTHONPATH"):
        roots.append(theirs)
    inherited = {
        name: value for name, value in config.environment.items() if name.removesuffix("_FILE") not in shared
    }
    return {
        **inherited,
        **shared,
        "DJANGO_SETTINGS_MODULE": "voxgate.settings",
        "VOXGATE_DATA_DIR": str(config.data),
        "VOXGATE_HOST": config.host,
        "VOXGATE_PORT": str(config.port),
        # One core per worker: two threads per session cost 14 % more CPU for the same throughput.
        "OMP_NUM_THREADS": "1",
        # An arena per thread lets audio of several megabytes pile up in a server of 128 threads.
        "MALLOC_ARENA_MAX": "2",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(roots)),
        "PYTHONUNBUFFERED": "1",
    }


@dataclass(frozen=True, slots=True)
class Plan:
    """`preparations` run one after another to their end, `stages` then run side by side, started in order."""

    preparations: tuple[tuple[str, ChildSpec], ...]
    stages: tuple[tuple[ChildSpec, ...], ...]


def voxgate_plan(config: Config, environment: dict[str, str]) -> Plan:
    """Migrations and the demo tenant; then janitor and background workers, the speech workers and the web server."""
    return Plan(
        preparations=(
            ("Database schema", manage(environment, "migrate", "migrate", "--noinput", "-v", "1")),
            ("Demo tenant", manage(environment, "bootstrap", "bootstrap_demo")),
        ),
        stages=(
            (
                manage(environment, "janitor", "janitor"),
                # One for each queue: what somebody waits for does not wait for housekeeping.
                manage(environment, "background", "backgroundworker", "background"),
                manage(environment, "housekeeping", "backgroundworker", "housekeeping"),
            ),
            tuple(workers(config, environment)),
            (web(environment),),
        ),
    )


def manage(environment: dict[str, str], name: str, *arguments: str) -> ChildSpec:
    """A `manage.py` command as a process called `name`."""
    command = (sys.executable, str(CHECKOUT / "manage.py"), *arguments)
    return ChildSpec(name, command, environment, CHECKOUT, stop_seconds=_FINISH_SECONDS)


def web(environment: dict[str, str]) -> ChildSpec:
    configuration = CHECKOUT / "platform" / "voxgate" / "ops" / "gunicorn_conf.py"
    command = (sys.executable, "-m", "gunicorn", "voxgate.wsgi:application", "-c", str(configuration))
    return ChildSpec("web", command, environment, CHECKOUT, stop_seconds=_FINISH_SECONDS)


def workers(config: Config, environment: dict[str, str]) -> list[ChildSpec]:
    """One process per slot; RQ knows each as `<slot>.<pid>`."""
    specs = []
    for number in range(config.workers):
        slot = f"tts-{number}"
        command = (sys.executable, str(CHECKOUT / "manage.py"), "rqworker", "tts", "--name", slot)
        specs.append(
            ChildSpec(
                slot,
                command,
                {**environment, "VOXGATE_WORKER_SLOT": slot},
                CHECKOUT,
                stop_seconds=_FINISH_SECONDS,
                speaks=True,
            )
        )
    return specs
