"""What an extraction can fail with; ``code`` is the contract's.

ExtractionError
├── InvalidUrl                  INVALID_URL: not a link to a TikTok video
├── NotVideoContent             NOT_VIDEO_CONTENT: a photo post, a profile, a live
├── VideoTooLong                VIDEO_TOO_LONG: longer than the limit
├── VideoUnavailable            VIDEO_UNAVAILABLE: private, deleted, region- or age-restricted
├── ExtractionFailed            EXTRACTION_FAILED: blocked, timed out, broken upstream
├── ThumbnailAnalysisFailed     THUMBNAIL_ANALYSIS_FAILED
├── RateLimited                 RATE_LIMIT_EXCEEDED: this service's own limit
└── ApiKeyInvalid               API_KEY_INVALID
"""

from __future__ import annotations

from typing import Any, ClassVar

from sorter_core.errors import InvalidInput, NotFound, SorterError


class ExtractionError(SorterError):
    """Base of all: ``str(error)`` says what to try, ``details`` is plain JSON without secrets.

    >>> VideoTooLong("The video is too long.", seconds=4000).details
    {'seconds': 4000}
    """

    code: ClassVar[str] = "EXTRACTION_FAILED"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details: dict[str, Any] = details


class InvalidUrl(ExtractionError, InvalidInput):
    """Not a link to a TikTok video."""

    code = "INVALID_URL"


class NotVideoContent(ExtractionError, InvalidInput):
    """A TikTok link, but to a photo post, a profile or a live."""

    code = "NOT_VIDEO_CONTENT"


class VideoTooLong(ExtractionError, InvalidInput):
    """Longer than the limit."""

    code = "VIDEO_TOO_LONG"


class VideoUnavailable(ExtractionError, NotFound):
    """Private, deleted, region- or age-restricted; or it has not what was asked for."""

    code = "VIDEO_UNAVAILABLE"


class ExtractionFailed(ExtractionError):
    """Blocked, timed out, broken upstream. ``passing``: another try may succeed."""

    def __init__(self, message: str, *, passing: bool = False, **details: Any) -> None:
        super().__init__(message, **details)
        self.passing = passing


class ThumbnailAnalysisFailed(ExtractionError):
    """The thumbnail could not be fetched or analysed."""

    code = "THUMBNAIL_ANALYSIS_FAILED"


class RateLimited(ExtractionError):
    """Too many requests; ``retry_after`` is in seconds."""

    code = "RATE_LIMIT_EXCEEDED"

    def __init__(self, message: str, retry_after: float = 60.0, **details: Any) -> None:
        super().__init__(message, retry_after=retry_after, **details)
        self.retry_after = retry_after


class ApiKeyInvalid(ExtractionError):
    """The key is missing or wrong."""

    code = "API_KEY_INVALID"


BY_CODE: dict[str, type[ExtractionError]] = {
    kind.code: kind
    for kind in (
        InvalidUrl,
        NotVideoContent,
        VideoTooLong,
        VideoUnavailable,
        ExtractionFailed,
        ThumbnailAnalysisFailed,
    )
}
"""The errors that a worker process can report."""
