#!/usr/bin/env python3
"""Django's command line with both import roots on the path."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    # Appended, not prepended: the standard library and installed packages always win, so that
    # the folder `platform/` can never stand in for the module `platform` (ADR 0001).
    for root in (ROOT, ROOT / "platform"):
        if str(root) not in sys.path:
            sys.path.append(str(root))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voxgate.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
