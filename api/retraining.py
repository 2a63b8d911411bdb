"""The background job and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import Core
from api.errors import explain
from api.library import COUNT
from api.models.retraining import (
    CancelAnswer,
    FailureOut,
    Failures,
    RetrainAnswer,
    RetrainStatus,
    RunOut,
    RunReport,
    Runs,
)
from sorter_core.errors import ModelMissing

router = APIRouter(prefix="/api", tags=["retraining"])


@router.post("/retrain", responses=explain())
def retrain(sorter: Core) -> RetrainAnswer:
    """Start the job, at once; there is one at a time, whoever started it."""
    return RetrainAnswer(status=sorter.retrain())


@router.post("/retrain/cancel", responses=explain())
def cancel(sorter: Core) -> CancelAnswer:
    """Tell the running job to stop; what it has analysed so far is kept."""
    return CancelAnswer(status="cancelling" if sorter.cancel() else "not_running")


@router.get("/retrain/status", responses=explain())
def status(sorter: Core) -> RetrainStatus:
    """Tell how far the newest job is, or how it ended."""
    return RetrainStatus.of(sorter.job(), sorter.guessed_by())


@router.get("/failures", responses=explain())
def failures(sorter: Core) -> Failures:
    """List the videos that could not be analysed, and why."""
    found = sorter.failures()
    return Failures(
        failures=[FailureOut.of(failure) for failure in found], total=sorter.failure_count()
    )


@router.get("/runs", responses=explain())
def runs(sorter: Core, limit: Annotated[int, Query(ge=0, le=COUNT)] = 50) -> Runs:
    """List the finished trainings, the newest first."""
    return Runs(runs=[RunOut.of(run) for run in sorter.runs(limit)])


@router.get("/runs/{run_id}", responses=explain(ModelMissing))
def run(sorter: Core, run_id: Annotated[int, Path(ge=0, le=COUNT)]) -> RunReport:
    """Tell all the figures of one training."""
    return RunReport.of(sorter.run(run_id))
