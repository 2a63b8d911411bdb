"""The extraction service itself: its health, its figures, what it takes."""

from typing import Any, Literal

from pydantic import BaseModel

from api.models.base import example
from api.models.extraction import Metadata, shown

State = Literal["healthy", "unhealthy", "not_configured"]


class Dependencies(BaseModel):
    """What the service depends on, looked at in the last seconds."""

    model_config = example(yt_dlp="healthy", openai="not_configured", redis="not_configured")
    yt_dlp: State
    openai: State
    redis: State


class Metrics(BaseModel):
    """Since the start of this process; null where nothing was counted yet."""

    model_config = example(uptime_seconds=86400.5, requests_processed=512, cache_hit_rate=0.41)
    uptime_seconds: float
    requests_processed: int
    cache_hit_rate: float | None


class Health(BaseModel):
    """Degraded as soon as something that is set up does not work."""

    model_config = example(
        status="healthy",
        timestamp="2026-01-31T09:30:02Z",
        version="0.1.0",
        dependencies=shown(Dependencies),
        metrics=shown(Metrics),
    )
    status: Literal["healthy", "degraded"]
    timestamp: str
    version: str
    dependencies: Dependencies
    metrics: Metrics


class Extractions(BaseModel):
    """Answers that had to be made; those from the cache are none."""

    model_config = example(
        total=300, successful=291, failed=9, success_rate=0.97, mean_time_ms=1422.7, running=2
    )
    total: int
    successful: int
    failed: int
    success_rate: float | None
    mean_time_ms: float | None
    running: int


class CacheFigures(BaseModel):
    """The cache in this process's memory; Redis, where one is set, holds the same for all processes."""

    model_config = example(
        enabled=True,
        redis=False,
        hits=212,
        misses=300,
        hit_rate=0.41,
        entries=291,
        size_bytes=803210,
    )
    enabled: bool
    redis: bool
    hits: int
    misses: int
    hit_rate: float | None
    entries: int
    size_bytes: int


class Statistics(BaseModel):
    """Counted since the start of this process, never made up."""

    model_config = example(
        uptime_seconds=86400.5,
        requests_processed=512,
        extractions=shown(Extractions),
        error_breakdown={"VIDEO_UNAVAILABLE": 9, "INVALID_URL": 4},
        cache=shown(CacheFigures),
    )
    uptime_seconds: float
    requests_processed: int
    extractions: Extractions
    error_breakdown: dict[str, int]
    cache: CacheFigures


class Platform(BaseModel):
    """A site whose links are taken."""

    model_config = example(
        name="tiktok",
        domains=["tiktok.com", "tiktokv.com"],
        url_forms=["https://www.tiktok.com/@name/video/ID"],
        features=["metadata", "thumbnail_analysis", "transcript", "download"],
    )
    name: str
    domains: list[str]
    url_forms: list[str]
    features: list[str]


class ServiceLimits(BaseModel):
    """What one request, one minute and one video may be at most; the last in seconds."""

    model_config = example(max_urls_per_batch=3, rate_limit_per_minute=60, max_video_duration=3600)
    max_urls_per_batch: int
    rate_limit_per_minute: int
    max_video_duration: int


_PLATFORMS: dict[str, Any] = {
    "platforms": [shown(Platform)],
    "limits": shown(ServiceLimits),
    "languages": ["en", "id"],
    "analysers": ["local"],
}


class Platforms(BaseModel):
    """What the service takes, and how much of it."""

    model_config = example(**_PLATFORMS)
    platforms: list[Platform]
    limits: ServiceLimits
    languages: list[str]
    analysers: list[str]


_METADATA = shown(Metadata)


class HealthAnswer(BaseModel):
    """Every value is measured."""

    model_config = example(success=True, data=shown(Health), metadata=_METADATA)
    success: Literal[True]
    data: Health
    metadata: Metadata


class StatisticsAnswer(BaseModel):
    """Every value is counted."""

    model_config = example(success=True, data=shown(Statistics), metadata=_METADATA)
    success: Literal[True]
    data: Statistics
    metadata: Metadata


class PlatformsAnswer(BaseModel):
    """What the service takes."""

    model_config = example(success=True, data=_PLATFORMS, metadata=_METADATA)
    success: Literal[True]
    data: Platforms
    metadata: Metadata
