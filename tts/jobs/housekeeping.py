"""Jobs of the housekeeping queue. They take no arguments and may be begun anew at any time.

Each says when it has come to its end: without that, it is started again.
"""

from django.utils import timezone

from tts.desk.folding import service_buckets_fold
from tts.models import MaintenanceRun
from tts.services import housekeeping
from tts.services.exports import exports_expire
from tts.services.housekeeping import housekeeping_ended
from tts.services.maintenance_runs import run_recorded
from tts.services.orphans import orphans_run
from tts.services.retention import retention_run

Kind = MaintenanceRun.Kind


def retention() -> None:
    """Delete what tenants no longer want kept."""
    retention_run(now=timezone.now())
    housekeeping_ended(task=housekeeping.RETENTION)


def orphans() -> None:
    """Delete files that no row points at."""
    orphans_run(now=timezone.now())
    housekeeping_ended(task=housekeeping.ORPHANS)


def exports() -> None:
    """Delete usage exports that were kept long enough."""
    run_recorded(kind=Kind.EXPORTS, work=lambda: {"exports": exports_expire(now=timezone.now())})
    housekeeping_ended(task=housekeeping.EXPORTS)


def service_figures() -> None:
    """Thin out the platform's own figures, so that charts of thirty days stay quick."""
    run_recorded(kind=Kind.SERVICE_FIGURES, work=lambda: {"rows": _fold_all()})
    housekeeping_ended(task=housekeeping.SERVICE_FIGURES)


def _fold_all() -> int:
    folded = 0
    while gone := service_buckets_fold(now=timezone.now()):
        folded += gone
    return folded
