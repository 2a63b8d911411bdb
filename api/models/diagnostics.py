"""A training looked at closely."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.models.base import Body, example
from api.models.library import CATS, FolderCount
from api.models.retraining import RunOut
from sorter_core.review import LONG, Review

_FILE = "7301234567890123456.mp4"
_RUN: dict[str, Any] = {
    "id": 3,
    "finished_at": "2026-01-31T09:30:00Z",
    "classifier": "logistic+lda",
    "videos": 240,
    "folders": 2,
    "accuracy": 0.84,
}
_POINT: dict[str, Any] = {
    "run": 3,
    "finished_at": "2026-01-31T09:30:00Z",
    "classifier": "logistic+lda",
    "videos": 240,
    "folders": 2,
    "scored": 240,
    "accuracy": 0.84,
    "low": 0.79,
    "high": 0.88,
}
_NOW: dict[str, Any] = {"videos": 240, "accuracy": 0.84, "low": 0.82, "high": 0.86}
_THEN: dict[str, Any] = {"videos": 290, "accuracy": 0.86, "low": 0.83, "high": 0.88}
_FORECAST: dict[str, Any] = {
    "now": _NOW,
    "then": _THEN,
    "gain": [0.01, 0.02, 0.03],
    "curve": [_NOW, _THEN],
    "runs": 4,
}
_DOUBT: dict[str, Any] = {
    "filename": _FILE,
    "folder": "Cats",
    "suggested": "Dogs",
    "confidence": 0.93,
}
_COMPARISON: dict[str, Any] = {
    "run": 3,
    "against": 2,
    "common": 180,
    "before": 0.8,
    "after": 0.85,
    "gained": 15,
    "lost": 6,
    "difference": 0.05,
    "interval": [0.0, 0.1],
    "folders": [{"name": "Cats", "before": 0.8, "after": 0.86}],
    "encoders_before": ["frames"],
    "encoders_after": ["frames", "sound"],
}


class PointOut(BaseModel):
    """One training of the learning curve; `low` to `high` is the 95 % interval."""

    model_config = example(**_POINT)
    run: int
    finished_at: str
    classifier: str
    videos: int
    folders: int
    scored: int
    accuracy: float
    low: float
    high: float


class Expected(BaseModel):
    """The accuracy to be expected with so many labelled videos, with its 95 % interval."""

    model_config = example(**_THEN)
    videos: int
    accuracy: float
    low: float
    high: float


class ForecastOut(BaseModel):
    """What 50 more labels would bring: `gain` as low, middle, high."""

    model_config = example(**_FORECAST)
    now: Expected
    then: Expected
    gain: tuple[float, float, float]
    curve: list[Expected]
    runs: int = Field(description="trainings that the forecast rests on")


class Change(BaseModel):
    """A folder's F1 in both trainings; null where it was not scored."""

    model_config = example(name="Cats", before=0.8, after=0.86)
    name: str
    before: float | None
    after: float | None


class ComparisonOut(BaseModel):
    """Two trainings on the videos that both held back."""

    model_config = example(**_COMPARISON)
    run: int
    against: int
    common: int
    before: float | None
    after: float | None
    gained: int
    lost: int
    difference: float | None
    interval: tuple[float, float] | None
    folders: list[Change]
    encoders_before: list[str]
    encoders_after: list[str]


class Diagnostics(BaseModel):
    """All figures of a training; the lists with a line for each video are in `/api/runs/{run_id}`."""

    model_config = example(
        run=_RUN,
        report={"accuracy": 0.84, "interval": [0.79, 0.88]},
        order=["Dogs", "Cats"],
        misfilings=1,
        learning_curve=[_POINT],
        forecast=_FORECAST,
        why_no_forecast=None,
        comparison=_COMPARISON,
    )
    run: RunOut
    report: dict[str, Any]
    order: list[str] = Field(description="the folders so that confused ones lie together")
    misfilings: int = Field(description="how many `/api/misfilings` lists")
    learning_curve: list[PointOut]
    forecast: ForecastOut | None
    why_no_forecast: str | None
    comparison: ComparisonOut | None

    @classmethod
    def of(cls, found: Review) -> Self:
        """Copy it into an answer."""
        report = {name: value for name, value in found.run.report.items() if name not in LONG}
        return cls.model_validate(
            {
                "run": RunOut.of(found.run),
                "report": report,
                "order": found.order,
                "misfilings": found.misfilings,
                "learning_curve": [PointOut.model_validate(point) for point in found.curve],
                "forecast": found.forecast,
                "why_no_forecast": found.why_no_forecast,
                "comparison": _compared(found),
            }
        )


def _compared(found: Review) -> dict[str, Any] | None:
    told = found.comparison
    if told is None:
        return None
    plain = {name: getattr(told, name) for name in _COMPARISON if hasattr(told, name)}
    changes = [{"name": n, "before": before, "after": after} for n, before, after in told.folders]
    before, after = told.encoders
    return plain | {"folders": changes, "encoders_before": before, "encoders_after": after}


class DoubtOut(BaseModel):
    """A video in `folder` that the model, which had not seen it, would put into `suggested`."""

    model_config = example(**_DOUBT)
    filename: str
    folder: str
    suggested: str
    confidence: float


class DoubtsOut(BaseModel):
    """Videos, the surest guesses first; `gone` have been moved since the training."""

    model_config = example(videos=[_DOUBT], total=1, gone=0)
    videos: list[DoubtOut]
    total: int
    gone: int


class KeepRequest(Body):
    """A video that is right in its folder; `doubt` takes that back."""

    model_config = example(filename=_FILE, folder="Cats", doubt=False)
    filename: str
    folder: str
    doubt: bool = False


class MoveRequest(Body):
    """From where to where; null is the unsorted pile."""

    model_config = example(filename=_FILE, source="Cats", target="Dogs")
    filename: str
    source: str | None
    target: str | None


class MoveAnswer(BaseModel):
    """The video lies in `target` now; `batch` undoes it."""

    model_config = example(
        success=True, filename=_FILE, source="Cats", target="Dogs", folders=[CATS], batch=18
    )
    success: Literal[True] = True
    filename: str
    source: str | None
    target: str | None
    folders: list[FolderCount]
    batch: int


class SpotOut(BaseModel):
    """A video on the map, `x` and `y` in 0..1; null is the unsorted pile."""

    model_config = example(x=0.25, y=0.5, filename=_FILE, folder="Cats")
    x: float
    y: float
    filename: str
    folder: str | None


class AtlasOut(BaseModel):
    """Videos that look and sound alike lie together; `videos` are all that could be on the map."""

    model_config = example(
        run=3, spots=[{"x": 0.25, "y": 0.5, "filename": _FILE, "folder": "Cats"}], videos=1
    )
    run: int
    spots: list[SpotOut]
    videos: int
