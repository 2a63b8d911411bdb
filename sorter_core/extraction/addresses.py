"""Which hosts and addresses may be spoken to: public ones, by name, never this machine or its network.

Names that never belong to the public Internet: RFC 6761, RFC 6762, RFC 8375, RFC 9476, and what
ICANN lists as used in private networks.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable

PRIVATE_ENDINGS = frozenset(
    {
        *("alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan"),
        *("local", "localhost", "mail", "onion", "private", "test"),
    }
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label like this makes the whole name an IPv4 address (WHATWG URL, "ends in a number")."""
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out (iana.org/assignments/ipv6-address-space). Elsewhere lie site-local
addresses, private NAT64, and IPv4 in forms of old, which ``is_global`` takes for public."""

Resolve = Callable[[str, int], list[str]]
"""From a host and a port to addresses; raises OSError."""


class Refused(Exception):
    """The host or address must not be spoken to; the text names it."""


def judge_name(host: str) -> str:
    """``host`` when it is a public name, without asking anybody; raises :class:`Refused`.

    >>> judge_name("P16-Sign.TikTokCDN.com")
    'p16-sign.tiktokcdn.com'
    >>> judge_name("127.0.0.1")
    Traceback (most recent call last):
    sorter_core.extraction.addresses.Refused: 127.0.0.1 is no public name
    """
    name = host.lower().removesuffix(".")
    labels = name.split(".")
    public = (
        len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and labels[-1] not in PRIVATE_ENDINGS
        and not _NUMBER.fullmatch(labels[-1])
    )
    if not public:
        raise Refused(f"{ascii(host)[1:-1]} is no public name")
    return name


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of ``host``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def public_addresses(host: str, port: int, ask: Resolve = resolve) -> list[str]:
    """The addresses of ``host``, all of them public; raises :class:`Refused`, ``OSError``.

    Connect to what is returned, not to the name: asked again, it could answer otherwise.
    """
    addresses = ask(judge_name(host), port)
    for address in addresses:
        if not is_public(address):
            raise Refused(f"{host} leads to {address}, which is not on the public Internet")
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is on the public Internet, also where it hides an IPv4 address.

    >>> [is_public(a) for a in ("8.8.8.8", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if (inner := _inside(ip)) is not None:
            return is_public(str(inner))
        if ip not in _UNICAST:
            return False
    return ip.is_global and not ip.is_multicast


def _inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address carries: mapped, 6to4, Teredo, or NAT64 (RFC 6052)."""
    if ip in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
