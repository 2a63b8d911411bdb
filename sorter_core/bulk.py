"""Moving many videos at once by what was predicted: how many a threshold takes, and how many err.

A calibrated probability p is right p of the time, so the expected number of errors among chosen
videos is the sum of 1 - p. That holds for videos that belong to one of the folders: what is far from
all of them stays out. All answers come from arrays sorted once, in logarithmic time, however
many videos are unsorted.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sorter_core.catalog import Catalog, Columns
from sorter_core.errors import Busy

UNGUESSED = ""
"""The pile of what nothing was predicted for; no folder has this name."""
STEPS = np.round(np.linspace(0, 1, 101), 2)
"""The thresholds of a curve."""

Order = Literal["confident", "uncertain"]


@dataclass(frozen=True, slots=True)
class Pile:
    """What is predicted to belong to ``folder``: in all, and above the threshold."""

    folder: str
    predicted: int
    videos: int
    expected_errors: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a threshold would take, in all and by folder.

    ``counts`` and ``errors`` hold the same for each threshold of :data:`STEPS`, over ``folder``;
    ``version`` names the predictions it was computed from. ``far`` videos are like none of the
    folders: no threshold takes them, and nothing else here counts them but ``unsorted``.
    """

    version: str
    threshold: float
    unsorted: int
    unguessed: int
    far: int
    videos: int
    expected_errors: float
    piles: list[Pile]
    counts: list[int]
    errors: list[float]


@dataclass(frozen=True, slots=True)
class Thumb:
    """One unsorted video with its best guess."""

    filename: str
    folder: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class ThumbPage:
    """Some of the videos that a threshold takes, and how many these are in all."""

    videos: list[Thumb]
    total: int


class _Sorted:
    """Videos by falling confidence, with the sum of what is expected to be wrong up to each.

    ``rows`` (videos,) number those of the columns, which are sorted by name.
    """

    def __init__(self, columns: Columns, rows: NDArray[np.int32]) -> None:
        falling = -columns.confidences[rows]
        order = np.argsort(falling, kind="stable")
        self.rows, self._falling = rows[order], falling[order]
        wrong = np.where(columns.places[self.rows] > 0, 1 + self._falling, 0.0)
        self._wrong: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(wrong)])

    def count(self, threshold: float) -> int:
        return int(np.searchsorted(self._falling, -threshold, side="right"))

    def errors(self, count: int) -> float:
        return float(self._wrong[count])

    def curve(self) -> tuple[list[int], list[float]]:
        counts = np.searchsorted(self._falling, -STEPS, side="right")
        return counts.tolist(), np.round(self._wrong[counts], 2).tolist()


_NONE = Columns([], [UNGUESSED], np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.bool_))
_EMPTY = _Sorted(_NONE, np.zeros(0, np.int32))


class Bulk:
    """The unsorted videos of a catalog by predicted folder; may be used from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._lock = threading.Lock()
        self._state: object = None
        self._columns = _NONE
        self._piles: dict[str, _Sorted] = {}
        self._all = _EMPTY
        self._far = 0

    def outlook(self, threshold: float = 0.0, folder: str | None = None) -> Outlook:
        """What ``threshold`` takes; the curve is that of ``folder``, or of everything guessed."""
        with self._lock:
            self._refresh()
            piles = [
                Pile(name, len(pile.rows), count := pile.count(threshold), pile.errors(count))
                for name, pile in sorted(self._piles.items())
                if name != UNGUESSED
            ]
            counts, errors = self._pile(folder).curve()
            return Outlook(
                version=self._version(),
                threshold=threshold,
                unsorted=len(self._all.rows) + self._far,
                unguessed=len(self._pile(UNGUESSED).rows),
                far=self._far,
                videos=sum(pile.videos for pile in piles),
                expected_errors=sum(pile.expected_errors for pile in piles),
                piles=piles,
                counts=counts,
                errors=errors,
            )

    def page(
        self, folder: str | None, threshold: float, limit: int, offset: int, order: Order
    ) -> ThumbPage:
        """A part of what ``threshold`` takes from ``folder``, or from all; ``""``: what has no guess."""
        with self._lock:
            self._refresh()
            taken = self._taken(folder, threshold)
            rows = self._pile(folder).rows
            if order == "confident":
                part = rows[offset : min(taken, offset + limit)]
            else:
                last = taken - offset
                part = rows[max(0, last - limit) : max(0, last)][::-1]
            return ThumbPage([self._thumb(row) for row in part.tolist()], taken)

    def chosen(
        self,
        folder: str | None,
        threshold: float,
        *,
        without: Collection[str] = (),
        version: str | None = None,
    ) -> list[tuple[str, str]]:
        """(filename, predicted folder, ``""`` for none) of all that ``threshold`` takes, surest first.

        Raises :class:`Busy` when ``version`` is another one than that of the predictions: what was
        looked at is not what would be moved.
        """
        spared = frozenset(without)
        with self._lock:
            self._refresh()
            if version is not None and version != self._version():
                raise Busy("There are new predictions since you looked. Look again, then move.")
            rows = self._pile(folder).rows[: self._taken(folder, threshold)].tolist()
            found = [(self._columns.names[row], self._place(row)) for row in rows]
            return [each for each in found if each[0] not in spared]

    def _thumb(self, row: int) -> Thumb:
        name, p = self._columns.names[row], float(self._columns.confidences[row])
        return Thumb(name, self._place(row) or None, p)

    def _place(self, row: int) -> str:
        return self._columns.folders[int(self._columns.places[row])]

    def _taken(self, folder: str | None, threshold: float) -> int:
        pile = self._pile(folder)
        return len(pile.rows) if folder == UNGUESSED else pile.count(threshold)

    def _pile(self, folder: str | None) -> _Sorted:
        return self._all if folder is None else self._piles.get(folder, _EMPTY)

    def _version(self) -> str:
        return self.catalog.version

    def _refresh(self) -> None:
        self._state, columns = self.catalog.predicted(self._state)
        if columns is None:
            return
        self._columns = columns
        near = np.flatnonzero(~columns.far).astype(np.int32)
        places = columns.places[near]
        self._piles = {
            columns.folders[place]: _Sorted(columns, near[places == place])
            for place in np.unique(places).tolist()
        }
        self._all, self._far = _Sorted(columns, near), len(columns.names) - len(near)
