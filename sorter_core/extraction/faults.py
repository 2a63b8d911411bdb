"""yt-dlp's errors as the documented codes, by their type and by the extractor's own texts.

The texts are those of ``yt_dlp/extractor/tiktok.py``; a test holds each against the installed one.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from sorter_core.extraction.errors import (
    ExtractionError,
    ExtractionFailed,
    InvalidUrl,
    VideoUnavailable,
)

if TYPE_CHECKING:
    from sorter_core.extraction.egress import Egress

COOKIES = "Set COOKIES_FILE to the cookies of a browser that is logged in to TikTok"
PROXY = "set PROXY_URL to a proxy elsewhere"
BLOCKED = f"TikTok blocks this address. Try again later, or {PROXY}. {COOKIES}."
UNREADABLE = "TikTok's answer could not be read. A newer yt-dlp may know it: pip install -U yt-dlp"
CERTIFICATE = (
    "The certificate is not trusted. Where a proxy (ScraperAPI too) signs with its own, put that into a file "
    "with the public ones and name it in SSL_CERT_FILE."
)

UNAVAILABLE = {
    "You do not have permission to view this post": f"The video is private. {COOKIES} and may see it.",
    "may not be comfortable for some audiences": f"The video is age-restricted. {COOKIES}.",
    "Your IP address is blocked from accessing this post": "The video was deleted, or is not shown to this "
    f"address; if others see it, {PROXY}.",
    "Video not available, status code": f"The video was deleted, or is not shown in this region; then {PROXY}.",
}
FULL = f"[Errno {errno.ENOSPC}]"
"""yt-dlp's downloader tells of a fault of the disk only in words."""
LOGIN = "TikTok is requiring login"
ROBOT_CHECKS = (
    "Unable to extract challenge data",
    "Unexpected response from webpage request",
    "Unable to solve JS challenge",
    "Unable to extract universal data for rehydration",
)
_STATUS: dict[int, type[ExtractionError]] = {
    HTTPStatus.NOT_FOUND: VideoUnavailable,
    HTTPStatus.GONE: VideoUnavailable,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: VideoUnavailable,
}


def translated(error: BaseException, egress: Egress) -> ExtractionError:
    """The documented error for what yt-dlp raised; ``egress`` knows what it would not open."""
    from yt_dlp.utils import ExtractorError

    if isinstance(error, ExtractionError):
        return error
    if egress.refused:
        return unreachable(egress)
    chain = list(_causes(error))
    if any(getattr(cause, "errno", None) == errno.ENOSPC for cause in chain) or FULL in str(error):
        return ExtractionFailed("The disk is full. Free some space.")
    texts = [cause.orig_msg for cause in chain if isinstance(cause, ExtractorError)]
    return _of_text(" ".join(texts)) or _of_network(chain, egress) or _of_type(chain)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it was caused by in yt-dlp's several ways of saying so."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner = getattr(error, "exc_info", None)
        cause = getattr(error, "cause", None)
        if inner and inner[1] is not None and inner[1] is not error:
            error = inner[1]
        else:
            error = cause if isinstance(cause, BaseException) else error.__cause__


def _of_text(text: str) -> ExtractionError | None:
    cause = text.partition(" Use --")[0][:200]  # behind it stand options of yt-dlp's command line
    for known, message in UNAVAILABLE.items():
        if known in text:
            return VideoUnavailable(message, cause=cause)
    if LOGIN in text:
        return ExtractionFailed(f"TikTok asks for a login. {COOKIES}.", cause=cause)
    if any(known in text for known in ROBOT_CHECKS):
        message = f"TikTok answered with a check for robots. Try again, or {PROXY}. {COOKIES}."
        return ExtractionFailed(message, passing=True, cause=cause)
    return None


def _of_network(chain: list[BaseException], egress: Egress) -> ExtractionError | None:
    from yt_dlp.networking import exceptions as network

    for cause in chain:
        if isinstance(cause, network.HTTPError):
            return of_status(cause.status)
        if isinstance(cause, network.CertificateVerifyError):
            return ExtractionFailed(CERTIFICATE)
    if any(isinstance(cause, network.RequestError) for cause in chain):
        return unreachable(egress)
    return None


def unreachable(egress: Egress) -> ExtractionError:
    """Why there was no connection, as far as ``egress`` knows."""
    if egress.refused:
        return ExtractionFailed(f"TikTok's answer led astray: {egress.refused[-1]}.")
    if egress.broken:
        return ExtractionFailed(f"TikTok can't be reached: {egress.broken[-1]}.", passing=True)
    return ExtractionFailed("The connection to TikTok broke. Try again.", passing=True)


def of_status(status: int) -> ExtractionError:
    """The error for an HTTP status (RFC 9110) of TikTok or of its media hosts."""
    if kind := _STATUS.get(status):
        return kind("The video is not there (any more), or not in this region.", status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        message = f"TikTok was asked too often from this address. Wait, or {PROXY}."
        return ExtractionFailed(message, passing=True, status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = "TikTok has a fault of its own at the moment. Try again later."
        return ExtractionFailed(message, passing=True, status=status)
    return ExtractionFailed(BLOCKED, status=status)


def _of_type(chain: list[BaseException]) -> ExtractionError:
    from yt_dlp.utils import GeoRestrictedError, UnsupportedError

    for cause in chain:
        if isinstance(cause, GeoRestrictedError):
            return VideoUnavailable(f"The video is not shown in this region; {PROXY}.")
        if isinstance(cause, UnsupportedError):
            return InvalidUrl("This is no link to a TikTok video.")
        if isinstance(cause, MemoryError):
            return ExtractionFailed("TikTok's answer was too big.")
    return ExtractionFailed(UNREADABLE, cause=type(chain[-1]).__name__)
