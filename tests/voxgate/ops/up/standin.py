"""The supervisor with small programs in place of Django: `python -m tests.voxgate.ops.up.standin`.

STANDIN_FAULT names a process that ends with code 3 at once.
"""

import os
import sys

from voxgate.ops.up.child import ChildSpec
from voxgate.ops.up.config import Config, read_config
from voxgate.ops.up.console import Console
from voxgate.ops.up.main import run
from voxgate.ops.up.plan import Plan

WEB = """
import http.server, os, signal, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if os.environ.get("STANDIN_FAULT") == "readyz" else 200)
        self.end_headers()
        self.wfile.write(b"voices are missing")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["VOXGATE_PORT"])), Ready).serve_forever()
"""
WORKER = "import signal; signal.pause()"
PREPARE = """
import os, pathlib
for name, text in (("demo.key", "vg_test_key"), ("admin.password", "first-password")):
    path = pathlib.Path(os.environ["VOXGATE_DATA_DIR"], name)
    if not path.exists():
        path.write_text(text)
"""
FAULT = "import sys; print('it went wrong here'); sys.exit(3)"


def make_plan(config: Config, environment: dict[str, str]) -> Plan:
    def spec(name: str, program: str, *, speaks: bool = False) -> ChildSpec:
        if environment.get("STANDIN_FAULT") == name:
            program = FAULT
        return ChildSpec(name, (sys.executable, "-c", program), environment, config.data, speaks=speaks)

    workers = tuple(spec(f"tts-{number}", WORKER, speaks=True) for number in range(config.workers))
    return Plan((("Preparation", spec("prepare", PREPARE)),), (workers, (spec("web", WEB),)))


if __name__ == "__main__":
    sys.exit(
        run(
            read_config(os.environ), Console(), make_plan, ready_seconds=float(os.environ["STANDIN_PATIENCE"])
        )
    )
