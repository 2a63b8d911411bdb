"""Guesses from folders' names, with a tiny CLIP in the place of the real one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sorter_core import Settings, Sorter, encoders, features, zero_shot
from sorter_core.decoding import Analysis
from sorter_core.errors import ModelMissing
from sorter_core.types import FeatureTable, Matrix
from tests.encoders import tiny
from tests.learned import analysed

NAMES = ["Cats", "Dogs"]


def encode_text(texts: Sequence[str]) -> Matrix:
    """Cats lie along the first axis, dogs along the second."""
    rows = [[float("cat" in text.lower()), float("dog" in text.lower()), 0.0] for text in texts]
    return np.array(rows, np.float32)


def table(*rows: tuple[float, float, float] | None) -> FeatureTable:
    vectors = np.array([row or (0, 0, 0) for row in rows], np.float32)
    present = np.array([row is not None for row in rows])
    return FeatureTable(tuple(map(str, range(len(rows)))), {"clip": vectors}, {"clip": present})


def test_the_name_that_describes_it_best_wins() -> None:
    """By how much depends on how much nearer it is; each row sums to 1."""
    made = zero_shot.zero_shot(NAMES, table((0.3, 0.2, 0.9), (0.21, 0.2, 0.9)), encode_text)
    assert made.shape == (2, 2)
    assert made.sum(axis=1) == pytest.approx([1, 1])
    assert made[0, 0] > 0.99
    assert 0.5 < made[1, 0] < 0.9


def test_of_what_was_not_seen_nothing_is_said() -> None:
    """A video whose pictures could not be read, and a table without CLIP's vectors."""
    assert zero_shot.zero_shot(NAMES, table(None), encode_text).tolist() == [[0.5, 0.5]]
    without = FeatureTable(("0",), {}, {})
    assert zero_shot.zero_shot(NAMES, without, encode_text).tolist() == [[0.5, 0.5]]


@pytest.fixture
def sorter(settings: Settings, tmp_path: Path) -> Sorter:
    """A library in which too little is filed to learn from, seen by CLIP."""
    models = tiny.clip(tmp_path / "models")
    used = {"encoders": ("clip",), "models_dir": models}
    sorter = Sorter(settings.model_copy(update=used))
    sorter.scan()
    clip = encoders.make("clip", settings.cache_dir, models)
    vectors = clip.encode_text(["a photo of cat", "a photo of dog", "a video of dog"])  # type: ignore[attr-defined]
    store = sorter.library.store
    with store.read() as db:
        rows = db.execute(
            "SELECT fingerprint FROM files WHERE folder = '' ORDER BY name"
        ).fetchall()
    analyses = [
        Analysis(row[0], {"clip": vector}, {}) for row, vector in zip(rows, vectors, strict=True)
    ]
    features._save(store, analyses)
    sorter.rename_folder("Cats", "cat")
    sorter.rename_folder("Dogs", "dog")
    return sorter


def retrained(sorter: Sorter) -> None:
    """Wait for the good end of a job."""
    assert sorter.retrain() == "started"
    end = time.monotonic() + 60
    while sorter.job().running:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert sorter.job().last_result == "success"


def test_it_guesses_before_anything_is_learned(sorter: Sorter) -> None:
    """As pages and scripts read guesses; what CLIP has not seen gets none."""
    page = sorter.predict(top_k=2)
    found = {video.filename: video.guesses[0].folder for video in page.videos if video.guesses}
    assert found == {"1.mp4": "cat", "2.mp4": "dog", "3.mp4": "dog"}
    written = json.loads((sorter.library.artifacts / "predictions.json").read_text())
    assert [entry["predicted_folder"] for entry in written] == ["cat", "dog", "dog"]
    assert sorter.runs() == []
    assert sorter.guessed_by() == "names"
    assert (
        max(entry["confidence"] for entry in written) <= 0.75
    )  # nobody has told yet if names say anything


def test_the_job_guesses_where_it_can_learn_nothing(sorter: Sorter) -> None:
    """One filed video is too little for a training; the job ends well all the same."""
    retrained(sorter)
    assert [video.guesses[0].folder for video in sorter.videos().videos] == ["cat", "dog", "dog"]


def test_where_the_labels_are_gone_again_it_is_names_again(sorter: Sorter) -> None:
    """There was a training once; what is guessed now is none of its."""
    with sorter.library.store.write() as db:
        db.execute(
            "INSERT INTO runs (classifier, videos, folders, accuracy, model, report)"
            " VALUES ('knn', 9, 2, NULL, 'gone', '{}')"
        )
    retrained(sorter)
    assert sorter.guessed_by() == "names"


def test_where_a_model_guesses_that_is_said(settings: Settings, tmp_path: Path) -> None:
    """And before anything was guessed, nothing."""
    sorter = analysed(tmp_path / "learned", settings)
    assert sorter.guessed_by() is None
    sorter.train()
    assert sorter.guessed_by() is None
    sorter.predict()
    assert sorter.guessed_by() == "model"


def test_without_clip_there_is_nothing_to_go_by(settings: Settings) -> None:
    """Neither when it is off, nor when its model is not here."""
    for names in (("frames",), ("clip",)):
        sorter = Sorter(settings.model_copy(update={"encoders": names}))
        with pytest.raises(ModelMissing, match="Nothing has been trained"):
            sorter.predict()
