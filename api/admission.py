"""Who may have something extracted, and how often; every error on the way becomes an envelope."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

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
M = TypeVar("M", bound=BaseModel)
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
        told = ",".join(
            request.headers.getlist("x-forwarded-for")
        )  # a proxy may add a line of its own
        client = self._proxies.client(peer, told)
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
        """Wrap :meth:`handler`."""
        handler = self.handler()

        async def enveloped(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                return _invalid(request, "The request has the wrong shape.", _faults(error))
            except ExtractionError as error:
                return _failed(request, error)
            except InvalidInput as error:
                return _invalid(request, str(error), [])
            except HTTPException:
                raise  # the framing puts it into its envelope
            except Exception:
                log.exception("%s %s failed", request.method, request.url.path)
                what = "Something went wrong in the server; its log says what."
                return _failed(request, ExtractionFailed(what))

        return enveloped

    def handler(self) -> Handler:
        """Give what answers; its errors are the caller's."""
        return super().get_route_handler()


class GuardedRoute(EnvelopeRoute):
    """A route that wants the key and counts its callers, before it reads what they send.

    Its function takes the ``request`` and the model of its ``body``, and nothing else: FastAPI's own
    way to read them takes as long as all the rest of an answer from the cache.
    """

    def handler(self) -> Handler:
        """Admit, read, answer."""
        model: type[BaseModel] = get_type_hints(self.endpoint)["body"]

        async def guarded(request: Request) -> Response:
            try:
                await service_of(request).admit(request)
            except (RateLimited, ApiKeyInvalid) as error:
                service_of(request).extractor.stats.refused(error.code)
                raise
            answer: Response = await self.endpoint(await _body(request, model), request)
            return answer

        return guarded


async def _body(request: Request, model: type[M]) -> M:
    """Read the body. Raises :class:`InvalidInput` and ``RequestValidationError``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise InvalidInput("The body must be JSON, with the header content-type: application/json.")
    try:
        return model.model_validate_json(await request.body())
    except ClientDisconnect as error:
        raise InvalidInput("The body broke off.") from error
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False)
        raise RequestValidationError(
            [{**fault, "loc": ("body", *fault["loc"])} for fault in faults]
        ) from error


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
