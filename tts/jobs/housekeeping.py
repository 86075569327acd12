"""Jobs of the background queue that keep house. They take no arguments and may be begun anew at any time."""

from django.utils import timezone

from tts.desk.folding import service_buckets_fold
from tts.services.exports import exports_expire
from tts.services.orphans import orphans_run
from tts.services.retention import retention_run


def retention() -> None:
    """Delete what tenants no longer want kept."""
    retention_run(now=timezone.now())


def orphans() -> None:
    """Delete files that no row points at."""
    orphans_run(now=timezone.now())


def exports() -> None:
    """Delete usage exports that were kept long enough."""
    exports_expire(now=timezone.now())


def service_figures() -> None:
    """Thin out the platform's own figures, so that charts of thirty days stay quick."""
    while service_buckets_fold(now=timezone.now()):
        pass
