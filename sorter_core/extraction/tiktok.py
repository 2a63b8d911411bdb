"""What a worker process can be asked for: metadata, captions, thumbnails and videos of TikTok.

Arguments and answers are plain JSON, since a process that reads hostile input is not to be
believed more than that.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sorter_core.extraction import details, faults, fetching, links, transcript, ytdlp
from sorter_core.extraction.egress import Egress, direct, through
from sorter_core.extraction.errors import (
    ExtractionFailed,
    NotVideoContent,
    ThumbnailAnalysisFailed,
    VideoTooLong,
)
from sorter_core.extraction.info import Subtitle
from sorter_core.extraction.links import Link

CAPTION_BYTES = 5 << 20
THUMBNAIL_BYTES = 10 << 20

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Setup:
    """What each worker is told at its start; ``proxy`` and the files are None where not set."""

    proxy: str | None = None
    ca_file: str | None = None
    cookies_file: str | None = None
    max_seconds: int = 3600


class TikTok:
    """TikTok, seen from one worker process; one call at a time."""

    def __init__(self, setup: Setup) -> None:
        ytdlp.prepare(setup.ca_file)
        self._setup = setup
        self._trusted = ssl.create_default_context(cafile=setup.ca_file or _public_certificates())
        self._egress = Egress(through(setup.proxy, self._trusted) if setup.proxy else direct)

    def video(self, url: str) -> dict[str, Any]:
        """The fields of a :class:`~sorter_core.extraction.info.VideoInfo`."""
        with self._told():
            link = self._resolve(url)
            with self._open() as yt:
                return asdict(details.video_info(link, self._extract(yt, link)))

    def transcript(self, url: str, language: str | None) -> dict[str, Any]:
        """The fields of a :class:`~sorter_core.extraction.info.Transcript`."""
        with self._told():
            link = self._resolve(url)
            with self._open() as yt:
                info = self._extract(yt, link)
                track = transcript.choose(details.subtitles(info), language)
                data = self._captions(yt, info, track, link)
            return asdict(transcript.parse(data, track))

    def thumbnail(self, url: str) -> dict[str, Any]:
        """``data``: the picture, base64."""
        with self._told():
            self._egress.admit = lambda _host: True  # any public one: pictures lie on many hosts
            with self._open() as yt:
                data = fetching.read(yt, url, THUMBNAIL_BYTES)
            if not fetching.is_picture(data):
                raise ThumbnailAnalysisFailed("What lies at the thumbnail's address is no picture.")
            return {"data": base64.b64encode(data).decode()}

    def download(self, url: str, target: str, report: Report) -> dict[str, Any]:
        """Write the video to ``target``; answers ``id`` and ``sidecar`` (yt-dlp's lasting fields)."""
        with self._told():
            link, path = self._resolve(url), Path(target)
            options = ytdlp.download_options(path.name)
            with self._open(progress_hooks=[_hook(report)], **options) as yt:
                info = self._extract(yt, link)
                self._egress.admit = lambda _host: True
                with chdir(path.parent):
                    done = yt.process_ie_result(info, download=True)
            fetching.check_playable(path)
            kept = yt.sanitize_info({key: done.get(key) for key in details.SIDECAR_FIELDS})
            sidecar = {key: value for key, value in kept.items() if value is not None}
            return {"id": link.video_id, "sidecar": sidecar}

    # ---------------------------------------------------------------------------------------

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever is raised inside comes out as one of the documented errors."""
        self._egress.refused.clear()
        self._egress.broken.clear()
        self._egress.admit = links.is_tiktok
        try:
            yield
        except Exception as error:
            raise faults.translated(error, self._egress) from error

    def _resolve(self, url: str) -> Link:
        return fetching.resolve(url, self._egress, self._trusted)

    @contextmanager
    def _open(self, **more: Any) -> Iterator[Any]:
        cookies = _cookies(self._setup.cookies_file)
        ca_file = self._setup.ca_file
        with ytdlp.open_ytdlp(self._egress.url, cookies=cookies, ca_file=ca_file, **more) as opened:
            yield opened

    def _extract(self, yt: Any, link: Link) -> dict[str, Any]:
        """What yt-dlp reads off the video's page."""
        info: dict[str, Any] = yt.extract_info(link.url, download=False, process=False)
        formats = info.get("formats") or []
        if formats and all(found.get("vcodec") == "none" for found in formats):
            raise NotVideoContent("This is a photo post, not a video.", content="a photo post")
        seconds, limit = info.get("duration") or 0, self._setup.max_seconds
        if seconds > limit:
            message = f"The video is {seconds:.0f} s long; at most {limit} s are taken."
            raise VideoTooLong(message, seconds=seconds, limit=limit)
        return info

    def _captions(self, yt: Any, info: Mapping[str, Any], track: Subtitle, link: Link) -> bytes:
        if not track.url:  # yt-dlp fetched them already
            tracks = info["subtitles"][track.language]
            return next(str(t["data"]).encode() for t in tracks if t.get("data"))
        self._egress.admit = lambda _host: True
        return fetching.read(yt, track.url, CAPTION_BYTES, referer=link.url)


def _public_certificates() -> str:
    import certifi

    return certifi.where()


def _cookies(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ExtractionFailed("COOKIES_FILE can't be read.") from error


def _hook(report: Report) -> Callable[[Mapping[str, Any]], None]:
    def told(status: Mapping[str, Any]) -> None:
        total = status.get("total_bytes") or status.get("total_bytes_estimate") or 0
        report(int(status.get("downloaded_bytes") or 0), int(total))

    return told
