"""What the service answers, field by field as the contract has it."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from sorter_core.extraction.info import Transcript, VideoInfo
from sorter_core.extraction.thumbnails import ThumbnailAnalysis

_LINK = "https://www.tiktok.com/@cat.lover/video/7301234567890123456"
_ID = "7301234567890123456"
_MADE: dict[str, Any] = {
    "extracted_at": "2026-01-31T09:30:00Z",
    "processing_time_ms": 1840.2,
    "cache_hit": False,
}
_SEGMENT: dict[str, Any] = {"start": 0.0, "end": 2.4, "text": "Look at the cat."}


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(frozen=True, from_attributes=True, json_schema_extra={"examples": [fields]})


class Made(BaseModel):
    """When an answer was made, and how; the last two are this request's own."""

    extracted_at: str = Field(description="UTC, ISO 8601")
    processing_time_ms: float = Field(description="what this request took")
    cache_hit: bool


class SegmentOut(BaseModel):
    """What is said from `start` to `end` (seconds)."""

    model_config = _example(**_SEGMENT)
    start: float
    end: float
    text: str


class TranscriptOut(BaseModel):
    """A video's own captions."""

    model_config = _example(
        language="en", source="manual", text="Look at the cat.", segments=[_SEGMENT]
    )
    language: str
    source: Literal["manual", "automatic"]
    text: str
    segments: tuple[SegmentOut, ...]

    @classmethod
    def of(cls, found: Transcript) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(found)


class Video(BaseModel):
    """A video's metadata; null where TikTok does not tell. `duration` is in seconds."""

    url: str
    platform: Literal["tiktok"] = "tiktok"
    video_id: str
    title: str
    description: str
    duration: float | None
    view_count: int | None
    like_count: int | None
    comment_count: int | None
    share_count: int | None
    upload_date: str | None = Field(description="YYYY-MM-DD")
    uploader: str | None
    uploader_id: str | None
    thumbnail_url: str | None
    hashtags: tuple[str, ...]
    track: str | None
    artist: str | None


class ExtractionBody(Video):
    """All of an extraction that does not change from request to request."""

    model_config = ConfigDict(frozen=True)
    thumbnail_analysis: ThumbnailAnalysis | None
    transcript: TranscriptOut | None
    warnings: tuple[str, ...] = Field(description="what was asked for and could not be had")
    extracted_at: str

    @classmethod
    def of(
        cls,
        info: VideoInfo,
        *,
        thumbnail_analysis: ThumbnailAnalysis | None,
        transcript: TranscriptOut | None,
        warnings: tuple[str, ...],
        extracted_at: str,
    ) -> Self:
        """Put it together."""
        fields = {name: getattr(info, name) for name in Video.model_fields if name != "platform"}
        return cls(
            **fields,
            thumbnail_analysis=thumbnail_analysis,
            transcript=transcript,
            warnings=warnings,
            extracted_at=extracted_at,
        )


class Extraction(ExtractionBody, Made):
    """A video's metadata, and what else was asked for."""

    model_config = _example(
        url=_LINK,
        platform="tiktok",
        video_id=_ID,
        title="The cat that opens doors",
        description="The cat that opens doors #cats",
        duration=15.4,
        view_count=120000,
        like_count=9800,
        comment_count=310,
        share_count=77,
        upload_date="2026-01-20",
        uploader="cat.lover",
        uploader_id="6800000000000000001",
        thumbnail_url="https://p16-sign.tiktokcdn.com/cover.jpeg",
        hashtags=["cats"],
        track="original sound",
        artist="cat.lover",
        thumbnail_analysis=None,
        transcript=None,
        warnings=[],
        **_MADE,
    )


class TranscriptBody(TranscriptOut):
    """All of a transcript that does not change from request to request."""

    url: str
    extracted_at: str


class TranscriptAnswer(TranscriptBody, Made):
    """A video's own captions, by its link."""

    model_config = _example(
        url=_LINK,
        language="en",
        source="manual",
        text="Look at the cat.",
        segments=[_SEGMENT],
        **_MADE,
    )


class ThumbnailBody(BaseModel):
    """All of an analysis that does not change from request to request."""

    model_config = ConfigDict(frozen=True)
    url: str
    video_id: str
    thumbnail_url: str | None
    thumbnail_analysis: ThumbnailAnalysis
    extracted_at: str


class ThumbnailAnswer(ThumbnailBody, Made):
    """The analysis of a video's thumbnail, by its link."""

    model_config = _example(
        url=_LINK,
        video_id=_ID,
        thumbnail_url="https://p16-sign.tiktokcdn.com/cover.jpeg",
        thumbnail_analysis=ThumbnailAnalysis.model_config["json_schema_extra"]["examples"][0],  # type: ignore[index]
        **_MADE,
    )
