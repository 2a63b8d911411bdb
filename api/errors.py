"""One mapping from what the core raises to what HTTP says; every answer is ``{"detail": str}``."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from api.models.base import Detail
from sorter_core import errors

log = logging.getLogger(__name__)

STATUS: Mapping[type[errors.SorterError], HTTPStatus] = {
    errors.InvalidInput: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.NoLibrary: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ReadOnly: HTTPStatus.FORBIDDEN,
    errors.StorageError: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.ModelMissing: HTTPStatus.NOT_FOUND,
    errors.LearningError: HTTPStatus.CONFLICT,
    errors.JobError: HTTPStatus.CONFLICT,
    errors.SorterError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


EVERYWHERE: dict[int | str, dict[str, Any]] = {
    400: {"model": Detail, "description": "The request can't be read"},
    401: {"model": Detail, "description": "The server wants its key, in the header `x-api-key`"},
    403: {"model": Detail, "description": "Another site's page, or another machine, asks"},
    413: {"model": Detail, "description": "The request is larger than 1 MiB"},
    421: {"model": Detail, "description": "The server does not answer to this `Host`"},
}
"""What stands in front of each route may answer, as FastAPI's ``responses``."""


def status_of(error: errors.SorterError) -> HTTPStatus:
    """Give the status of the error's nearest ancestor in :data:`STATUS`.

    >>> int(status_of(errors.TargetExists("It is there already.")))
    409
    """
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def explain(*kinds: type[errors.SorterError]) -> dict[int | str, dict[str, Any]]:
    """Tell what a route may raise, as FastAPI's ``responses``.

    >>> list(explain(errors.InvalidName, errors.VideoNotFound))
    [400, 404, 503]
    """
    found: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, errors.NoLibrary):
        status = int(STATUS[next(base for base in kind.__mro__ if base in STATUS)])
        text = (kind.__doc__ or "").rstrip(".")
        said = found.get(status, {}).get("description")
        found[status] = {"model": Detail, "description": f"{said}; {text}" if said else text}
    return found


def install(app: FastAPI) -> None:
    """Let ``app`` answer every fault in the one form."""
    app.add_exception_handler(errors.SorterError, _known)
    app.add_exception_handler(RequestValidationError, _wrong_shape)
    app.add_exception_handler(Exception, _unexpected)


async def _known(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, errors.SorterError):  # for the type checker: registered for these only
        raise error
    return JSONResponse({"detail": str(error)}, status_of(error))


async def _wrong_shape(_request: Request, error: Exception) -> JSONResponse:
    """FastAPI's 422 without the echo of the input, which JSON may be unable to carry (NaN, U+D800)."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    detail = [{key: fault[key] for key in ("type", "loc", "msg")} for fault in faults]
    return JSONResponse({"detail": detail}, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "Something went wrong in the server; its log says what."
    return JSONResponse({"detail": detail}, HTTPStatus.INTERNAL_SERVER_ERROR)
