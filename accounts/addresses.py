"""The address of a client behind a known number of proxies."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def client_address(request: HttpRequest | Request) -> str | None:
    """The client's IP address, or None when there is none (a Unix socket).

    Each trusted proxy appends the address it saw to `X-Forwarded-For`, so the client's is that many entries from the
    right; anything further left is the client's own claim and is not believed.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.VOXGATE_TRUSTED_PROXIES
    candidate = hops[-trusted] if 0 < trusted <= len(hops) else request.META.get("REMOTE_ADDR", "")
    try:
        # The zone of a link-local address (`fe80::1%eth0`) means nothing elsewhere, and Postgres refuses it.
        address = ipaddress.ip_address(candidate.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
