"""What a person may do with a request: Django's permission, counted in its tenant."""

from functools import cached_property

from django.http import HttpRequest

from accounts.roles import holds_everywhere, holds_in
from tts.models import SynthesisRequest

SEE = "tts.view_synthesisrequest"
READ = "tts.read_text"
RERUN = "tts.rerun_synthesisrequest"
CANCEL = "tts.cancel_synthesisrequest"
ERASE = "tts.erase_synthesisrequest"


class Powers:
    """What the person behind an HTTP request may do with one request for speech."""

    def __init__(self, request: HttpRequest, row: SynthesisRequest) -> None:
        self._user = request.user
        self._row = row

    @cached_property
    def sees_all(self) -> bool:
        """Whether they see requests of every tenant."""
        return self.everywhere(SEE)

    @cached_property
    def is_superuser(self) -> bool:
        return self._user.is_active and self._user.is_superuser

    @cached_property
    def read(self) -> bool:
        return self.have(READ)

    @cached_property
    def rerun(self) -> bool:
        return self.have(RERUN)

    @cached_property
    def cancel(self) -> bool:
        return self.have(CANCEL)

    @cached_property
    def erase(self) -> bool:
        return self.have(ERASE)

    def have(self, permission: str) -> bool:
        return holds_in(self._user, self._row.tenant, permission)

    def everywhere(self, permission: str) -> bool:
        return holds_everywhere(self._user, permission)
