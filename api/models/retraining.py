"""The background job and what came of it."""

from dataclasses import asdict
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import example
from sorter_core.types import Failure, JobStatus, Run

_FAILURE: dict[str, Any] = {"path": "Cats/7.mp4", "encoder": "media", "reason": "the file is empty"}
_RUN: dict[str, Any] = {
    "id": 3,
    "finished_at": "2026-01-31T09:30:00Z",
    "classifier": "logistic",
    "videos": 600,
    "folders": 8,
    "accuracy": 0.84,
}


class RetrainAnswer(BaseModel):
    """Whether this call started the job, or found it running."""

    model_config = example(status="started")
    status: Literal["started", "already_running"]


class CancelAnswer(BaseModel):
    """Whether there was a job to cancel."""

    model_config = example(status="cancelling")
    status: Literal["cancelling", "not_running"]


class RetrainStatus(BaseModel):
    """The newest job, whoever started it."""

    model_config = example(
        running=True,
        last_result=None,
        stage="extract_features",
        done=120,
        total=600,
        eta_seconds=41.5,
        started_at="2026-01-31T09:30:00Z",
        finished_at=None,
        failures=2,
        cancelling=False,
        guessed_by="model",
    )
    running: bool
    last_result: str | None = Field(description="null, `success`, or `Failed at <stage>: <error>`")
    stage: str | None = Field(description="`extract_features`, `train` or `predict`")
    done: int
    total: int
    eta_seconds: float | None
    started_at: str | None
    finished_at: str | None
    failures: int
    cancelling: bool
    guessed_by: Literal["model", "names"] | None = Field(
        description="what the predictions come from: a training, or, before there is one, the names"
        " of the folders only; null without predictions"
    )

    @classmethod
    def of(cls, job: JobStatus, guessed_by: Literal["model", "names"] | None) -> Self:
        """Copy it into an answer."""
        return cls(**asdict(job), guessed_by=guessed_by)


class FailureOut(BaseModel):
    """A video that an encoder, or the decoding (`media`), could not take, and why."""

    model_config = example(**_FAILURE)
    path: str
    encoder: str
    reason: str

    @classmethod
    def of(cls, failure: Failure) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(failure)


class Failures(BaseModel):
    """All of them."""

    model_config = example(failures=[_FAILURE], total=1)
    failures: list[FailureOut]
    total: int


class RunOut(BaseModel):
    """One finished training."""

    model_config = example(**_RUN)
    id: int
    finished_at: str
    classifier: str
    videos: int
    folders: int
    accuracy: float | None = Field(description="null: too few videos for an honest score")

    @classmethod
    def of(cls, run: Run) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(run)


class Runs(BaseModel):
    """Finished trainings, the newest first."""

    model_config = example(runs=[_RUN])
    runs: list[RunOut]


class RunReport(RunOut):
    """One finished training with all its figures."""

    model_config = example(**_RUN, report={"accuracy": 0.84, "interval": [0.81, 0.87]})
    report: dict[str, Any]
