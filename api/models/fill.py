"""What TikTok tells of the library's own videos: the round of questions."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import Body, example
from sorter_core.extraction.fill import FillStatus

_PROBLEM: dict[str, Any] = {
    "filename": "7301234567890123456.mp4",
    "code": "VIDEO_UNAVAILABLE",
    "error": "The video is private.",
}


class FillRequest(Body):
    """How much is to be asked."""

    model_config = example(limit=100, again=False)
    limit: int | None = Field(None, ge=1, le=1_000_000, description="At most so many videos")
    again: bool = Field(default=False, description="Also what TikTok did not show when asked")


class ProblemOut(BaseModel):
    """A video of which TikTok told nothing."""

    model_config = example(**_PROBLEM)
    filename: str
    code: str | None
    error: str


class FillOut(BaseModel):
    """The newest round; `unavailable` ones are not asked for again, `failed` ones are."""

    model_config = example(
        running=True,
        cancelling=False,
        done=41,
        total=600,
        filled=39,
        unavailable=1,
        failed=1,
        eta_seconds=1677.0,
        stopped=None,
        problems=[_PROBLEM],
    )
    running: bool
    cancelling: bool
    done: int
    total: int
    filled: int
    unavailable: int
    failed: int
    eta_seconds: float | None
    stopped: str | None = Field(description="Why the round ended early")
    problems: list[ProblemOut] = Field(description="The newest ones")

    @classmethod
    def of(cls, status: FillStatus) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(status)


class CancelFillAnswer(BaseModel):
    """Whether there was anything to cancel."""

    model_config = example(status="cancelling")
    status: Literal["cancelling", "not_running"]
