import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.networks import MAX_NETWORKS, is_within, networks_clean


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7/32 ", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("192.0.2.7/255.255.255.0", "192.0.2.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:0::/48", "2001:db8::/48"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/125", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/125"),
    ],
)
def test_a_network_is_kept_in_one_way_of_writing_it(written: str, kept: str) -> None:
    assert networks_clean([written]) == [kept]


def test_networks_keep_their_order_and_count_once() -> None:
    assert networks_clean(["192.0.2.1", "2001:db8::/32", "192.0.2.1/32"]) == ["192.0.2.1", "2001:db8::/32"]


@pytest.mark.parametrize(
    "text", ["", "localhost", "192.0.2", "192.0.2.256", "192.0.2.0/33", "2001:db8::/129", "1", "10.0.0.0-10"]
)
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        networks_clean(["192.0.2.1", text])
    with translation.override("en"):
        assert raised.value.messages == [
            f"{text} is neither an IP address nor a network such as 192.0.2.0/24."
        ]


def test_there_is_an_end_to_networks() -> None:
    many = [f"192.0.2.{number}" for number in range(MAX_NETWORKS + 1)]
    assert len(networks_clean([*many[:-1], many[0]])) == MAX_NETWORKS
    with pytest.raises(ValidationError):
        networks_clean(many)


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("192.0.2.255", ["192.0.2.0/24"], True),
        ("192.0.3.0", ["192.0.2.0/24"], False),
        ("192.0.3.0", ["192.0.2.0/24", "192.0.3.0"], True),
        ("2001:db8::ffff", ["2001:db8::/64"], True),
        ("2001:db8:0:1::", ["2001:db8::/64"], False),
        ("192.0.2.1", ["::/0"], False),
        ("2001:db8::1", ["0.0.0.0/0"], False),
        ("192.0.2.1", [], False),
    ],
)
def test_an_address_is_in_a_network_of_its_kind(address: str, networks: list[str], inside: bool) -> None:
    assert is_within(address, networks) is inside
