"""Networks that a key may be used from: how they are written, and who is in one."""

import ipaddress
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

MAX_NETWORKS = 50

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 4291, section 2.5.5.2: the last 32 bits are an IPv4 address.
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def networks_clean(texts: Sequence[str]) -> list[str]:
    """The networks of `texts`, each once, in their canonical form, which is that of an address where it is only one.

    Host bits are dropped (`192.0.2.7/24` is `192.0.2.0/24`), and IPv4 written as IPv6 becomes IPv4, as the addresses of
    clients do. Raises `ValidationError` for what is no network, and for more than 50.
    """
    networks = list(dict.fromkeys(_canonical(_parsed(text)) for text in texts))
    if len(networks) > MAX_NETWORKS:
        raise ValidationError(
            ngettext_lazy(
                "There may be at most %(count)d network.", "There may be at most %(count)d networks.", "count"
            ),
            code="too_many",
            params={"count": MAX_NETWORKS},
        )
    return networks


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether an IP address is in one of `networks`. An IPv4 address is in no IPv6 network, nor the other way round."""
    client = ipaddress.ip_address(address)
    return any(client in ipaddress.ip_network(network, strict=False) for network in networks)


def _parsed(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as problem:
        raise ValidationError(
            _("%(text)s is neither an IP address nor a network such as 192.0.2.0/24."),
            code="network",
            params={"text": text},
        ) from problem
    if isinstance(network, ipaddress.IPv4Network):
        return network
    number = int(network.network_address)
    if network.subnet_of(_MAPPED):
        return ipaddress.IPv4Network((number & 0xFFFF_FFFF, network.prefixlen - _MAPPED.prefixlen))
    # Without the zone of a link-local address (`fe80::1%eth0`), which clients' addresses are stripped of.
    return ipaddress.IPv6Network((number, network.prefixlen))


def _canonical(network: Network) -> str:
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)
