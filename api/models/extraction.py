"""From a TikTok link to metadata: each answer is an envelope."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.models.base import Body, example
from sorter_core.extraction.answers import Extraction, ThumbnailAnswer, TranscriptAnswer
from sorter_core.extraction.thumbnails import AnalyserName
from sorter_core.extraction.thumbnails.vocabulary import Language

API_VERSION = "1"
LONGEST_TTL = 30 * 24 * 3600
_URL_LENGTH = 2048
_LINK = "https://www.tiktok.com/@cat.lover/video/7301234567890123456"
_METADATA: dict[str, Any] = {
    "request_id": "5f0c7f2e9d6b4f5c8a1d2e3f4a5b6c7d",
    "api_version": API_VERSION,
    "timestamp": "2026-01-31T09:30:02Z",
}
_ERROR: dict[str, Any] = {
    "code": "VIDEO_UNAVAILABLE",
    "message": "The video is private, or was deleted.",
    "details": {},
}


def shown(model: type[BaseModel]) -> dict[str, Any]:
    """Give a model's own example."""
    extra: Any = model.model_config["json_schema_extra"]
    found: dict[str, Any] = extra["examples"][0]
    return found


class ExtractRequest(Body):
    """A link, and what is wanted of the video behind it."""

    model_config = example(
        url=_LINK, include_thumbnail_analysis=True, include_transcript=False, cache_ttl=3600
    )
    url: str = Field(max_length=_URL_LENGTH)
    include_thumbnail_analysis: bool = True
    include_transcript: bool = False
    cache_ttl: int | None = Field(
        None,
        ge=0,
        le=LONGEST_TTL,
        description="How old the answer may be, and how long it is kept, in seconds; 0: made anew. "
        "Without it: CACHE_TTL_SECONDS",
    )
    language: Language | None = Field(None, description="Of the analysis' words")
    preferred_language: str | None = Field(
        None, max_length=35, description="Of the transcript (BCP 47)"
    )
    analyser: AnalyserName | None = Field(
        None, description="`local`, or `vision` where a vision model is set up"
    )


class BatchRequest(Body):
    """Links, at most MAX_URLS_PER_BATCH (3 by default)."""

    model_config = example(urls=[_LINK], include_thumbnail_analysis=True, parallel_processing=True)
    urls: list[str] = Field(min_length=1, max_length=1000)
    include_thumbnail_analysis: bool = True
    include_transcript: bool = False
    parallel_processing: bool = True
    cache_ttl: int | None = Field(None, ge=0, le=LONGEST_TTL)
    language: Language | None = None


class TranscriptRequest(Body):
    """A link, and the language that is wanted if there is a choice."""

    model_config = example(url=_LINK, preferred_language="en")
    url: str = Field(max_length=_URL_LENGTH)
    preferred_language: str | None = Field(None, max_length=35, description="BCP 47")
    cache_ttl: int | None = Field(None, ge=0, le=LONGEST_TTL)


class ThumbnailRequest(Body):
    """A link whose thumbnail is to be looked at, and nothing else."""

    model_config = example(url=_LINK, language="en")
    url: str = Field(max_length=_URL_LENGTH)
    language: Language | None = None
    analyser: AnalyserName | None = None
    cache_ttl: int | None = Field(None, ge=0, le=LONGEST_TTL)


class Metadata(BaseModel):
    """Of the request, not of the video."""

    model_config = example(**_METADATA)
    request_id: str
    api_version: str
    timestamp: str = Field(description="UTC, ISO 8601")


class Error(BaseModel):
    """What went wrong: `code` for programs, `message` for persons."""

    model_config = example(**_ERROR)
    code: str
    message: str
    details: dict[str, Any]


class ErrorAnswer(BaseModel):
    """Every error of these calls."""

    model_config = example(success=False, error=_ERROR, metadata=_METADATA)
    success: Literal[False]
    error: Error
    metadata: Metadata


class ExtractAnswer(BaseModel):
    """The video's metadata."""

    model_config = example(success=True, data=shown(Extraction), metadata=_METADATA)
    success: Literal[True]
    data: Extraction
    metadata: Metadata


class TranscriptEnvelope(BaseModel):
    """The video's own captions."""

    model_config = example(success=True, data=shown(TranscriptAnswer), metadata=_METADATA)
    success: Literal[True]
    data: TranscriptAnswer
    metadata: Metadata


class ThumbnailEnvelope(BaseModel):
    """The analysis of the thumbnail."""

    model_config = example(success=True, data=shown(ThumbnailAnswer), metadata=_METADATA)
    success: Literal[True]
    data: ThumbnailAnswer
    metadata: Metadata


class Processed(BaseModel):
    """A link that led to metadata."""

    model_config = example(url=_LINK, status="success", data=shown(Extraction))
    url: str
    status: Literal["success"]
    data: Extraction


class BatchError(BaseModel):
    """Why a link of a batch failed."""

    model_config = example(code="INVALID_URL", message="example.org is not TikTok.")
    code: str
    message: str


_FAILED: dict[str, Any] = {
    "url": "https://example.org/",
    "status": "failed",
    "error": {"code": "INVALID_URL", "message": "example.org is not TikTok."},
}


class Failed(BaseModel):
    """A link that did not."""

    model_config = example(**_FAILED)
    url: str
    status: Literal["failed"]
    error: BatchError


class Summary(BaseModel):
    """The batch as a whole."""

    model_config = example(total_requested=2, successful=1, failed=1, processing_time_ms=1840.2)
    total_requested: int
    successful: int
    failed: int
    processing_time_ms: float


class Batch(BaseModel):
    """What became of each link, in the order of the request."""

    model_config = example(processed=[], failed=[_FAILED], summary=shown(Summary))
    processed: list[Processed]
    failed: list[Failed]
    summary: Summary


class BatchAnswer(BaseModel):
    """One bad link never fails the others."""

    model_config = example(success=True, data=shown(Batch), metadata=_METADATA)
    success: Literal[True]
    data: Batch
    metadata: Metadata


def _means(text: str) -> dict[str, Any]:
    return {"model": ErrorAnswer, "description": text}


REFUSED: dict[int | str, dict[str, Any]] = {
    400: _means("The request can't be read"),
    401: _means("The key is missing or wrong"),
    403: _means("Another site's page, or another machine, asks"),
    413: _means("The request is larger than 1 MiB"),
    421: _means("The server does not answer to this `Host`"),
}
"""What stands in front of each route may answer, as FastAPI's ``responses``."""
ERRORS: dict[int | str, dict[str, Any]] = {
    **REFUSED,
    400: _means("No link to a TikTok video, or to one that is too long"),
    404: _means("The video is private, deleted or restricted"),
    422: _means("The body has the wrong shape"),
    429: _means("Too many requests; see `Retry-After`"),
    502: _means("TikTok did not answer as it should, or the analysis failed"),
}
"""The same, with what the calls that extract may fail with."""
