"""What is said of a thumbnail, and who may say it."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from sorter_core.extraction.thumbnails.vocabulary import Language

AnalyserName = Literal["local", "vision"]


class ThumbnailAnalysis(BaseModel):
    """A thumbnail in words of one language; null is what the analyser can't know."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "visual_style": None,
                    "setting": None,
                    "people_count": 1,
                    "camera_angle": "close-up",
                    "text_overlay_style": "bold title",
                    "color_scheme": "warm",
                    "hook_elements": ["face close-up", "large text"],
                    "confidence_score": 0.56,
                    "brightness": 0.48,
                    "contrast": 0.51,
                    "analyser": "local",
                    "language": "en",
                }
            ]
        },
    )

    visual_style: str | None
    setting: str | None
    people_count: int | None
    camera_angle: str | None
    text_overlay_style: str | None
    color_scheme: str | None
    hook_elements: tuple[str, ...]
    confidence_score: float = Field(ge=0, le=1)
    brightness: float = Field(ge=0, le=1, description="mean luma")
    contrast: float = Field(ge=0, le=1, description="spread of the luma")
    analyser: AnalyserName
    language: Language


class Analyser(Protocol):
    """Looks at a thumbnail; may be called from many threads, each call blocks its own."""

    identity: str
    """Everything of the analyser that changes its answers, for the cache's key."""

    def analyse(self, data: bytes, language: Language) -> ThumbnailAnalysis:
        """Say what the picture shows.

        Raises :class:`~sorter_core.extraction.errors.ThumbnailAnalysisFailed`.
        """
