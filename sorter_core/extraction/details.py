"""What yt-dlp says of a video, as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sorter_core.captions import hashtags
from sorter_core.extraction import links
from sorter_core.extraction.info import Subtitle, VideoInfo
from sorter_core.extraction.links import Link

SIDECAR_FIELDS = (
    *("id", "title", "description", "duration", "timestamp", "upload_date", "webpage_url"),
    *("uploader", "uploader_id", "uploader_url", "channel", "channel_id", "channel_url"),
    *("track", "artists", "album", "view_count", "like_count", "repost_count", "comment_count"),
    *("save_count", "thumbnail", "width", "height", "extractor", "extractor_key"),
)
"""What of yt-dlp's answer lasts; signed addresses and cookies stay out of the library."""
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_COVERS = ("cover", "originCover", "thumbnail", "dynamicCover")
"""The still ones before the moving one."""


def video_info(link: Link, info: Mapping[str, Any]) -> VideoInfo:
    """yt-dlp's fields (its README, "Output template") as the contract's."""
    description = info.get("description") or ""
    return VideoInfo(
        url=_address(link, info.get("uploader")),
        video_id=str(link.video_id),
        title=info.get("title") or f"TikTok video #{link.video_id}",
        description=description,
        duration=info.get("duration"),
        view_count=info.get("view_count"),
        like_count=info.get("like_count"),
        comment_count=info.get("comment_count"),
        share_count=info.get("repost_count"),
        upload_date=_date(info.get("timestamp")),
        uploader=info.get("uploader"),
        uploader_id=info.get("uploader_id"),
        thumbnail_url=_thumbnail(info.get("thumbnails") or ()),
        hashtags=tuple(hashtags(description)),
        track=info.get("track"),
        artist=", ".join(info.get("artists") or ()) or None,
        subtitles=tuple(subtitles(info)),
    )


def subtitles(info: Mapping[str, Any]) -> Iterator[Subtitle]:
    """The caption tracks; ``url`` is empty where yt-dlp holds the text already."""
    for language, tracks in (info.get("subtitles") or {}).items():
        for track in tracks:
            yield Subtitle(
                language=language,
                url=track.get("url") or "",
                ext=track.get("ext") or "",
                automatic=bool(track.get("automatic")),
            )


def _address(link: Link, uploader: str | None) -> str:
    """The link with the real user's name in it, where that is a name: it is not to lead elsewhere.

    The name in the link that was given is nobody's word: others get the same answer from the cache.
    """
    user = uploader if uploader and _NAME.fullmatch(uploader) else ""
    return links.parse(f"https://www.tiktok.com/@{user}/video/{link.video_id}").url


def _date(timestamp: float | None) -> str | None:
    try:
        return datetime.fromtimestamp(timestamp, UTC).date().isoformat() if timestamp else None
    except (ValueError, OverflowError, OSError):  # no time that a calendar has
        return None


def _thumbnail(thumbnails: Sequence[Mapping[str, Any]]) -> str | None:
    by_kind = {thumbnail["id"]: str(thumbnail["url"]) for thumbnail in reversed(thumbnails)}
    return next((by_kind[kind] for kind in _COVERS if kind in by_kind), None)
