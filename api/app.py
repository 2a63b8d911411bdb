"""The FastAPI application."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import (
    bulk,
    diagnostics,
    documentation,
    downloads,
    duplicates,
    encoders,
    errors,
    extraction,
    extraction_service,
    files,
    fill,
    folders,
    importing,
    library,
    moves,
    proposals,
    retraining,
    search,
    service,
    texts,
)
from api.limits import BodyLimit
from api.origins import allowed_origins
from api.security import Guard
from sorter_core import Settings, Sorter, __version__
from sorter_core.app import shared
from sorter_core.extraction.service import Extractor

ROUTERS = (
    extraction.router,  # first: routes are tried in turn, and this one has a thousand calls a second
    extraction_service.router,
    library.router,
    moves.router,
    bulk.router,
    proposals.router,
    folders.router,
    duplicates.router,
    retraining.router,
    search.router,
    diagnostics.router,
    downloads.router,
    fill.router,
    importing.router,
    encoders.router,
    texts.router,
    files.router,
    service.router,
    documentation.router,
)


def create_app(
    sorter: Sorter | None = None,
    settings: Settings | None = None,
    extractor: Extractor | None = None,
) -> FastAPI:
    """Make the application over ``sorter``; by default over the one that this process shares.

    Raises :class:`InvalidInput` where the settings would let strangers in.
    """
    sorter = sorter or (Sorter(settings) if settings else shared())
    settings = settings or sorter.settings
    app = FastAPI(
        title="TikTok Sorter",
        version=__version__,
        description='Sorts a pile of saved videos into your own folders. Errors are `{"detail": str}`, '
        "but the extraction calls answer in envelopes, errors included; "
        "a server that other machines can reach wants its key in the header `x-api-key`.",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI's own
        responses=errors.EVERYWHERE,
    )
    app.state.sorter = sorter
    app.state.settings = settings
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    app.add_middleware(BodyLimit)
    if origins := allowed_origins(settings):
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["content-type", "x-api-key", "x-request-id", "range"],
            expose_headers=["content-range", "etag", *extraction.HEADERS],
        )
    Guard(app, settings=settings)  # unsafe settings are to stop the start, not the first request
    app.add_middleware(Guard, settings=settings)  # the last one added stands in front
    extraction.install(app, settings, extractor)
    return app
