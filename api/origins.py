"""Which names this server answers to, and which pages may speak to it.

Against DNS rebinding, the ``Host`` header must be a name of ours: a page of another site that
points its own name at this machine still sends that name. Against CSRF, a request that changes
something must come from a page of ours (``Origin``, RFC 6454), and a browser that tells where a
request comes from (``Sec-Fetch-Site``, W3C Fetch Metadata) may embed nothing of ours elsewhere.
"""

import re
import socket
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from starlette.datastructures import Headers

from sorter_core.errors import InvalidInput
from sorter_core.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\s:/@\[\]]+)(?::\d{1,5})?", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://(?P<host>[^\s/?#@*]+)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Refusal(NamedTuple):
    """Why a request goes no further."""

    status: int
    detail: str


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Give ALLOWED_ORIGINS, each judged.

    Raises :class:`InvalidInput` for ``*`` (every website could then use the person's library with
    the person's cookie) and for what is no origin.

    >>> sorted(allowed_origins(Settings(_env_file=None, ALLOWED_ORIGINS="http://localhost:3000")))
    ['http://localhost:3000']
    """
    for origin in settings.allowed_origins:
        if "*" in origin:
            raise InvalidInput(
                "ALLOWED_ORIGINS must name each origin: with * every website could read and sort your videos."
            )
        if not _ORIGIN.fullmatch(origin):
            raise InvalidInput(
                f"ALLOWED_ORIGINS: {origin!r} is no origin; write it like http://localhost:3000."
            )
    return frozenset(origin.lower() for origin in settings.allowed_origins)


def own_names(settings: Settings) -> frozenset[str]:
    """Give the host names that this server answers to, beside IP addresses.

    The machine's own name counts only when other machines may come; an origin in ALLOWED_ORIGINS
    counts as a name too, so that a reverse proxy can be told about.

    >>> sorted(own_names(Settings(_env_file=None)))
    ['127.0.0.1', 'localhost']
    """
    names = {"localhost", settings.host.lower()}
    names |= {host_name(origin.split("://")[1]) or "" for origin in allowed_origins(settings)} - {
        ""
    }
    if not settings.loopback:
        machine = socket.gethostname().lower()
        names |= {machine, f"{machine.split('.', maxsplit=1)[0]}.local"}
    return frozenset(names)


def host_name(host: str) -> str | None:
    """Give the name in a ``Host`` header without the port; None when it is malformed.

    >>> host_name("LOCALHOST:8000"), host_name("[::1]:8000"), host_name("a b"), host_name("x:y")
    ('localhost', '::1', None, None)
    """
    found = _HOST.fullmatch(host)
    return found["name"].lower().strip("[]").removesuffix(".") if found else None


def address(name: str) -> IPv4Address | IPv6Address | None:
    """Give the IP address that ``name`` literally is, an IPv4 one where it is merely mapped.

    >>> address("::ffff:127.0.0.1"), address("localhost")
    (IPv4Address('127.0.0.1'), None)
    """
    try:
        found = ip_address(name.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=64)  # asked for each request, of the same few
def is_elsewhere(client: str) -> bool:
    """Whether a client's address is another machine's; what is no address is none.

    >>> is_elsewhere("192.0.2.7"), is_elsewhere("::1"), is_elsewhere("testclient")
    (True, False, False)
    """
    found = address(client)
    return found is not None and not found.is_loopback


def judge_host(headers: Headers, names: frozenset[str], *, exposed: bool) -> Refusal | None:
    """Refuse a ``Host`` that is not ours; an ``exposed`` server takes any IP address (none can be rebound)."""
    hosts = headers.getlist("host")
    return _judge_name(hosts[0] if len(hosts) == 1 else "", names, exposed)


@lru_cache(maxsize=64)
def _judge_name(host: str, names: frozenset[str], exposed: bool) -> Refusal | None:  # noqa: FBT001 - for the cache
    name = host_name(host)
    if name is None:
        return Refusal(400, "The request needs one valid Host header.")
    literal = address(name)
    if name in names and not (literal and literal.is_unspecified):
        return None
    if literal and (literal.is_loopback or (exposed and not literal.is_unspecified)):
        return None
    return Refusal(
        421, f"This server does not answer to the name {name!r}; see HOST and ALLOWED_ORIGINS."
    )


def judge_page(method: str | None, headers: Headers, allowed: Collection[str]) -> Refusal | None:
    """Refuse what a page of another site sends or embeds; ``method`` is None for a websocket."""
    origin = headers.get("origin")
    if origin is not None and origin.lower() in allowed:
        return None
    safe = method in SAFE_METHODS
    if not safe and origin is not None and not same_host(origin, headers["host"]):
        return Refusal(403, "This page may not use the server; see ALLOWED_ORIGINS.")
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"} or (
        safe and _visits(headers)
    ):
        return None
    return Refusal(403, "Another site's page may not use the server; see ALLOWED_ORIGINS.")


def _visits(headers: Headers) -> bool:
    """Whether a person follows a link hither: the page is replaced, not embedded or read."""
    return (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def same_host(origin: str, host: str) -> bool:
    """Whether ``origin`` is a page of ``host``; the scheme is not compared (a proxy may add TLS).

    >>> same_host("http://localhost:8000", "localhost:8000"), same_host("https://a.example:443", "a.example")
    (True, True)
    >>> same_host("null", "localhost"), same_host("http://localhost:3000", "localhost:8000")
    (False, False)
    """
    scheme, _, there = origin.lower().partition("://")
    port = _DEFAULT_PORTS.get(scheme)
    return port is not None and there.removesuffix(port) == host.lower().removesuffix(port)
