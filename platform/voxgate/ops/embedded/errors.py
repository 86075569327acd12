"""What can go wrong with an embedded server."""


class EmbeddedError(Exception):
    """A server could not be found, prepared, started or stopped. The message says what to do about it."""
