"""The envelope around every answer of the extraction calls, successes and errors alike."""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from starlette.types import Scope

from api.models.extraction import API_VERSION
from sorter_core.extraction.errors import (
    ApiKeyInvalid,
    ExtractionError,
    ExtractionFailed,
    InvalidUrl,
    NotVideoContent,
    RateLimited,
    ThumbnailAnalysisFailed,
    VideoTooLong,
    VideoUnavailable,
)

VALIDATION_ERROR = "VALIDATION_ERROR"
STATUS: Mapping[str, HTTPStatus] = {
    InvalidUrl.code: HTTPStatus.BAD_REQUEST,
    NotVideoContent.code: HTTPStatus.BAD_REQUEST,
    VideoTooLong.code: HTTPStatus.BAD_REQUEST,
    ApiKeyInvalid.code: HTTPStatus.UNAUTHORIZED,
    VideoUnavailable.code: HTTPStatus.NOT_FOUND,
    VALIDATION_ERROR: HTTPStatus.UNPROCESSABLE_ENTITY,
    RateLimited.code: HTTPStatus.TOO_MANY_REQUESTS,
    ExtractionFailed.code: HTTPStatus.BAD_GATEWAY,
    ThumbnailAnalysisFailed.code: HTTPStatus.BAD_GATEWAY,
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FRAMED = "framed"


def request_id(given: str | None) -> str:
    """Take over the client's id where it is harmless in a log and in a header, else draw one.

    >>> request_id("job-17"), len(request_id("two words")), len(request_id(None))
    ('job-17', 32, 32)
    """
    return given if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def now() -> str:
    """The time as the contract writes it: UTC, ISO 8601, Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def success(request: Request, data: bytes) -> Response:
    """Put ``data``, which is JSON already, into the envelope."""
    return Response(
        b'{"success":true,"data":%b,"metadata":%b}' % (data, _metadata(request.scope)),
        media_type="application/json",
    )


def failure(
    scope: Scope, status: int, code: str, message: str, details: dict[str, Any]
) -> Response:
    """Put an error into the envelope."""
    scope["state"][_FRAMED] = True
    error = json.dumps({"code": code, "message": message, "details": details}, default=str)
    body = b'{"success":false,"error":%b,"metadata":%b}' % (error.encode(), _metadata(scope))
    return Response(body, status, media_type="application/json")


def failed(scope: Scope, error: ExtractionError, redact: Callable[[str], str]) -> Response:
    """The same for an error of the service, with the headers that belong to it."""
    message = redact(str(error))
    answer = failure(scope, STATUS[error.code], error.code, message, error.details)
    if isinstance(error, RateLimited):
        answer.headers["retry-after"] = str(int(error.retry_after))
    return answer


def is_framed(scope: Scope) -> bool:
    """Whether the answer is in its envelope already."""
    return bool(scope["state"].get(_FRAMED))


def code_of(status: int) -> str:
    """Name an error that the contract does not list.

    >>> code_of(401), code_of(413), code_of(405)
    ('API_KEY_INVALID', 'VALIDATION_ERROR', 'METHOD_NOT_ALLOWED')
    """
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return VALIDATION_ERROR
    known = {
        HTTPStatus.UNAUTHORIZED: ApiKeyInvalid.code,
        HTTPStatus.UNPROCESSABLE_ENTITY: VALIDATION_ERROR,
    }
    return known.get(HTTPStatus(status)) or HTTPStatus(status).name


def _metadata(scope: Scope) -> bytes:
    return b'{"request_id":"%b","api_version":"%b","timestamp":"%b"}' % (
        scope["state"]["request_id"].encode(),
        API_VERSION.encode(),
        now().encode(),
    )
