"""gunicorn's log without what clients sent."""

from typing import Any

from gunicorn.glogging import Logger

INVALID = "Invalid request"
SOCKET_ERROR = "Socket error"


class QuietLogger(Logger):
    """Says that a request could not be parsed, not how: the detail quotes it, and with it perhaps somebody's text."""

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        if str(msg).startswith(INVALID):
            super().warning("a request could not be parsed")
        else:
            super().warning(msg, *args, **kwargs)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        # A stack for each client that falls silent or leaves would bury the ones that matter.
        if str(msg).startswith(SOCKET_ERROR):
            super().info("a client fell silent, or left in the middle of its request")
        else:
            super().exception(msg, *args, **kwargs)
