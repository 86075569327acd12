"""Is the client still there while its answer is being made?"""

import socket
import ssl
from collections.abc import Callable

from django.http import HttpRequest


def client_watch(request: HttpRequest) -> Callable[[], bool]:
    """A function that tells whether the client's connection is still open.

    gunicorn leaves the socket in `gunicorn.socket`; a peek finds the end of a connection that was closed. Servers that
    offer no socket, or one of TLS, which cannot be peeked at, are answered with "still there": the request then just
    runs to its end.
    """
    connection = request.META.get("gunicorn.socket")
    if not isinstance(connection, socket.socket) or isinstance(connection, ssl.SSLSocket):
        return lambda: True

    def is_there() -> bool:
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    return is_there
