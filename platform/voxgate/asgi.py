"""ASGI entry point. Waiting requests hold a thread each: serve with WSGI where you can (ADR 0003)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voxgate.settings")
application = get_asgi_application()
