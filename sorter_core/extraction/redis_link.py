"""The one connection to Redis, for the cache and the limits: its faults cost moments, not requests."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import redis

log = logging.getLogger(__name__)
T = TypeVar("T")

TIMEOUT = 0.5
"""Seconds for one call, connecting included: a Redis that takes longer helps no more than none."""
PAUSE = 2.0
"""Seconds after a fault in which it is not asked again, so that a dead one is paid for once."""

_PING = "tiktok-sorter:ping"


class Unreachable(Exception):
    """Redis did not answer, now or a moment ago. The callers do without it; nobody else sees this."""


class RedisLink:
    """Calls Redis, or raises :class:`Unreachable` at once while it is known to be down.

    ``url`` as ``redis.from_url`` takes it. Connects when it is first needed, from any thread.
    Raises :class:`ValueError` when ``url`` is malformed.
    """

    def __init__(
        self, url: str, *, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._client = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
        )
        self._faults = (redis.RedisError, OSError)
        self._pause, self._clock = pause, clock
        self._lock = threading.Lock()
        self._down_until: float | None = None

    @property
    def down(self) -> bool:
        """Whether the last call failed."""
        return self._down_until is not None

    @property
    def pool(self) -> Any:
        """The connection pool, for libraries that bring calls of their own."""
        return self._client.connection_pool

    def call(self, use: Callable[[redis.Redis], T]) -> T:
        """Give what ``use`` makes of the client. Raises :class:`Unreachable`."""
        down_until = self._down_until
        if down_until is not None and self._clock() < down_until:
            raise Unreachable
        return self._attempt(use)

    def ping(self) -> bool:
        """Whether it takes what it is given now, whatever was known before: a full one still answers."""
        try:
            return bool(self._attempt(lambda client: client.set(_PING, b"", px=1000)))
        except Unreachable:
            return False

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _attempt(self, use: Callable[[redis.Redis], T]) -> T:
        try:
            found = use(self._client)
        except self._faults as error:
            self._fell(error)
            raise Unreachable from error
        self._rose()
        return found

    def _fell(self, error: Exception) -> None:
        with self._lock:
            first = self._down_until is None
            self._down_until = self._clock() + self._pause
        if first:
            log.warning(
                "redis is gone, memory does instead", extra={"reason": type(error).__name__}
            )

    def _rose(self) -> None:
        if self._down_until is None:
            return
        with self._lock:
            self._down_until = None
        log.info("redis is back")
