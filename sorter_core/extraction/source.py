"""Where metadata comes from: the seam between the service and TikTok."""

from __future__ import annotations

import base64
import logging
import os
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sorter_core.extraction import info, links
from sorter_core.extraction.errors import (
    ExtractionError,
    ExtractionFailed,
    ThumbnailAnalysisFailed,
    VideoUnavailable,
)
from sorter_core.extraction.info import Transcript, VideoInfo
from sorter_core.extraction.tiktok import Report, Setup
from sorter_core.extraction.workers import Workers, ignore, never
from sorter_core.settings import Settings

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

log = logging.getLogger(__name__)

TRIES = 3
FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0
"""Seconds between two tries; stamina doubles them and adds jitter."""
DOWNLOAD_SECONDS = 900
"""For one video; one that stalls ends sooner."""
SCRAPERAPI = "http://scraperapi:{key}@proxy-server.scraperapi.com:8001"
"""Its "proxy port method" (docs.scraperapi.com); its certificate goes into SSL_CERT_FILE."""


class Source(Protocol):
    """What the service asks for; may be called from many threads, each call blocks its own."""

    def video(self, url: str) -> VideoInfo:
        """The metadata of the video that ``url`` (any form, also short) leads to.

        Raises an :class:`~sorter_core.extraction.errors.ExtractionError`.
        """

    def transcript(self, url: str, language: str | None) -> Transcript:
        """The video's own captions, nearest to ``language`` (BCP 47); manual before automatic.

        Raises :class:`~sorter_core.extraction.errors.VideoUnavailable` where it has none.
        """

    def fetch_thumbnail(self, url: str) -> bytes:
        """The picture at ``url``: JPEG, PNG, WebP, GIF, HEIC or AVIF, within limits of size and time.

        Raises :class:`~sorter_core.extraction.errors.ThumbnailAnalysisFailed`.
        """

    def close(self) -> None:
        """End the workers; what still runs in them fails."""


class YtDlpSource:
    """TikTok by way of yt-dlp, in ``max_concurrent_extractions`` processes, started as needed.

    ``ca_file`` holds the certificates to trust; by default what SSL_CERT_FILE names, else the
    public ones. ``first_wait``: seconds before the second try.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ca_file: Path | None = None,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        self._seconds = settings.extraction_timeout
        self._first_wait = first_wait
        self.workers = Workers(settings.max_concurrent_extractions, _setup(settings, ca_file))

    def video(self, url: str) -> VideoInfo:
        """See :class:`Source`."""
        links.parse(url)  # nonsense costs no worker
        return info.video_info(self._tried("video", url))

    def transcript(self, url: str, language: str | None) -> Transcript:
        """See :class:`Source`."""
        links.parse(url)
        return info.transcript(self._tried("transcript", url, language))

    def fetch_thumbnail(self, url: str) -> bytes:
        """See :class:`Source`."""
        try:
            return base64.b64decode(self._tried("thumbnail", url)["data"])
        except ThumbnailAnalysisFailed:
            raise
        except VideoUnavailable as error:  # in whose words it would be the video that is gone
            message = "The thumbnail is not there (any more)."
            raise ThumbnailAnalysisFailed(message, **error.details) from error
        except ExtractionError as error:
            message = f"The thumbnail could not be fetched. {error}"
            raise ThumbnailAnalysisFailed(message, **error.details) from error

    def download(
        self,
        url: str,
        target: Path,
        report: Report = ignore,
        cancelled: Callable[[], bool] = never,
    ) -> tuple[str, dict[str, Any]]:
        """Write the video to ``target``, which is replaced; returns its id and sidecar.

        Raises an ``ExtractionError``, or :class:`~sorter_core.extraction.workers.Cancelled`.
        """
        links.parse(url)
        done = self._tried(
            "download",
            url,
            str(target),
            seconds=DOWNLOAD_SECONDS,
            report=report,
            cancelled=cancelled,
        )
        return done["id"], done["sidecar"]

    def warm(self) -> None:
        """Start a worker ahead of the first call."""
        self.workers.warm()

    def close(self) -> None:
        """See :class:`Source`."""
        self.workers.close()

    def _tried(
        self, task: str, *arguments: str | None, seconds: float | None = None, **more: Any
    ) -> dict[str, Any]:
        """Call a worker, again where it may help; ``seconds`` bound all tries together."""
        import stamina

        stamina.instrumentation.set_on_retry_hooks([_told])  # its own log would hide no secrets
        seconds = seconds or self._seconds
        deadline: float | None = None
        failed: ExtractionFailed | None = None
        for attempt in stamina.retry_context(
            on=_passing,
            attempts=TRIES,
            timeout=seconds,
            wait_initial=self._first_wait,
            wait_max=LONGEST_WAIT,
            wait_jitter=self._first_wait,
        ):
            with attempt:
                left = deadline - time.monotonic() if deadline else seconds
                deadline = deadline or time.monotonic() + seconds
                if failed is not None and left <= 0:  # the wait took what was left
                    raise failed
                try:
                    return self.workers.call(
                        task, *arguments, seconds=left, patience=self._seconds, **more
                    )
                except ExtractionFailed as error:
                    failed = error
                    raise
        raise ExtractionFailed("TikTok could not be asked.")  # never reached: stamina raises


def _told(details: RetryDetails) -> None:
    told = {"wait": round(details.wait_for, 2), "reason": str(details.caused_by)}
    log.info("another try", extra=told)


def _passing(error: Exception) -> bool:
    """Whether another try may succeed."""
    return isinstance(error, ExtractionFailed) and error.passing


def _setup(settings: Settings, ca_file: Path | None) -> Setup:
    trusted = str(ca_file) if ca_file else os.environ.get("SSL_CERT_FILE")
    return Setup(
        proxy=_proxy(settings),
        ca_file=trusted or None,
        cookies_file=str(settings.cookies_file) if settings.cookies_file else None,
        max_seconds=settings.max_video_seconds,
    )


def _proxy(settings: Settings) -> str | None:
    """PROXY_URL, else ScraperAPI's, else what the system says."""
    if settings.proxy_url:
        return settings.proxy_url.get_secret_value()
    if settings.scraperapi_key:
        return SCRAPERAPI.format(key=settings.scraperapi_key.get_secret_value())
    system = urllib.request.getproxies().get("https")
    return f"http://{system}" if system and "://" not in system else system
