"""Why Voxgate could not start, or goes down."""


class StartFailed(Exception):
    """Something cannot start. The message is for whoever typed `make run`."""


class StopRequested(Exception):
    """A signal asked for the end while something was still being started."""
