"""What the service did since it was started: counted, and null where nothing was counted yet."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from sorter_core.extraction.errors import ExtractionFailed

if TYPE_CHECKING:
    from prometheus_client.core import Metric

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of :func:`prometheus`."""
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds: a page takes one, a slow one some ten, the default timeout is 30."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All counts at one moment. An extraction that came from the cache is none."""

    uptime_seconds: float
    requests: int
    successful: int
    failed: int
    seconds: float
    """What the successful extractions took together."""
    errors: dict[str, int]
    """By code: failed extractions, and requests that were refused."""
    failures_in_a_row: int
    """The last extractions that came to nothing, though the video may well be there."""
    hits: int
    misses: int
    buckets: tuple[int, ...]
    """Successful extractions by duration, one count more than :data:`BUCKETS`."""

    @property
    def total(self) -> int:
        """Extractions that came to an end."""
        return self.successful + self.failed

    @property
    def success_rate(self) -> float | None:
        """0..1."""
        return self.successful / self.total if self.total else None

    @property
    def mean_ms(self) -> float | None:
        """Of a successful extraction, in milliseconds."""
        return round(1000 * self.seconds / self.successful, 3) if self.successful else None

    @property
    def hit_rate(self) -> float | None:
        """0..1 of the times that the cache was asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


class Stats:
    """Counts, from any thread.

    >>> stats = Stats()
    >>> stats.extracted(0.2), stats.failed("VIDEO_UNAVAILABLE"), stats.looked_up(hit=True)
    (None, None, None)
    >>> stats.figures().success_rate, stats.figures().mean_ms, stats.figures().hit_rate
    (0.5, 200.0, 1.0)
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._started = clock, clock()
        self._lock = threading.Lock()
        self._errors: Counter[str] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._requests = self._successful = self._failed = self._hits = self._misses = 0
        self._in_a_row = 0
        self._seconds = 0.0

    def answered(self) -> None:
        """Count a request for an extraction, however it ended."""
        with self._lock:
            self._requests += 1

    def extracted(self, seconds: float) -> None:
        """Count an extraction that succeeded."""
        with self._lock:
            self._successful += 1
            self._seconds += seconds
            self._in_a_row = 0
            self._buckets[bisect_left(BUCKETS, seconds)] += 1

    def failed(self, code: str) -> None:
        """Count an extraction that failed."""
        with self._lock:
            self._failed += 1
            self._errors[code] += 1
            self._in_a_row = self._in_a_row + 1 if code == ExtractionFailed.code else 0

    def refused(self, code: str) -> None:
        """Count a request that came to no extraction."""
        with self._lock:
            self._errors[code] += 1

    def looked_up(self, *, hit: bool) -> None:
        """Count a question to the cache."""
        with self._lock:
            self._hits += hit
            self._misses += not hit

    def figures(self) -> Figures:
        """All counts as of now."""
        with self._lock:
            return Figures(
                round(self._clock() - self._started, 3),
                self._requests,
                self._successful,
                self._failed,
                self._seconds,
                dict(sorted(self._errors.items())),
                self._in_a_row,
                self._hits,
                self._misses,
                tuple(self._buckets),
            )


def prometheus(figures: Figures, running: int, cached: int) -> bytes:
    """Give the figures, and those of the process, as Prometheus reads them (text format 0.0.4)."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    registry.register(_Families(list(_families(figures, running, cached))))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Families:
    """What prometheus_client calls a collector."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _families(figures: Figures, running: int, cached: int) -> Iterator[Metric]:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    yield CounterMetricFamily("extraction_requests", "Requests for an extraction", figures.requests)
    ended = CounterMetricFamily(
        "extractions", "Extractions that came to an end", labels=["outcome"]
    )
    ended.add_metric(["successful"], figures.successful)
    ended.add_metric(["failed"], figures.failed)
    yield ended
    errors = CounterMetricFamily(
        "extraction_errors", "Failed extractions and refused requests", labels=["code"]
    )
    for code, count in figures.errors.items():
        errors.add_metric([code], count)
    yield errors
    lookups = CounterMetricFamily(
        "extraction_cache_lookups", "Questions to the cache", labels=["result"]
    )
    lookups.add_metric(["hit"], figures.hits)
    lookups.add_metric(["miss"], figures.misses)
    yield lookups
    bounds = [*map(str, BUCKETS), "+Inf"]
    yield HistogramMetricFamily(
        "extraction_seconds",
        "Duration of successful extractions",
        buckets=list(zip(bounds, map(float, accumulate(figures.buckets)), strict=True)),
        sum_value=figures.seconds,
    )
    yield GaugeMetricFamily("extractions_running", "Extractions under way", running)
    yield GaugeMetricFamily("extraction_cache_entries", "Answers in this process's memory", cached)
    yield GaugeMetricFamily("extraction_uptime_seconds", "Since the start", figures.uptime_seconds)
