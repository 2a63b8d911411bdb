"""Who may have something extracted, and how often; every error on the way becomes an envelope."""

import logging
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import envelopes, keys
from sorter_core.errors import InvalidInput
from sorter_core.extraction import logs
from sorter_core.extraction.errors import (
    ApiKeyInvalid,
    ExtractionError,
    ExtractionFailed,
    RateLimited,
)
from sorter_core.extraction.health import Checks
from sorter_core.extraction.limits import Allowance, Proxies, RateLimits, by_address, by_key
from sorter_core.extraction.logs import Redactor
from sorter_core.extraction.service import Extractor
from sorter_core.settings import Settings

log = logging.getLogger(f"{logs.ROOT}.http")  # below it lines lose their secrets
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Service:
    """The extractor, and what stands before it; one for an application.

    Raises :class:`InvalidInput` where the settings are malformed.
    """

    def __init__(self, settings: Settings, extractor: Extractor) -> None:
        self.settings, self.extractor = settings, extractor
        self.checks, self.redact = Checks(extractor), Redactor(settings)
        self._limits = RateLimits(settings.max_requests_per_minute, extractor.redis)
        self._proxies = Proxies(settings.trusted_proxies)
        self._key = settings.api_key.get_secret_value().strip() if settings.api_key else ""

    async def admit(self, request: Request) -> None:
        """Count the request, by its address and by its key, and judge the key.

        The address comes first, so that guessing keys is counted too. Leaves what is left to the
        caller in ``request.state.allowance``. Raises
        :class:`~sorter_core.extraction.errors.RateLimited` and
        :class:`~sorter_core.extraction.errors.ApiKeyInvalid`.
        """
        peer = request.client.host if request.client else "unknown"
        client = self._proxies.client(peer, request.headers.get("x-forwarded-for", ""))
        await self._count(request, by_address(client))
        if not self._key:
            return
        if not keys.opens(request.headers, self._key):
            raise ApiKeyInvalid("The key is missing or wrong: send it as the header x-api-key.")
        await self._count(request, by_key(self._key))

    async def _count(self, request: Request, who: str) -> None:
        take, state = self._limits.take, request.state
        taken = await run_in_threadpool(take, who) if self._limits.waits else take(who)
        before: Allowance | None = getattr(state, "allowance", None)
        tighter = before is None or taken.remaining < before.remaining
        state.allowance = taken if tighter else before
        if not taken.allowed:
            state.allowance = taken
            raise RateLimited(
                f"More than {taken.limit} requests a minute; wait {taken.retry_after} s.",
                taken.retry_after,
                limit=taken.limit,
            )


def service_of(request: Request) -> Service:
    """Give the application's service."""
    found: Service = request.app.state.extraction
    return found


class EnvelopeRoute(APIRoute):
    """A route whose errors are answered in the envelope, wrong bodies included."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler."""
        handler = super().get_route_handler()

        async def enveloped(request: Request) -> Response:
            try:
                return await self.answered(request, handler)
            except RequestValidationError as error:
                return _invalid(request, "The request has the wrong shape.", _faults(error))
            except ExtractionError as error:
                return _failed(request, error)
            except InvalidInput as error:
                return _invalid(request, str(error), [])
            except HTTPException as error:
                if error.status_code != HTTPStatus.BAD_REQUEST:
                    raise  # the framing puts it into its envelope
                return _invalid(request, "The body can't be read.", [])
            except Exception:
                log.exception("%s %s failed", request.method, request.url.path)
                what = "Something went wrong in the server; its log says what."
                return _failed(request, ExtractionFailed(what))

        return enveloped

    async def answered(self, request: Request, handler: Handler) -> Response:
        """Answer; errors are the caller's."""
        return await handler(request)


class GuardedRoute(EnvelopeRoute):
    """A route that wants the key and counts its callers, before it reads what they send."""

    async def answered(self, request: Request, handler: Handler) -> Response:
        """Admit, then answer."""
        try:
            await service_of(request).admit(request)
        except (RateLimited, ApiKeyInvalid) as error:
            service_of(request).extractor.stats.refused(error.code)
            raise
        return await handler(request)


def _invalid(request: Request, message: str, faults: list[dict[str, Any]]) -> Response:
    service_of(request).extractor.stats.refused(envelopes.VALIDATION_ERROR)
    status = envelopes.STATUS[envelopes.VALIDATION_ERROR]
    details = {"errors": faults} if faults else {}
    return envelopes.failure(request.scope, status, envelopes.VALIDATION_ERROR, message, details)


def _failed(request: Request, error: ExtractionError) -> Response:
    redact = service_of(request).redact
    return envelopes.failed(request.scope, error, redact)


def _faults(error: RequestValidationError) -> list[dict[str, Any]]:
    """Without the echo of the input, which JSON may be unable to carry (NaN, U+D800)."""
    return [{key: fault[key] for key in ("type", "loc", "msg")} for fault in error.errors()]
