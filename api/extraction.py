"""From a TikTok link to metadata, over HTTP: section 2 of the contract."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.middleware import Middleware
from starlette.types import Scope

from api import envelopes, extraction_service
from api.admission import GuardedRoute, Service, service_of
from api.framing import Framing
from api.models import extraction as models
from sorter_core.errors import InvalidInput
from sorter_core.extraction import logs
from sorter_core.extraction.errors import ExtractionError
from sorter_core.extraction.orders import Order
from sorter_core.extraction.service import Answer, Extractor, shared
from sorter_core.settings import Settings
from sorter_core.settings import settings as process_settings

PATHS = frozenset({"/extract", "/extract/batch", "/extract-transcript", "/extract-thumbnail"})
ALL_PATHS = PATHS | extraction_service.PATHS
HEADERS = (
    "x-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
)
"""What a page of another origin may read, where one is let in."""
_PAGE = "/extract"
"""Of Streamlit's page too: who only reads gets the page, who posts gets the API."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Let what is under way at the end come to its own end; requests have been answered by then."""
    service: Service = app.state.extraction
    logs.configure(service.settings)
    yield
    await asyncio.to_thread(service.extractor.close)


router = APIRouter(
    tags=["extraction"], route_class=GuardedRoute, responses=models.ERRORS, lifespan=_lifespan
)


@router.post("/extract", response_model=models.ExtractAnswer)
async def extract(body: models.ExtractRequest, request: Request) -> Response:
    """Tell what is known of the video behind a link; from the cache where it may."""
    extractor = service_of(request).extractor
    order = extractor.order(
        body.url,
        thumbnail=body.include_thumbnail_analysis,
        transcript=body.include_transcript,
        cache_ttl=body.cache_ttl,
        language=body.language,
        analyser=body.analyser,
        captions=body.preferred_language,
    )
    return await _enveloped(request, extractor, order)


@router.post("/extract-transcript", response_model=models.TranscriptEnvelope)
async def extract_transcript(body: models.TranscriptRequest, request: Request) -> Response:
    """Give the video's own captions: manual ones first, then automatic ones."""
    extractor = service_of(request).extractor
    order = extractor.order(
        body.url, "transcript", captions=body.preferred_language, cache_ttl=body.cache_ttl
    )
    return await _enveloped(request, extractor, order)


@router.post("/extract-thumbnail", response_model=models.ThumbnailEnvelope)
async def extract_thumbnail(body: models.ThumbnailRequest, request: Request) -> Response:
    """Analyse the thumbnail alone, and fail where that fails."""
    extractor = service_of(request).extractor
    order = extractor.order(
        body.url,
        "thumbnail",
        language=body.language,
        analyser=body.analyser,
        cache_ttl=body.cache_ttl,
    )
    return await _enveloped(request, extractor, order)


async def _enveloped(request: Request, extractor: Extractor, order: Order) -> Response:
    return envelopes.success(request, (await _answer(extractor, order)).json())


async def _answer(extractor: Extractor, order: Order) -> Answer:
    """An answer from memory comes at once, and costs no thread."""
    began = time.perf_counter()
    ready = extractor.ready(order)
    return ready or Answer(await asyncio.wrap_future(extractor.start(order)), began)


class _Outcome(NamedTuple):
    """What became of one link of a batch."""

    url: str
    answer: Answer | None
    error: ExtractionError | None


@router.post("/extract/batch", response_model=models.BatchAnswer)
async def extract_batch(body: models.BatchRequest, request: Request) -> Response:
    """Do the same for several links; a bad one never fails the others."""
    service, began = service_of(request), time.perf_counter()
    most = service.settings.max_urls_per_batch
    if len(body.urls) > most:
        raise InvalidInput(f"At most {most} links in one batch; these are {len(body.urls)}.")

    def order(url: str) -> Order:
        return service.extractor.order(
            url,
            thumbnail=body.include_thumbnail_analysis,
            transcript=body.include_transcript,
            cache_ttl=body.cache_ttl,
            language=body.language,
        )

    tasks = (_outcome(service.extractor, url, order) for url in body.urls)
    outcomes = (
        await asyncio.gather(*tasks) if body.parallel_processing else [await task for task in tasks]
    )
    return envelopes.success(request, _batch(outcomes, service, began))


async def _outcome(extractor: Extractor, url: str, order: Callable[[str], Order]) -> _Outcome:
    try:
        return _Outcome(url, await _answer(extractor, order(url)), None)
    except ExtractionError as error:
        return _Outcome(url, None, error)


def _batch(outcomes: list[_Outcome], service: Service, began: float) -> bytes:
    good = [
        b'{"url":%b,"status":"success","data":%b}' % (json.dumps(url).encode(), answer.json())
        for url, answer, _ in outcomes
        if answer
    ]
    bad = [
        {
            "url": url,
            "status": "failed",
            "error": {"code": error.code, "message": service.redact(str(error))},
        }
        for url, _, error in outcomes
        if error
    ]
    summary = {
        "total_requested": len(outcomes),
        "successful": len(good),
        "failed": len(bad),
        "processing_time_ms": round(1000 * (time.perf_counter() - began), 3),
    }
    return b'{"processed":[%b],"failed":%b,"summary":%b}' % (
        b",".join(good),
        json.dumps(bad).encode(),
        json.dumps(summary).encode(),
    )


def install(app: FastAPI, settings: Settings, extractor: Extractor | None = None) -> None:
    """Give the routers what they need; as the last thing, since the framing stands in front of all else.

    Raises :class:`InvalidInput` where the settings are malformed.
    """
    extractor = extractor or _extractor(settings)
    app.state.extraction = Service(settings, extractor)
    if settings.enable_metrics:
        app.include_router(extraction_service.metrics_router)
    app.add_middleware(Framing, serves=_ours, stats=extractor.stats)


def _extractor(settings: Settings) -> Extractor:
    """With the settings of this process, pages and calls share one; the address is of no account."""
    address = {"host": settings.host, "port": settings.port}
    mine = process_settings().model_copy(update=address)
    return shared() if settings == mine else Extractor(settings)


def _ours(scope: Scope) -> bool:
    return scope["path"] in ALL_PATHS


def serves(scope: Scope) -> bool:
    """Whether Streamlit is to hand this request on."""
    reads_page = scope["path"] == _PAGE and scope["method"] in {"GET", "HEAD"}
    return _ours(scope) and not reads_page


def outer_framing(settings: Settings) -> Middleware:
    """The framing for Streamlit, in front of the Guard that stands before pages and calls alike.

    Raises as :func:`install`.
    """
    return Middleware(Framing, serves=serves, stats=_extractor(settings).stats)
