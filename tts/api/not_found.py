"""Everything below `/api/` that does not exist."""

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from tts.api.problems import problem


@method_decorator(csrf_exempt, name="dispatch")
class NotFoundView(View):
    """404 as a problem, for every method."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return problem(404, "not_found")
