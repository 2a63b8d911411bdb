"""Finding videos."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.models.base import example

_HIT: dict[str, Any] = {
    "filename": "7301234567890123456.mp4",
    "folder": "Cats",
    "kind": "caption",
    "excerpt": "My cat learns to open doors #cats",
    "score": None,
}


class HitOut(BaseModel):
    """A video that was found; `folder` is null while it is unsorted."""

    model_config = example(**_HIT)
    filename: str
    folder: str | None
    kind: str = Field(
        description="where the words are: `caption`, `author`, `hashtags`, `speech`, `screen`, `name`,"
        " `folder`, …; or `likeness`"
    )
    excerpt: str
    score: float | None = Field(description="a cosine, for a likeness")


class HitsOut(BaseModel):
    """A part of what was found; `total` counts all of it."""

    model_config = example(hits=[_HIT], total=1)
    hits: list[HitOut]
    total: int


class RefitAnswer(BaseModel):
    """Whether the model has learned the newest labels, from how many in all, and what it guessed anew."""

    model_config = example(status="refitted", labels=120, guessed=480)
    status: Literal["refitted", "job_running", "not_needed"] = Field(
        description="`job_running`: the job's result will be newer; `not_needed`: there are so many"
        " labels that the next training will do"
    )
    labels: int
    guessed: int
