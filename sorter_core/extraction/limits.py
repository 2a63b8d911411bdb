"""How many requests a minute one key and one address may make: a moving window, counted exactly."""

from __future__ import annotations

import hashlib
import itertools
import math
import time
from collections.abc import Sequence
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import ClassVar, NamedTuple

import limits
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from sorter_core.errors import InvalidInput
from sorter_core.extraction.redis_link import RedisLink, Unreachable

_NAMESPACE = "tiktok-sorter"
_IPV6_SITE = 64
"""Bits. One subscriber has a whole /64 to draw addresses from (RFC 6177), so it counts as one."""


class Allowance(NamedTuple):
    """What is left to somebody; ``reset_at`` (Unix seconds) is when the next request gets free."""

    limit: int
    remaining: int
    reset_at: float
    allowed: bool

    @property
    def retry_after(self) -> int:
        """Whole seconds until another request may pass; at least 1."""
        return max(1, math.ceil(self.reset_at - time.time()))


class RateLimits:
    """Counts requests in Redis, where one is set and answers, else in memory."""

    def __init__(self, per_minute: int, link: RedisLink | None = None) -> None:
        self._item = limits.RateLimitItemPerMinute(per_minute, namespace=_NAMESPACE)
        self._memory = MovingWindowRateLimiter(Forgetful())
        self._link = link

    @property
    def waits(self) -> bool:
        """Whether :meth:`take` may wait for the network."""
        return self._link is not None

    def take(self, who: str) -> Allowance:
        """Count one request of ``who``, unless its minute is full; a refused one is not counted."""
        if self._link is None:
            return self._take(self._memory, who)
        try:
            return self._link.call(lambda _client: self._take(self._in_redis, who))
        except Unreachable:
            return self._take(self._memory, who)

    def _take(self, limiter: MovingWindowRateLimiter, who: str) -> Allowance:
        allowed = limiter.hit(self._item, who)
        window = limiter.get_window_stats(self._item, who)
        return Allowance(self._item.amount, max(0, window.remaining), window.reset_time, allowed)

    @cached_property
    def _in_redis(self) -> MovingWindowRateLimiter:
        pool = self._link.pool if self._link else None
        return MovingWindowRateLimiter(RedisStorage("redis://", connection_pool=pool))


class Forgetful(MemoryStorage):
    """Forgets who has not come for a while.

    The library keeps an empty list for each address for ever, and goes through all of them time and again.
    """

    EVERY: ClassVar[int] = 1000
    """Requests between two clearances, so that one costs little."""

    def __init__(self) -> None:
        super().__init__()
        self._requests = itertools.count(1)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See :class:`limits.storage.MovingWindowSupport`."""
        if next(self._requests) % self.EVERY == 0:
            self._forget()
        return super().acquire_entry(key, limit, expiry, amount)

    def _forget(self) -> None:
        for key in [key for key, moments in list(self.events.items()) if not moments]:
            with self.locks[key]:
                if not self.events.get(key):
                    self.events.pop(key, None)
                    self.locks.pop(key, None)


class Proxies:
    """TRUSTED_PROXIES: whose ``X-Forwarded-For`` is believed; nobody else's is.

    Raises :class:`InvalidInput` for what is neither an address nor a network.

    >>> proxies = Proxies(["10.0.0.0/8"])
    >>> proxies.client("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2")
    '1.2.3.4'
    >>> proxies.client("9.9.9.9", "1.2.3.4")
    '9.9.9.9'
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        try:
            self._trusted = tuple(ip_network(text, strict=False) for text in trusted)
        except ValueError as error:
            raise InvalidInput(f"TRUSTED_PROXIES: {error}; give addresses or networks.") from error

    def client(self, peer: str, forwarded_for: str) -> str:
        """Give the address that a request comes from: the last one that no proxy of ours has.

        Each proxy appends whom it heard, so that only the list's end, written by ours, is true.
        """
        hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
        found = peer
        while self._trusts(found) and hops and _address(hops[-1]) is not None:
            found = hops.pop()
        return found

    def _trusts(self, text: str) -> bool:
        if not self._trusted:
            return False
        address = _address(text)
        return address is not None and any(
            address in network for network in self._trusted if network.version == address.version
        )


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=1024)
def by_address(client: str) -> str:
    """Give the name under which an address is counted.

    >>> by_address("1.2.3.4"), by_address("2001:db8::1:2:3:4")
    ('address:1.2.3.4', 'address:2001:db8::/64')
    """
    address = _address(client)
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return f"address:{ip_network((address, _IPV6_SITE), strict=False)}"
    return f"address:{address or client}"


@lru_cache(maxsize=16)
def by_key(key: str) -> str:
    """Give the name under which a key is counted; the key can't be read from it."""
    return f"key:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
