"""`python -m voxgate.ops.up`."""

import sys

from voxgate.ops.up.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
