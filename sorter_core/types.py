"""The values that travel between the layers: frozen, plain, without behaviour of weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""One picture: (height, width, 3), RGB, 0..255."""
Samples = NDArray[np.float32]
"""Sound: (n,), mono, -1..1, at :data:`SAMPLE_RATE`."""
Vector = NDArray[np.float32]
"""One embedding: (dim,)."""
Matrix = NDArray[np.float32]
"""Embeddings: (videos, dim)."""
Mask = NDArray[np.bool_]
"""(videos,): True where the vector exists."""
Probabilities = NDArray[np.float64]
"""(videos, folders); each row sums to 1."""

SAMPLE_RATE = 16_000
"""Hz. What speech and sound-tagging models take (YAMNet, Whisper)."""

ReportProgress = Callable[[int, int], None]
"""Called with (done, total); may raise :class:`~sorter_core.errors.JobCancelled`."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What one decoding of a video gives; every encoder reads from it.

    ``frames`` and ``times`` (seconds) run in step; ``audio`` is None when there is no sound track;
    ``duration`` is in seconds; ``width`` and ``height`` are those of the file, in pixels (frames
    may be smaller). ``texts`` holds what is written beside the video, by kind (``caption``, …).
    ``notes`` says, in sentences for the person, what of the file could not be decoded.
    """

    frames: tuple[Frame, ...]
    times: tuple[float, ...]
    audio: Samples | None
    duration: float
    width: int
    height: int
    texts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A category: a visible sub-folder of the library and how many videos lie in it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Guess:
    """One folder and the calibrated probability (0..1) that the video belongs there."""

    folder: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The guesses for one video, best first; ``fingerprint`` identifies its content.

    ``typicality``: a p-value (0..1], small for a video that is like none of the folders; None where
    nobody can tell (:mod:`sorter_core.novelty`).
    """

    fingerprint: str
    guesses: tuple[Guess, ...]
    typicality: float | None = None


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Stored vectors of some videos, one matrix an encoder.

    ``vectors[encoder]`` is (videos, dim) float32 in the order of ``fingerprints``; where
    ``present[encoder]`` is False the row is zero and means nothing.
    """

    fingerprints: tuple[str, ...]
    vectors: Mapping[str, Matrix]
    present: Mapping[str, Mask]

    def __len__(self) -> int:
        return len(self.fingerprints)

    def take(self, rows: NDArray[np.intp] | list[int]) -> FeatureTable:
        """The same table with only ``rows``, in that order."""
        return FeatureTable(
            tuple(self.fingerprints[i] for i in rows),
            {name: matrix[rows] for name, matrix in self.vectors.items()},
            {name: mask[rows] for name, mask in self.present.items()},
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A line of the journal; paths are relative to the library, POSIX style."""

    id: int
    batch: int
    kind: str
    """``sort``, ``move``, ``undo``, ``merge``, ``create_folder``, ``rename_folder``, ``delete_folder``,
    ``trash``, ``import``, ``import_move``."""
    source: str
    target: str
    state: str
    """``planned``, ``done``, ``failed`` or ``undone``."""
    actor: str
    """``person``, ``bulk`` or ``import``."""
    at: str
    """UTC, ISO 8601."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A video that an encoder (or the decoding: ``media``) could not take, and why."""

    path: str
    encoder: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The state of the newest background job, as both faces show it."""

    running: bool
    last_result: str | None
    """None, ``success``, or ``Failed at <stage>: <error>``."""
    stage: str | None = None
    done: int = 0
    total: int = 0
    eta_seconds: float | None = None
    started_at: str | None = None
    finished_at: str | None = None
    failures: int = 0
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One finished training: what was used and how good it is (``report``: plain JSON)."""

    id: int
    finished_at: str
    classifier: str
    videos: int
    folders: int
    accuracy: float | None
    """None when there were too few videos for an honest score."""
    report: Mapping[str, Any] = field(default_factory=dict)
