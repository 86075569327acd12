"""`manage.py revoke_key KEY`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.actors import Actor
from accounts.management.named_keys import HELP, key_named
from accounts.services.keys import key_revoke


class Command(BaseCommand):
    help = "Revoke an API key for good, effective on the next request."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help=HELP)

    def handle(self, *args: Any, **options: Any) -> None:
        key = key_named(options["key"])
        revoked = key_revoke(key=key, actor=Actor.of_command("revoke_key"))
        self.stdout.write(f"{key.label} {'is' if revoked else 'was'} revoked{'' if revoked else ' before'}")
