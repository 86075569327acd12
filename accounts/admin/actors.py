"""Who acts in the admin."""

from django.http import HttpRequest

from accounts.actors import Actor
from accounts.addresses import client_address


def actor_of(request: HttpRequest) -> Actor:
    """The member of staff behind a request of the admin."""
    user = request.user
    if user.pk is None:
        raise PermissionError("nobody is logged in")
    request_id = request.META.get("voxgate.request_id", "")
    return Actor.of_user(user, address=client_address(request), request_id=request_id)
