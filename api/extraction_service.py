"""How the extraction service does: its health, its figures, what it takes."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api import envelopes
from api.admission import EnvelopeRoute, Service, service_of
from api.models import extraction_service as models
from api.models.extraction import REFUSED
from sorter_core import __version__
from sorter_core.extraction import links, stats
from sorter_core.extraction.thumbnails.vocabulary import LANGUAGES

PATHS = frozenset({"/health", "/supported-platforms", "/stats", "/metrics"})
URL_FORMS = [
    "https://www.tiktok.com/@name/video/ID",
    "https://m.tiktok.com/v/ID.html",
    "https://www.tiktok.com/t/CODE/",
    "https://vm.tiktok.com/CODE/",
    "https://vt.tiktok.com/CODE/",
    "https://www.tiktok.com/embed/v2/ID",
    "https://www.tiktokv.com/share/video/ID/",
]
FEATURES = ["metadata", "thumbnail_analysis", "transcript", "download"]

router = APIRouter(tags=["extraction"], route_class=EnvelopeRoute, responses=REFUSED)
metrics_router = APIRouter(tags=["extraction"], route_class=EnvelopeRoute, responses=REFUSED)


@router.head("/health", include_in_schema=False)  # monitors ask so
@router.get("/health", response_model=models.HealthAnswer)
async def health(request: Request) -> Response:
    """Say whether everything that is set up works; looked at in the last seconds."""
    service = service_of(request)
    found = service.checks.recent()
    if found is None:
        found = await run_in_threadpool(service.checks.now)
    figures = service.extractor.stats.figures()
    return _enveloped(
        request,
        models.Health(
            status=found.status,
            timestamp=envelopes.now(),
            version=__version__,
            dependencies=models.Dependencies(**found.dependencies),
            metrics=models.Metrics(
                uptime_seconds=figures.uptime_seconds,
                requests_processed=figures.requests,
                cache_hit_rate=figures.hit_rate,
            ),
        ),
    )


@router.get("/supported-platforms", response_model=models.PlatformsAnswer)
async def supported_platforms(request: Request) -> Response:
    """Say which links are taken, and how many."""
    service = service_of(request)
    tiktok = models.Platform(
        name="tiktok", domains=list(links.DOMAINS), url_forms=URL_FORMS, features=FEATURES
    )
    return _enveloped(
        request,
        models.Platforms(
            platforms=[tiktok],
            limits=models.ServiceLimits(
                max_urls_per_batch=service.settings.max_urls_per_batch,
                rate_limit_per_minute=service.settings.max_requests_per_minute,
                max_video_duration=service.settings.max_video_seconds,
            ),
            languages=list(LANGUAGES),
            analysers=list(service.extractor.analysers),
        ),
    )


@router.get("/stats", response_model=models.StatisticsAnswer)
async def statistics(request: Request) -> Response:
    """Give what was counted since the start of this process."""
    service = service_of(request)
    figures = service.extractor.stats.figures()
    return _enveloped(
        request,
        models.Statistics(
            uptime_seconds=figures.uptime_seconds,
            requests_processed=figures.requests,
            extractions=models.Extractions(
                total=figures.total,
                successful=figures.successful,
                failed=figures.failed,
                success_rate=figures.success_rate,
                mean_time_ms=figures.mean_ms,
                running=service.extractor.running,
            ),
            error_breakdown=figures.errors,
            cache=_cache(service, figures),
        ),
    )


def _cache(service: Service, figures: stats.Figures) -> models.CacheFigures:
    size = service.extractor.memory.size()
    return models.CacheFigures(
        enabled=service.settings.cache_enabled,
        redis=service.extractor.redis is not None,
        hits=figures.hits,
        misses=figures.misses,
        hit_rate=figures.hit_rate,
        entries=size.entries,
        size_bytes=size.bytes,
    )


@metrics_router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Give the same figures to Prometheus."""
    extractor = service_of(request).extractor
    entries = extractor.memory.size().entries
    text = stats.prometheus(extractor.stats.figures(), extractor.running, entries)
    return Response(text, media_type=stats.PROMETHEUS)


def _enveloped(request: Request, data: BaseModel) -> Response:
    return envelopes.success(request, data.model_dump_json().encode())
