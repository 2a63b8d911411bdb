"""Whether what the service depends on works: looked at now, or a few seconds ago, never assumed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from sorter_core.extraction.service import Extractor
from sorter_core.extraction.thumbnails.vision import VisionAnalyser

State = Literal["healthy", "unhealthy", "not_configured"]

OLDEST = (2026, 7, 4)
"""yt-dlp before it has CVE-2026-55404."""
FAILURES = 5
"""In a row: so many links at once are not all bad, it is TikTok or the network."""
SECONDS = 5.0
"""How long a look counts, so that a monitor costs nothing."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of each dependency: ``yt_dlp``, ``openai`` and ``redis``."""

    dependencies: dict[str, State]

    @property
    def status(self) -> Literal["healthy", "degraded"]:
        """Degraded as soon as something that is set up does not work."""
        return "degraded" if "unhealthy" in self.dependencies.values() else "healthy"


class Checks:
    """Looks after an extractor's dependencies; :meth:`now` may wait for the network."""

    def __init__(
        self, extractor: Extractor, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._extractor, self._clock = extractor, clock
        self._lock = threading.Lock()
        self._looked: tuple[float, Health] | None = None

    def recent(self) -> Health | None:
        """What was found in the last seconds, if anything was."""
        looked = self._looked
        return looked[1] if looked and self._clock() - looked[0] < SECONDS else None

    def now(self) -> Health:
        """Look, unless somebody did in the last seconds."""
        with self._lock:
            found = self.recent()
            if found is None:
                found = self._look()
                self._looked = self._clock(), found
            return found

    def _look(self) -> Health:
        vision, redis = self._extractor.analysers.get("vision"), self._extractor.redis
        return Health(
            {
                "yt_dlp": _state(works=recent_enough() and not failing(self._extractor)),
                "openai": _state(works=vision.reachable())
                if isinstance(vision, VisionAnalyser)
                else "not_configured",
                "redis": _state(works=redis.ping()) if redis else "not_configured",
            }
        )


def _state(*, works: bool) -> State:
    return "healthy" if works else "unhealthy"


def recent_enough() -> bool:
    """Whether yt-dlp is there, and not one with a known hole."""
    try:
        found = version("yt-dlp")
    except PackageNotFoundError:
        return False
    return tuple(int(part) for part in found.split(".")[:3] if part.isdecimal()) >= OLDEST


def failing(extractor: Extractor) -> bool:
    """Whether the last extractions failed, one and all, on TikTok's side or on the way there."""
    return extractor.stats.figures().failures_in_a_row >= FAILURES
