"""How many processor cores this process may use."""

import os
from pathlib import Path


def usable_cores(cgroup: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Cores by affinity, fewer where a container's quota (cgroup v2 `cpu.max`) says so; at least 1."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    try:
        quota, period = cgroup.read_text().split()
        cores = min(cores, round(int(quota) / int(period)))
    except (OSError, ValueError):
        pass
    return max(1, cores)
