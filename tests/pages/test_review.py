"""The page that says how good the model is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from sorter_core import learning, training
from sorter_core.app import Sorter
from sorter_core.types import FeatureTable
from tests.pages.conftest import HOSTILE, MARKUP, Visit, words

PARTS = ("What is mixed up", "In the wrong folder?", "Folders", "Its confidence", "Classifiers",
         "Over time", "Map")  # fmt: skip


def learn(sorter: Sorter, folders: dict[str, int], *, noise: float = 0.6) -> dict[str, Any]:
    """Train for real on made-up vectors, ``folders[name]`` of each, and publish the run."""
    rng = np.random.default_rng(0)
    labels = [name for name, count in folders.items() for _ in range(count)]
    centres = {name: rng.normal(size=16) for name in folders}
    rows = np.stack([centres[label] + noise * rng.normal(size=16) for label in labels])
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    marks = tuple(f"{number:032x}" for number in range(len(labels)))
    table = FeatureTable(marks, {"frames": rows}, {"frames": np.ones(len(labels), bool)})
    trained = training.fit(table, labels)
    candidate = learning.Candidate(trained, "none.model", len(labels))
    with sorter.library.store.write() as db:
        learning.publisher(candidate, None)(db)
    return trained.report


def parts(visit: Visit, part: str) -> AppTest:
    """The page with one of its tabs open."""
    app = visit("review")
    app.session_state["review_part"] = part
    app.run()
    assert list(app.exception) == []
    return app


def test_before_the_first_training_the_way_there_is_shown(visit: Visit, sorter: Sorter) -> None:
    """An empty page would say nothing."""
    app = visit("review")
    assert "Nothing has been learned yet" in words(app)
    assert [*app.metric, *app.tabs] == []


def test_the_figures_are_those_of_the_report(visit: Visit, sorter: Sorter) -> None:
    """The score with its interval, and what one reaches without looking."""
    report = learn(sorter, {"Cats": 20, "Dogs": 10})
    app = visit("review")
    shown = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    low, high = report["interval"]
    assert shown["Right folder"] == (
        f"{100 * report['accuracy']:.0f} %",
        f"{100 * low:.0f} to {100 * high:.0f} % (95 %)",
    )
    assert shown["Without looking"][0] == "67 %"
    assert "Always naming the biggest folder would get 67 right." in words(app)


def test_every_part_is_drawn(visit: Visit, sorter: Sorter) -> None:
    """Confusion matrix, folders, reliability with thresholds, classifiers."""
    report = learn(sorter, {"Cats": 12, "Dogs": 12}, noise=3)
    drawn = {part: parts(visit, part) for part in PARTS}
    tables = {
        next(iter(table.value.columns)): table.value
        for app in drawn.values()
        for table in app.dataframe
    }
    assert tables.keys() == {"Lies in", "Folder", "At least", "Classifier"}
    assert list(tables["Folder"]["Videos"]) == [12, 12]
    assert len(tables["At least"]) == len(report["thresholds"])
    assert list(tables["Classifier"]["In use"]).count(True) == 1
    charts = {part: len(app.get("plotly_chart")) for part, app in drawn.items()}
    assert charts == dict(zip(PARTS, (1, 0, 0, 2, 1, 1, 0), strict=True))
    assert "No forecast yet" in words(drawn["Over time"])


def test_without_an_honest_score_none_is_shown(visit: Visit, sorter: Sorter) -> None:
    """With a handful of videos the page says why, and names the small folders."""
    report = learn(sorter, {"Cats": 2, "Dogs": 2})
    app = visit("review")
    assert list(app.metric) == []
    said = words(app)
    assert report["why_no_score"] in said
    assert "“Cats”, “Dogs”" in said


def test_of_many_small_folders_some_are_named(visit: Visit, sorter: Sorter) -> None:
    """A sentence of sixty names is read by nobody."""
    learn(sorter, {f"Folder {number:02}": 2 for number in range(20)})
    assert "“Folder 11” and 8 more." in words(visit("review"))


def test_the_train_page_tells_the_score_too(visit: Visit, sorter: Sorter) -> None:
    """Each earlier training with its interval."""
    low, high = learn(sorter, {"Cats": 20, "Dogs": 10})["interval"]
    [row] = visit("train").dataframe[0].value.to_dict("records")
    assert row["95 % sure"] == f"{100 * low:.0f} to {100 * high:.0f} %"


def test_a_training_without_a_score_is_listed_without_one(visit: Visit, sorter: Sorter) -> None:
    """No number is made up for it."""
    learn(sorter, {"Cats": 2, "Dogs": 2})
    [row] = visit("train").dataframe[0].value.to_dict("records")
    assert row["Right folder"] is None or np.isnan(row["Right folder"])
    assert row["95 % sure"] == ""


@pytest.mark.parametrize("small", [3, 12])
def test_hostile_folder_names_stay_text(visit: Visit, sorter: Sorter, small: int) -> None:
    """In sentences, tables and in the charts, where Plotly would read some HTML."""
    learn(sorter, {HOSTILE: 12, MARKUP: small, "Cats": 12}, noise=3)
    drawn = [parts(visit, part) for part in PARTS] if small > 5 else [visit("review")]
    for app in drawn:
        unmarked(app)


def unmarked(app: AppTest) -> None:
    """No name has become markup."""
    raw = "".join(
        str(e.value) for kind in ("markdown", "caption", "warning") for e in getattr(app, kind)
    )
    assert "<img" not in raw
    assert "**bold**" not in raw
    for chart in app.get("plotly_chart"):
        assert "<img" not in json.dumps(json.loads(chart.proto.spec))


def test_a_library_of_many_folders_is_drawn(visit: Visit, sorter: Sorter) -> None:
    """Figures in cells are left out where they could not be read."""
    learn(sorter, {f"Folder {number}": 6 for number in range(35)}, noise=0.2)
    assert len(visit("review").get("plotly_chart")) == 1


def test_two_trainings_are_compared(visit: Visit, sorter: Sorter) -> None:
    """On the videos that both had held back, in words and by folder."""
    learn(sorter, {"Cats": 12, "Dogs": 12}, noise=3)
    learn(sorter, {"Cats": 12, "Dogs": 12}, noise=1)
    app = parts(visit, "Over time")
    assert app.selectbox[0].label == "Compare to"
    assert "On the 24 videos that both had held back" in words(app)
    assert list(app.dataframe[0].value["Folder"]) == ["Cats", "Dogs"]


def test_a_chosen_cell_lists_its_videos(visit: Visit, sorter: Sorter) -> None:
    """The list is a component of its own, which asks the HTTP routes; names are escaped in its title."""
    learn(sorter, {HOSTILE: 12, "Dogs": 12}, noise=3)
    app = visit("review")
    app.session_state["review_cell"] = (1, HOSTILE, "Dogs")
    app.run()
    assert list(app.exception) == []
    assert f"In “{HOSTILE}”, would go to “Dogs”" in words(app)
    assert "<img" not in "".join(str(element.value) for element in app.markdown)
    app.session_state["review_cell"] = (99, HOSTILE, "Dogs")  # of a training that is not shown
    app.run()
    assert "would go to" not in words(app)
