"""What of a video is looked at, and the models which that needs."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import example
from sorter_core.pulls import EncoderState

_ENCODER: dict[str, Any] = {
    "name": "clip",
    "title": "What the pictures show, comparable with words (folder names, search)",
    "licence": "MIT",
    "size": 590_000_000,
    "source": "CLIP ViT-B/32 (Radford et al. 2021) in ONNX, as fastembed names it",
    "default": False,
    "on": False,
    "state": "pulling",
    "message": "Its model (590 MB) is not on this machine. Run: python -m sorter_core models pull clip",
    "extra": "pip install fastembed",
    "pull": True,
    "download": 590_000_000,
    "done": 120_000_000,
    "total": 590_000_000,
}


class EncoderOut(BaseModel):
    """One encoder: what it is, whether it is in use, and whether it can run here."""

    model_config = example(**_ENCODER)
    name: str
    title: str
    licence: str
    size: int = Field(description="bytes on the disk")
    source: str
    default: bool
    on: bool
    state: Literal["ready", "missing", "pulling", "failed"]
    message: str | None = Field(description="what it lacks, or why fetching its model failed")
    extra: str | None = Field(description="the command that brings its package")
    pull: bool = Field(description="whether `POST /api/models/{name}/pull` has something to fetch")
    download: int = Field(description="bytes that it fetches")
    done: int = Field(description="bytes fetched")
    total: int

    @classmethod
    def of(cls, state: EncoderState) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(state)


class Encoders(BaseModel):
    """All of them, by name."""

    model_config = example(encoders=[_ENCODER])
    encoders: list[EncoderOut]


class EncoderChoice(BaseModel):
    """The encoders to use from the next analysis on."""

    model_config = example(names=["frames", "sound", "caption"])
    names: list[str] = Field(max_length=100)


class PullAnswer(BaseModel):
    """Whether this call started fetching, or a model is being fetched already."""

    model_config = example(status="started")
    status: Literal["started", "already_running"]
