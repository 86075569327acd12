from django.apps import AppConfig


class VoxgateConfig(AppConfig):
    """The platform around `tts` and `accounts`: checks, health, commands."""

    name = "voxgate"

    def ready(self) -> None:
        from voxgate.ops import checks  # noqa: F401 - registers the system checks
