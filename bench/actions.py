"""How many key presses and clicks it takes until every video lies in the right folder.

With ``BENCH_DATA`` (a folder of ``SET/CLASS/*.mp4``): of each set three videos a class are filed at
the start, and a careful person, who knows the truth and looks at everything shown, sorts the rest with
the app: its predictions, thresholds, orders, moves and refits, all through the one Sorter.

The person, and what counts as an action, with the keys and buttons that the pages have:

- Bulk: going there is an action. The slider stands where the app puts it; its folders come one after
  another, or, after one click, all in one grid. What it takes is selected. A click takes out a wrong video, which from
  then on counts for its next guess; ``Enter`` moves the others, each to its predicted folder, and shows
  the next folder; ``G`` passes over a folder. At the end of the folders ``Enter`` lowers the slider by
  the app's step, and the app learns what was filed. Looking and scrolling cost nothing.
- Player: going there is an action, and one key files one video, wherever it belongs; what teaches most
  comes first, as the link from Bulk has it. After each 20 the app learns. After 40 she goes back to Bulk, if there are still as many, and begins there again.
- She moves a folder when that files more videos than she has to take out and later files by hand,
  else she passes over it. With two folders, whatever is taken out of one belongs to the other.
  Nothing is ever filed wrongly: the person is careful, and her eyes are the truth.

The curve says which share of the videos lies in the right folder after so many actions a video. The
baseline is one key for each video. Run with ``python -m bench actions``.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench._rows import Row
from sorter_core import Settings, Sorter
from sorter_core.refit import EVERY
from sorter_core.second_guesses import SecondGuesses, step

LABELS = 3
SPLITS = 3
ROUND = 40
"""Videos filed in the player before she looks into Bulk again."""
POINTS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
"""Where the curve is read, in actions a video."""
TARGETS = {"sport": 0.2}


class Person:
    """Sorts one library to its end, and counts."""

    def __init__(self, sorter: Sorter, truth: dict[str, str]) -> None:
        self.sorter, self.truth = sorter, truth
        self.videos = sorter.summary().unsorted
        self.actions = 0
        self.placed = 0
        self.curve: list[tuple[int, int]] = [(0, 0)]
        """(actions, videos in the right folder) after each move."""
        self.out: dict[str, list[str]] = {}
        """What she took out, and of which folders."""
        self._learned = 0

    def sort_all(self, *, folder_by_folder: bool) -> None:
        """The grid for what is sure enough, then the player for some, and so on to the end."""
        self.sorter.train()
        self.sorter.predict()
        self.actions += int(not folder_by_folder)  # a click on Everything: the page remembers it
        while self._left():
            self.actions += 1
            self._bulk(folder_by_folder=folder_by_folder)
            if self._left():
                self.actions += 1
                self._player()

    def _left(self) -> int:
        return self.videos - self.placed

    def _player(self) -> None:
        """One key a video; to the end, when the rest is hardly more than a round."""
        count = ROUND if self._left() >= 2 * ROUND else self._left()
        for number in range(1, count + 1):
            [video] = self.sorter.videos(limit=1, order="learn").videos
            self._move([video.filename], 1)
            if number % EVERY == 0:
                self._learn()

    def _bulk(self, *, folder_by_folder: bool) -> None:
        """From the step that the app advises down to its last."""
        threshold = step(self._grids().outlook())
        while threshold is not None:
            if folder_by_folder:
                self._folders(threshold)
            else:
                self._everything(threshold)
            lower = step(self._grids().outlook(), threshold)
            if lower is not None and self._left():
                self.actions += 1
                if self.placed > self._learned:
                    self._learn()
            threshold = lower

    def _folders(self, threshold: float) -> None:
        """Each folder that has something to show, in the order of the list, then what others gave."""
        passed: set[str] = set()
        last = ""
        while True:
            piles = self._grids().outlook(threshold).piles
            left = [pile.folder for pile in piles if pile.videos and pile.folder not in passed]
            if not left:
                return
            last = next((name for name in left if name > last), left[0])
            if not self._grid(last, threshold):
                passed.add(last)

    def _everything(self, threshold: float) -> None:
        """All folders in one grid; what was taken out may come again, under another folder."""
        while self._grids().outlook(threshold).videos and self._grid(None, threshold):
            pass

    def _grid(self, folder: str | None, threshold: float) -> bool:
        """Move what is right, if that pays; else pass over it."""
        shown = self._grids().chosen(folder, threshold)
        right = [name for name, place in shown if self.truth[name] == place]
        wrong = [(name, place) for name, place in shown if self.truth[name] != place]
        # Of the wrong ones so many at least are right where they count next: with two folders all.
        regained = len(wrong) / max(1, len(self.sorter.folders()) - 1)
        if len(right) + regained <= len(wrong):
            self.actions += 1
            return False
        for name, place in wrong:
            self.out.setdefault(name, []).append(place)
        self._move(right, len(wrong) + 1)
        return True

    def _grids(self) -> SecondGuesses:
        return self.sorter.second_guesses(self.out)

    def _learn(self) -> None:
        self._learned = self.placed
        self.sorter.refit()

    def _move(self, names: list[str], actions: int) -> None:
        done = self.sorter.sort_many([(name, self.truth[name]) for name in names])
        if done.failed:
            raise RuntimeError(done.failed[0][1])
        self.actions += actions
        self.placed += len(names)
        self.curve.append((self.actions, self.placed))

    def share(self, actions_a_video: float) -> float:
        """The share of the videos that lay in the right folder by then."""
        within = [
            placed for actions, placed in self.curve if actions <= actions_a_video * self.videos
        ]
        return within[-1] / self.videos


def run() -> list[Row]:
    """All sets, or nothing without ``BENCH_DATA``."""
    data = os.environ.get("BENCH_DATA")
    sets = sorted(path for path in Path(data).iterdir() if path.is_dir()) if data else []
    return [row for place in sets for row in _set(place)]


def _set(place: Path) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sorter, truth = _library(place, Path(folder))
        for way in (False, True):
            people = [_sorted(sorter, truth, seed, folder_by_folder=way) for seed in range(SPLITS)]
            yield from _rows(place.name, people, folder_by_folder=way)


def _rows(name: str, people: list[Person], *, folder_by_folder: bool) -> Iterator[Row]:
    value = statistics.mean(person.actions / person.videos for person in people)
    target = TARGETS.get(name)
    way = "folder by folder" if folder_by_folder else "one grid"
    yield Row(
        f"{name}, {LABELS} labels a folder, {way}: actions a video",
        value,
        "",
        "one key each",
        1.0,
        f"at most {target}" if target else "",
        value <= target if target else None,
    )
    for point in POINTS:
        share = 100 * statistics.mean(person.share(point) for person in people)
        yield Row(
            f"  in place after {point:g} a video", share, "%", "one key each", 100 * point, "", None
        )


def _library(place: Path, folder: Path) -> tuple[Sorter, dict[str, str]]:
    """A copy of the set as one unsorted pile, analysed, and the right folder of each video."""
    root = folder / "library"
    root.mkdir()
    truth: dict[str, str] = {}
    for number, path in enumerate(sorted(place.glob("*/*.mp4"))):
        name = f"{7_000_000_000_000_000_000 + number}.mp4"
        shutil.copyfile(path, root / name)
        truth[name] = path.parent.name
    for name in sorted(set(truth.values())):
        (root / name).mkdir()
    sorter = Sorter(Settings(_env_file=None, data_dir=root, state_dir=folder))
    sorter.extract()
    return sorter, truth


def _sorted(sorter: Sorter, truth: dict[str, str], seed: int, *, folder_by_folder: bool) -> Person:
    """Start again from the unsorted pile, with other labels, and let a person sort it."""
    for folder in sorter.folders():
        for path in sorted((sorter.library.root / folder.name).glob("*.mp4")):
            sorter.move(path.name, folder.name, None)
    _forget(sorter)
    random = np.random.default_rng(seed)
    for folder in sorter.folders():
        mine = sorted(name for name, right in truth.items() if right == folder.name)
        for name in random.permutation(mine)[:LABELS]:
            sorter.sort(str(name), folder.name)
    person = Person(sorter, truth)
    person.sort_all(folder_by_folder=folder_by_folder)
    return person


def _forget(sorter: Sorter) -> None:
    """What the person before has taught."""
    with sorter.library.store.write() as db:
        db.execute("DELETE FROM predictions")
        db.execute("DELETE FROM runs")
