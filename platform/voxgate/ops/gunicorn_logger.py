"""gunicorn's log without what clients sent."""

from typing import Any

from gunicorn.glogging import Logger

INVALID = "Invalid request"


class QuietLogger(Logger):
    """Says that a request could not be parsed, not how: the detail quotes it, and with it perhaps somebody's text."""

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        if str(msg).startswith(INVALID):
            super().warning("a request could not be parsed")
        else:
            super().warning(msg, *args, **kwargs)
