"""Settings of the one Django project, all from the environment (see environment.py and docs/settings.md)."""

from voxgate.settings.base import *
from voxgate.settings.files import *
from voxgate.settings.queues import *
from voxgate.settings.speech import *
