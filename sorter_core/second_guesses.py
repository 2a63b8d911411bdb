"""Bulk, with what a person took out: a video that is not of this folder counts for its next guess.

Whoever takes a video out of a folder's grid has said something: the probability of that folder is
zero, and by Bayes' rule those of the others grow by 1 / (1 - p). With two folders the other one is
certain then. It is offered there, never again, by itself, in the folder it was taken out of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sorter_core.bulk import STEPS, UNGUESSED, Bulk, Order, Outlook, Pile
from sorter_core.catalog import Video

Out = Mapping[str, Collection[str]]
"""File names, and the folders that each was taken out of; ``""`` stands for all of them."""

ERRORS_A_FOLDER = 1.0
"""A step of the slider goes down as far as this many errors are expected in a folder: a glance finds
one odd one out, and each step costs a look into every folder. Measured with ``bench.actions``."""
_POSITIONS = (90, 80, 70, 60, 50)
"""Percent: where a step may end. Below a half a guess costs more than a key in the player."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One video of a grid; ``out``: it was taken out of this folder, and shows at the end."""

    filename: str
    folder: str | None
    confidence: float
    out: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Some of the tiles; ``total`` counts them all, ``taken`` those that are not ``out``."""

    videos: list[Tile]
    total: int
    taken: int


@dataclass(frozen=True, slots=True)
class _Regarded:
    """A video that was taken out: its first guess and, if one is left, its next."""

    filename: str
    first: tuple[str, float]
    next: tuple[str, float] | None
    refused: bool
    """Whether the first guess is what it was taken out of; a new model may guess another."""


class SecondGuesses:
    """Answers as :class:`~sorter_core.bulk.Bulk`, where ``out`` changes what a video counts for."""

    def __init__(self, bulk: Bulk, out: Out) -> None:
        self._bulk = bulk
        found = bulk.catalog.named(out) if out else []
        self._out = [_regarded(video, out[video.filename]) for video in found if _counts(video)]

    def outlook(self, threshold: float = 0.0, folder: str | None = None) -> Outlook:
        """What ``threshold`` takes, with each video where it counts now."""
        seen = self._bulk.outlook(threshold, folder)
        if not self._out:
            return seen
        piles = {pile.folder: pile for pile in seen.piles}
        counts, errors = np.array(seen.counts), np.array(seen.errors)
        for place, p, sign in self._changes():
            pile = piles.get(place, Pile(place, 0, 0, 0.0))
            piles[place] = _changed(pile, p, sign, threshold)
            if folder in (None, place):
                taken = sign * np.less_equal(STEPS, p)
                counts += taken
                errors += (1 - p) * taken
        kept = [piles[name] for name in sorted(piles)]
        return replace(
            seen,
            piles=kept,
            videos=sum(pile.videos for pile in kept),
            expected_errors=sum(pile.expected_errors for pile in kept),
            counts=counts.tolist(),
            errors=np.round(np.maximum(errors, 0), 2).tolist(),
        )

    def grid(
        self, folder: str | None, threshold: float, limit: int, offset: int, order: Order
    ) -> Grid:
        """A part of a folder's grid, or of everything's.

        First what ``threshold`` takes by its first guess, then by its next, then what was taken out.
        """
        gone = {one.filename for one in self._out}
        ahead = offset if gone else 0  # who is gone from the tiles before is found by reading them
        base = self._bulk.page(folder, threshold, ahead + limit + len(gone), offset - ahead, order)
        first = [Tile(one.filename, one.folder, one.confidence) for one in base.videos]
        near = sum(
            one.first[1] >= threshold and folder in (None, one.first[0]) for one in self._out
        )
        joined, out = self._joined(folder, threshold), self._shown(folder, threshold)
        here = [tile for tile in first if tile.filename not in gone][ahead : ahead + limit]
        count = base.total - near
        start = max(0, offset - count)
        tail = [*joined, *out][start : start + limit - len(here)]
        return Grid([*here, *tail], count + len(joined) + len(out), count + len(joined))

    def chosen(
        self,
        folder: str | None,
        threshold: float,
        *,
        without: Collection[str] = (),
        version: str | None = None,
    ) -> list[tuple[str, str]]:
        """(filename, folder) of all that the grid takes. Raises as :meth:`Bulk.chosen`."""
        spared = frozenset(without)
        gone = spared | {one.filename for one in self._out}
        first = self._bulk.chosen(folder, threshold, without=gone, version=version)
        joined = self._joined(folder, threshold)
        return first + [(t.filename, t.folder or "") for t in joined if t.filename not in spared]

    def _changes(self) -> list[tuple[str, float, int]]:
        """(folder, probability, -1 or 1): what leaves a pile, and what joins one."""
        left = [(*one.first, -1) for one in self._out]
        return left + [(*one.next, 1) for one in self._out if one.next is not None]

    def _joined(self, folder: str | None, threshold: float) -> list[Tile]:
        found = [
            Tile(one.filename, *one.next)
            for one in self._out
            if one.next is not None and one.next[1] >= threshold and folder in (None, one.next[0])
        ]
        return sorted(found, key=lambda tile: (-tile.confidence, tile.filename))

    def _shown(self, folder: str | None, threshold: float) -> list[Tile]:
        joined = {tile.filename for tile in self._joined(folder, threshold)}
        return [
            Tile(one.filename, *one.first, out=True)
            for one in sorted(self._out, key=lambda one: (-one.first[1], one.filename))
            if one.refused and one.filename not in joined
            if one.first[1] >= threshold and folder in (None, one.first[0])
        ]


def step(outlook: Outlook, below: float = 1.01) -> float | None:
    """Where the slider goes next from ``below``; None when nothing more is likelier right than wrong.

    As low as costs :data:`ERRORS_A_FOLDER`, else to the next position that takes anything more.
    ``outlook`` is that of all folders.
    """
    above = round(below * 100)
    known, wrong = ([*outlook.counts, 0][above], [*outlook.errors, 0.0][above])
    most = ERRORS_A_FOLDER * len(outlook.piles)
    paying, reached = [], known
    for position in _POSITIONS:
        if position < above and outlook.counts[position] > reached:
            paying.append(position)  # a lower one that takes no more would say less than is so
            reached = outlook.counts[position]
    cheap = [p for p in paying if outlook.errors[p] - wrong <= most]
    best = cheap[-1:] or paying[:1]
    return best[0] / 100 if best else None


def _counts(video: Video) -> bool:
    """What is far from all folders, or was not guessed, is in no pile."""
    return bool(video.guesses) and not video.far


def _regarded(video: Video, folders: Collection[str]) -> _Regarded:
    first = video.guesses[0]
    nowhere = UNGUESSED in folders
    left = [guess for guess in video.guesses if not nowhere and guess.folder not in folders]
    lost = sum(guess.confidence for guess in video.guesses if guess.folder in folders)
    grown = None
    if left and lost < 1:
        grown = (left[0].folder, min(1.0, left[0].confidence / (1 - lost)))
    refused = nowhere or first.folder in folders
    return _Regarded(video.filename, (first.folder, first.confidence), grown, refused)


def _changed(pile: Pile, p: float, sign: int, threshold: float) -> Pile:
    taken = sign * (p >= threshold)
    return Pile(
        pile.folder,
        pile.predicted + sign,
        pile.videos + taken,
        max(0.0, pile.expected_errors + taken * (1 - p)),
    )
