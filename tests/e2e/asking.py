"""Requests made inside a running system, by the services themselves.

    python -m tests.e2e.asking SLUG COUNT [--concurrent N] [--one-by-one]

makes a tenant and its requests; the environment says where. Hundreds of waiting HTTP clients would measure themselves.
"""

import argparse
import os
import subprocess
import sys

from tests.system import ROOT, System, supervisor_environment, wait_for

TIMEOUT_SECONDS = 110.0


def asks(system: System, slug: str, count: int, *options: str) -> None:
    """Let a new tenant ask `count` times."""
    environment = supervisor_environment(system.data, 0, system.services)
    command = [sys.executable, "-m", "tests.e2e.asking", slug, str(count), *options]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, timeout=100)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("slug")
    parser.add_argument("count", type=int)
    parser.add_argument("--concurrent", type=int)
    parser.add_argument("--one-by-one", action="store_true")
    options = parser.parse_args(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "voxgate.settings"
    import django

    django.setup()
    from tests.cast import member
    from tests.tts.rows import admitted
    from tts.models import SynthesisRequest

    asker = member(options.slug, concurrent_requests=options.concurrent)
    unfinished = SynthesisRequest.objects.of(asker.tenant).filter(status__in=SynthesisRequest.UNFINISHED)
    for _ in range(options.count):
        admitted(asker, timeout_seconds=TIMEOUT_SECONDS)
        if options.one_by_one:
            wait_for(lambda: not unfinished.exists(), seconds=60, what="an end")


if __name__ == "__main__":
    main(sys.argv[1:])
