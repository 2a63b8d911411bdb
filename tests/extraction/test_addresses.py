"""Only public names and addresses are spoken to."""

from __future__ import annotations

import pytest

from sorter_core.extraction.addresses import (
    Refused,
    is_public,
    judge_name,
    public_addresses,
    resolve,
)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "a.localhost", "router.lan", "printer.local", "db.internal", "x.home.arpa"),
        *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "10.0.0.1"),
        *("[::1]", "::1", "", ".", "a..b", "-a.com", "a b.com", "intranet", "cdn.com/x", "é.com"),
    ],
)
def test_names_that_are_not_public(host: str) -> None:
    """Special names, numbers in all their spellings, and what is no name."""
    with pytest.raises(Refused):
        judge_name(host)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1"),  # noqa: S104 - nothing is bound
        *("192.168.1.1", "198.18.0.1", "224.0.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fc00::1", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:192.168.0.1", "64:ff9b::a00:1", "2002:7f00:1::"),
        *("::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "fec0::1", "400::1"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    """Private, loopback, link-local, multicast, reserved; also inside an IPv6 address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    """What the Internet routes."""
    assert is_public(address)


def test_one_private_address_spoils_the_name() -> None:
    """A name that leads to a public and to a private address is a trap."""
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        public_addresses("cdn.tiktok.com", 443, lambda *_: ["8.8.8.8", "10.0.0.1"])
    assert public_addresses("cdn.tiktok.com", 443, lambda *_: ["8.8.8.8"]) == ["8.8.8.8"]


def test_the_system_is_asked() -> None:
    """Without another resolver given, it is the system's."""
    assert set(resolve("localhost", 443)) <= {"127.0.0.1", "::1"}
