"""How many key presses and clicks it takes until every video lies in the right folder.

With ``BENCH_DATA`` (a folder of ``SET/CLASS/*.mp4``): of each set three videos a class are filed at
the start, and a careful person, who knows the truth and looks at everything shown, sorts the rest with
the app: its predictions, thresholds, orders, moves and refits, all through the one Sorter.

The person, and what counts as an action, with the keys and buttons that the pages have:

- Bulk, either all predicted folders in one grid or one folder after another. Setting the slider is an
  action, and so is opening a folder. ``A`` selects what the slider takes, a click takes out each wrong
  one, ``Enter`` moves the rest, each video to its predicted folder. What was taken out stays unsorted
  and costs its own action later. Looking and scrolling cost nothing.
- Player: one key files one video, wherever it belongs; going there is an action. Nothing is ever filed
  wrongly: the person is careful, and her eyes are the truth.
- The slider goes to 90 % sure, then 70 %, then 50 %; the player does the rest. A grid is moved only
  where the app's calibrated probabilities promise that it is cheaper: the keys and, for each expected
  error, a click and a later key, against one key for each video. If too many are wrong in what she then
  sees, she leaves it to the player. After each 20 videos filed the app refits, as it does by itself.

The curve says which share of the videos lies in the right folder after so many actions a video. The
baseline is one key for each video. Run with ``python -m bench.actions``.
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

LABELS = 3
SPLITS = 3
STEPS = (0.9, 0.7, 0.5)
"""The slider's positions, one round of the folders each."""
GRID = 2
"""``A`` and ``Enter``."""
ERROR = 2
"""Actions that an error in the grid costs: the click now, the key later."""
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
        self._learned = 0

    def sort_all(self, *, folder_by_folder: bool) -> None:
        """The grid for what is sure enough, then the player for what is left."""
        self.sorter.train()
        self.sorter.predict()
        for threshold in STEPS:
            self.actions += 1
            if folder_by_folder:
                for folder in self.sorter.folders():
                    self._grid(threshold, folder.name)
            else:
                self._grid(threshold, None)
        self.actions += 1
        while page := self.sorter.videos(limit=1, order="learn").videos:
            self._act([page[0].filename], 1)

    def _grid(self, threshold: float, folder: str | None) -> None:
        """Move what is right in a grid, if that promises to be cheaper than the player."""
        opening = int(folder is not None)
        piles = self.sorter.bulk().outlook(threshold).piles
        mine = [pile for pile in piles if folder in (None, pile.folder)]
        promised = opening + GRID + ERROR * sum(pile.expected_errors for pile in mine)
        if promised >= sum(pile.videos for pile in mine):
            return
        shown = self.sorter.bulk().page(folder, threshold, self.videos, 0, "confident").videos
        right = [one.filename for one in shown if self.truth[one.filename] == one.folder]
        wrong = len(shown) - len(right)
        self.actions += opening
        if GRID + wrong < len(right):  # else she leaves it as it is: the player is cheaper
            self._act(right, GRID + wrong)

    def _act(self, names: list[str], actions: int) -> None:
        done = self.sorter.sort_many([(name, self.truth[name]) for name in names])
        if done.failed:
            raise RuntimeError(done.failed[0][1])
        self.actions += actions
        self.placed += len(names)
        self.curve.append((self.actions, self.placed))
        if self.placed - self._learned >= EVERY:
            self._learned = self.placed
            self.sorter.refit()

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
    target = None if folder_by_folder else TARGETS.get(name)
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


def main() -> None:
    """Print the lines."""
    for row in run():
        print(f"{row.name:<64} {row.value:7.3f} {row.unit:<2} {row.target} {row.ok or ''}")


if __name__ == "__main__":
    main()
