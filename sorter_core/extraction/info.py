"""What is known of a video: plain values, which survive a trip through JSON unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Subtitle:
    """One caption track: ``language`` is a BCP 47 tag, ``ext`` is vtt, srt, ttml or json."""

    language: str
    url: str
    ext: str
    automatic: bool


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video's metadata; None where TikTok did not tell. ``duration`` is in seconds."""

    url: str
    video_id: str
    title: str
    description: str
    duration: float | None = None
    view_count: int | None = None
    like_count: int | None = None
    comment_count: int | None = None
    share_count: int | None = None
    upload_date: str | None = None
    """YYYY-MM-DD, UTC."""
    uploader: str | None = None
    """The name in the link, without the @."""
    uploader_id: str | None = None
    thumbnail_url: str | None = None
    hashtags: tuple[str, ...] = ()
    """Of the description, lower-case, without the #, each once."""
    track: str | None = None
    artist: str | None = None
    subtitles: tuple[Subtitle, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said from ``start`` to ``end`` (seconds)."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A video's own captions; ``source`` is ``manual`` or ``automatic``."""

    language: str
    source: str
    text: str
    segments: tuple[Segment, ...]


def video_info(data: dict[str, Any]) -> VideoInfo:
    """The reverse of ``dataclasses.asdict``, also after a trip through JSON."""
    subtitles = tuple(Subtitle(**subtitle) for subtitle in data["subtitles"])
    return VideoInfo(**{**data, "hashtags": tuple(data["hashtags"]), "subtitles": subtitles})


def transcript(data: dict[str, Any]) -> Transcript:
    """The reverse of ``dataclasses.asdict``, also after a trip through JSON."""
    return Transcript(**{**data, "segments": tuple(Segment(**s) for s in data["segments"])})
