"""The map of the library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sorter_core import Sorter, atlas
from sorter_core.errors import ModelMissing
from sorter_core.settings import Settings
from sorter_core.types import FeatureTable
from tests.learned import analysed
from tests.trained import copied, prepared


def table(*groups: int, lacking: int = 0) -> FeatureTable:
    """Videos around one centre a group; the first ``lacking`` have no sound."""
    dice, total = np.random.default_rng(0), sum(groups)
    labels = np.repeat(np.arange(len(groups)), groups)
    made = {
        name: (dice.normal(size=(len(groups), dim))[labels] + 0.3 * dice.normal(size=(total, dim)))
        for name, dim in (("frames", 24), ("sound", 12))
    }
    heard = np.arange(total) >= lacking
    made["sound"][~heard] = 0
    return FeatureTable(
        tuple(map(str, range(total))),
        {name: rows.astype(np.float32) for name, rows in made.items()},
        {"frames": np.ones(total, bool), "sound": heard},
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 filed and 6 unsorted videos, trained."""
    return prepared(tmp_path_factory.mktemp("atlas") / "library", lambda _: None)


@pytest.fixture
def sorter(original: Path, tmp_path: Path, settings: Settings) -> Sorter:
    return copied(original, tmp_path / "learned", settings)


def test_alike_videos_lie_together() -> None:
    """The nearest neighbour on the map is of the same group."""
    places = atlas.embedded(table(20, 20, 20, lacking=5), seed=0)
    labels = np.repeat([0, 1, 2], 20)
    far = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(far, np.inf)
    assert (labels[far.argmin(axis=1)] == labels).mean() > 0.95
    assert places.shape == (60, 2)
    assert (places.min(), places.max()) == (0, 1)


def test_the_same_seed_gives_the_same_map() -> None:
    """A map that turns at each visit can't be learned."""
    made = table(10, 10)
    assert np.array_equal(atlas.embedded(made, 3), atlas.embedded(made, 3))


@pytest.mark.parametrize("videos", [0, 1, 2, 4, 5, 6])
def test_a_handful_is_drawn_too(videos: int) -> None:
    """Too few for t-SNE, or just enough: no error, all inside the frame."""
    places = atlas.embedded(table(videos), seed=0)
    assert places.shape == (videos, 2)
    assert ((places >= 0) & (places <= 1)).all()


def test_equal_videos_lie_on_one_spot() -> None:
    """Nothing to tell them apart: no division by nothing."""
    rows = np.ones((8, 4), np.float32)
    places = atlas.embedded(
        FeatureTable(tuple("abcdefgh"), {"frames": rows}, {"frames": np.ones(8, bool)}), 0
    )
    assert np.isfinite(places).all()


def test_a_large_library_is_sampled_fairly() -> None:
    """Small folders whole, large ones in part, never more than asked for."""
    groups = {name: [f"{name}{i}" for i in range(size)] for name, size in (("a", 5), ("b", 5000), ("c", 50), ("d", 9000))}  # fmt: skip
    drawn = atlas.sampled(groups, 200, 0)
    counts = {name: sum(mark.startswith(name) for mark in drawn) for name in groups}
    assert len(drawn) == len(set(drawn)) == 200
    assert (counts["a"], counts["c"]) == (5, 50)
    assert abs(counts["b"] - counts["d"]) <= 1
    assert drawn == atlas.sampled(groups, 200, 0)


def test_the_map_has_filed_and_unsorted_videos(sorter: Sorter) -> None:
    """Each with the folder where it lies now."""
    drawn = sorter.atlas()
    folders = [spot.folder for spot in drawn.spots]
    assert (len(drawn.spots), drawn.videos, drawn.run) == (30, 30, 1)
    assert (folders.count("Cats"), folders.count(None)) == (12, 6)


def test_it_is_drawn_once_for_a_training(sorter: Sorter) -> None:
    """A move changes the colour and not the map; the next training draws anew."""
    before = {spot.filename: (spot.x, spot.y) for spot in sorter.atlas().spots}
    written = (sorter.library.artifacts / atlas.FILE).stat().st_mtime_ns
    sorter.move("Dogs-10.mp4", "Dogs", "Cats")
    spots = {spot.filename: spot for spot in sorter.atlas().spots}
    assert {name: (spot.x, spot.y) for name, spot in spots.items()} == before
    assert spots["Dogs-10.mp4"].folder == "Cats"
    assert (sorter.library.artifacts / atlas.FILE).stat().st_mtime_ns == written
    sorter.train()
    assert sorter.atlas().run == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"run": 7}', '"x"'])
def test_a_damaged_map_is_drawn_again(sorter: Sorter, damage: str) -> None:
    """It is only a copy of what can be computed."""
    (sorter.library.artifacts / atlas.FILE).write_text(damage)
    assert len(sorter.atlas().spots) == 30
    assert json.loads((sorter.library.artifacts / atlas.FILE).read_text())["run"] == 1


def test_without_a_training_there_is_no_map(tmp_path: Path, settings: Settings) -> None:
    """It shows what a model looks at, and there is none."""
    with pytest.raises(ModelMissing):
        analysed(tmp_path / "learned", settings).atlas()
