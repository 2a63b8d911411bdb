"""Finished answers, kept for a while: in memory, and in Redis where one is set.

What is kept is the answer's JSON as bytes. Nobody can change bytes, so whoever reads an answer has a
copy of his own, and an answer from the cache goes out without being encoded again.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sorter_core.extraction.redis_link import RedisLink, Unreachable

BYTES = 64 << 20
"""What all answers in memory may take together."""
_PREFIX = "tiktok-sorter:extraction:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished answer; made at and good until, in Unix seconds."""

    body: bytes
    made_at: float
    until: float


@dataclass(frozen=True, slots=True)
class Size:
    """What is kept: answers, and their bytes."""

    entries: int
    bytes: int


class Cache(Protocol):
    """Where finished answers are kept. Never raises: a cache that fails has merely nothing."""

    def get(self, key: str, max_age: float) -> Entry | None:
        """The answer, when there is one that was made at most ``max_age`` seconds ago."""

    def put(self, key: str, entry: Entry) -> None:
        """Keep an answer as long as it is good."""


@lru_cache(maxsize=1024)  # an answer that lies in memory is asked for again and again
def key_of(**parts: Any) -> str:
    """Give the key of an answer, made of everything that changes it.

    >>> key_of(url="a", language="en") == key_of(language="en", url="a")
    True
    >>> key_of(url="a", language="en") == key_of(url="a", language="id")
    False
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class MemoryCache:
    """At most ``entries`` answers of ``limit`` bytes together; the least recently used goes first."""

    def __init__(
        self, entries: int, limit: int = BYTES, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._most, self._limit, self._clock = entries, limit, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0

    def get(self, key: str, max_age: float) -> Entry | None:
        """See :class:`Cache`."""
        now = self._clock()
        with self._lock:
            entry = self._kept.get(key)
            if entry is None:
                return None
            if entry.until <= now:
                self._drop(key)
                return None
            if now - entry.made_at > max_age:
                return None
            self._kept.move_to_end(key)
            return entry

    def put(self, key: str, entry: Entry) -> None:
        """See :class:`Cache`. An answer over the limit by itself is not kept."""
        with self._lock:
            if key in self._kept:
                self._drop(key)
            if entry.until <= self._clock() or len(entry.body) > self._limit:
                return
            self._kept[key] = entry
            self._bytes += len(entry.body)
            while len(self._kept) > self._most or self._bytes > self._limit:
                self._drop(next(iter(self._kept)))

    def size(self) -> Size:
        """What is in it, without what has expired."""
        now = self._clock()
        with self._lock:
            for key in [key for key, entry in self._kept.items() if entry.until <= now]:
                self._drop(key)
            return Size(len(self._kept), self._bytes)

    def _drop(self, key: str) -> None:
        self._bytes -= len(self._kept.pop(key).body)


class RedisCache:
    """The same for all processes that use one Redis; it ends the answers' time by itself."""

    def __init__(self, link: RedisLink, *, clock: Callable[[], float] = time.time) -> None:
        self._link, self._clock = link, clock

    def get(self, key: str, max_age: float) -> Entry | None:
        """See :class:`Cache`."""
        try:
            found = self._link.call(lambda client: client.get(_PREFIX + key))
        except Unreachable:
            return None
        entry = _read(key, found) if isinstance(found, bytes) else None
        if entry is None or self._clock() - entry.made_at > max_age:
            return None
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """See :class:`Cache`."""
        left = int(1000 * (entry.until - self._clock()))
        if left <= 0:
            return
        said = b"%.6f %.6f\n%b" % (entry.made_at, entry.until, entry.body)
        value = b"%b %b" % (_seal(key, said), said)
        try:
            self._link.call(lambda client: client.set(_PREFIX + key, value, px=left))
        except Unreachable:
            return


class TwoCaches:
    """One that is near and asked at once, before one that is far and may take its time."""

    def __init__(self, near: Cache, far: Cache) -> None:
        self._near, self._far = near, far

    def get(self, key: str, max_age: float) -> Entry | None:
        """See :class:`Cache`."""
        entry = self._near.get(key, max_age)
        if entry is None and (entry := self._far.get(key, max_age)) is not None:
            self._near.put(key, entry)
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """See :class:`Cache`."""
        self._near.put(key, entry)
        self._far.put(key, entry)


def _read(key: str, value: bytes) -> Entry | None:
    """Take apart what :meth:`RedisCache.put` wrote for this very key; None for what somebody else did."""
    seal, _, said = value.partition(b" ")
    if seal != _seal(key, said):
        return None
    head, _, body = said.partition(b"\n")
    made_at, until = map(float, head.split())
    return Entry(body, made_at, until)


def _seal(key: str, said: bytes) -> bytes:
    """Ties a value to its key: a piece of one, or another one, would be handed out as an answer."""
    return hashlib.sha256(b"%b %b" % (key.encode(), said)).hexdigest().encode()
