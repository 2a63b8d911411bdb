"""Training: from a table and folders to a model and an honest report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorter_core import diagnostics, prediction, training
from sorter_core.errors import JobCancelled, NotEnoughLabels
from sorter_core.types import FeatureTable
from tests.vectors import clouds, names, table, unit

ROOT = Path(__file__).parents[1]
SPREAD = {"frames": 4.0, "sound": 5.0}
Y = [0, 1, 2, 3] * 15


@pytest.fixture(scope="module")
def trained():
    """Four folders of fifteen videos, told apart for the most part."""
    return training.fit(clouds(Y, SPREAD), names(Y), seed=1)


def test_report_is_plain_json_and_complete(trained):
    """Every documented entry is there, and survives JSON without NaN."""
    report = json.loads(json.dumps(trained.report, allow_nan=False))
    assert report == trained.report
    text = diagnostics.__doc__
    assert all(f"``{name}``" in text for name in report), "an entry is not documented"
    assert report["videos"] == report["scored"] == 60
    assert np.sum(report["confusion"]["counts"]) == 60
    low, high = report["interval"]
    assert low < report["accuracy"] < high
    assert report["accuracy"] > 2 * report["dummies"]["majority"]


def test_comparison_names_every_candidate(trained):
    """Each classifier that was tried has its line, with mean and spread."""
    tried = {one["name"] for one in trained.report["candidates"]}
    assert tried == {"knn", "lda", "logistic", "mlp", "prototype", "spreading", "blend"}
    assert set(trained.report["chosen"].split("+")) < tried


def test_out_of_fold_list_is_what_the_score_counts(trained):
    """Accuracy, confusion and the list of videos tell the same."""
    listed = trained.report["out_of_fold"]
    right = [one["true"] == one["predicted"] for one in listed]
    assert np.mean(right) == pytest.approx(trained.report["accuracy"])
    assert len({one["fingerprint"] for one in listed}) == 60


def test_the_same_input_gives_the_same_model():
    """Twice the same: reports equal, probabilities equal to the last bit; another seed: others."""
    seen, labels = clouds(Y, SPREAD), names(Y)
    first, again = (training.fit(seen, labels, seed=1) for _ in range(2))
    assert first.report == again.report
    assert np.array_equal(first.model.predict_proba(seen), again.model.predict_proba(seen))
    assert training.fit(seen, labels, seed=2).report["out_of_fold"] != first.report["out_of_fold"]


def test_every_backend_gives_the_same_model(monkeypatch):
    """Processes, as a big library uses them, compute to the last bit what threads compute."""
    seen, labels = clouds(Y, {"frames": 2.0}), names(Y)
    threads = training.fit(seen, labels)
    monkeypatch.setattr(training, "SMALL", 0)
    processes = training.fit(seen, labels, backend="loky")
    assert threads.report == processes.report


def test_random_labels_score_like_chance():
    """With folders drawn at random the reported interval covers chance, and the mean is near it.

    A score read off the videos that picked the classifier would lie above.
    """
    scores, covered = [], 0
    for seed in range(10):
        y = np.random.default_rng(seed).permutation([0, 1] * 30)
        seen = clouds([0] * 60, {"frames": 1.0}, seed=seed)
        report = training.fit(seen, names(y), seed=seed).report
        low, high = report["interval"]
        covered += low <= 0.5 <= high
        scores.append(report["accuracy"])
    assert abs(np.mean(scores) - 0.5) < 0.06
    assert covered >= 8


def test_copies_do_not_raise_the_score():
    """Random folders, each video three times: the copies stay together, the score stays chance."""
    dice = np.random.default_rng(0)
    y = np.repeat(dice.permutation([0, 1] * 15), 3)
    x = np.repeat(unit(dice.normal(size=(30, 40))), 3, axis=0)
    report = training.fit(table(frames=x), names(y)).report
    assert report["accuracy"] < 0.75
    assert not report["interval"][0] > 0.6


def test_given_groups_stay_together():
    """Groups that the caller knows of do the same for videos that are not alike."""
    y = np.repeat([0, 1], 20)
    groups = [f"series {i // 10}" for i in range(40)]
    dice = np.random.default_rng(0)
    # what tells the folders apart is the series alone
    x = unit(dice.normal(size=(4, 60))[np.arange(40) // 10] + dice.normal(size=(40, 60)))
    split = training.fit(table(frames=x), names(y)).report["accuracy"]
    together = training.fit(table(frames=x), names(y), groups=groups).report["accuracy"]
    assert split > 0.9
    assert together < split - 0.15


def test_probabilities_are_calibrated():
    """On 600 videos never seen, confidence and truth agree: ECE at most .08, mean of three libraries."""
    for labelled in (3, 5, 15):
        errors = []
        for seed in range(3):
            y = np.repeat(np.arange(8), labelled + 75)
            seen = clouds(y, {"frames": 3.0}, seed=seed)
            rows = np.arange(len(y)) % (labelled + 75) < labelled
            known, rest = seen.take(np.flatnonzero(rows)), seen.take(np.flatnonzero(~rows))
            model = training.fit(known, names(y[rows]), unlabelled=rest).model
            probabilities = model.predict_proba(rest)
            right = probabilities.argmax(axis=1) == y[~rows]
            assert 0.5 < right.mean() < 0.99
            errors.append(diagnostics.ece(probabilities.max(axis=1), right))
        assert np.mean(errors) <= 0.08


def test_two_modalities_are_better_than_one():
    """Sound that tells as much as the pictures raises the score; noise in its place does not lower it."""
    y = np.repeat(np.arange(6), 12)
    both = clouds(y, {"frames": 5.0, "sound": 4.0})
    alone = FeatureTable(
        both.fingerprints,
        {"frames": both.vectors["frames"]},
        {"frames": both.present["frames"]},
    )
    noise = clouds([0] * len(y), {"sound": 1.0}, seed=9).vectors["sound"]
    noisy = FeatureTable(both.fingerprints, {**both.vectors, "sound": noise}, both.present)
    score = [training.fit(seen, names(y)).report["accuracy"] for seen in (alone, both, noisy)]
    assert score[1] > score[0] + 0.05
    assert score[2] > score[0] - 0.06


def test_a_missing_modality_is_no_hindrance():
    """Half of the videos without sound, a few without pictures: all get guesses, better than chance."""
    y = np.repeat(np.arange(4), 20)
    seen = clouds(y, {"frames": 1.5, "sound": 1.5})
    seen.present["sound"][::2] = False
    seen.present["frames"][1::8] = False
    done = training.fit(seen, names(y))
    made = prediction.predict(done.model, seen)
    assert all(len(one.guesses) == 3 for one in made)
    assert done.report["accuracy"] > 0.7


def test_unlabelled_videos_help():
    """Three labels a folder: the unsorted videos make the guesses on them better."""
    y = np.repeat(np.arange(4), 60)
    seen = clouds(y, {"frames": 3.2}, seed=3)
    known = np.flatnonzero(np.arange(240) % 60 < 3)
    rest = np.setdiff1d(np.arange(240), known)
    right = []
    for others in (None, seen.take(rest)):
        model = training.fit(seen.take(known), names(y[known]), unlabelled=others).model
        right.append((model.predict_proba(seen.take(rest)).argmax(axis=1) == y[rest]).mean())
    assert right[1] > right[0] + 0.03


def test_unlabelled_videos_without_vectors_are_no_hindrance():
    """Also when they have other encoders, or none."""
    seen, labels = clouds(Y, {"frames": 2.0, "sound": 2.0}), names(Y)
    for others in (
        clouds([0] * 5, {"frames": 1.0}, present=0.5),
        clouds([0] * 5, {"caption": 1.0}),
        FeatureTable((), {}, {}),
    ):
        assert training.fit(seen, labels, unlabelled=others).report["accuracy"] > 0.7


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "a", "a"]])
def test_too_few_folders_say_what_to_do(labels):
    """Fewer than two folders with a video: NotEnoughLabels with a sentence that tells the way on."""
    seen = clouds([0] * len(labels), {"frames": 1.0}) if labels else FeatureTable((), {}, {})
    with pytest.raises(NotEnoughLabels, match="into each of two folders"):
        training.fit(seen, labels)


def test_a_folder_without_vectors_does_not_count():
    """Two folders of which one has no analysed video are one folder."""
    seen = clouds([0, 0, 1], {"frames": 1.0})
    seen.present["frames"][2] = False
    with pytest.raises(NotEnoughLabels, match="only “folder 0” has one"):
        training.fit(seen, names([0, 0, 1]))


def test_one_video_a_folder_is_enough_for_guesses_and_no_score():
    """Prototypes guess from the first label; accuracy is null, with the reason beside it."""
    done = training.fit(clouds([0, 1, 2], {"frames": 2.0}), names([0, 1, 2]))
    report = done.report
    assert report["chosen"] == "prototype"
    assert report["accuracy"] is report["interval"] is report["ece"] is None
    assert "too few" in report["why_no_score"]
    assert report["small_folders"] == names([0, 1, 2])
    rest = clouds([0, 1, 2] * 30, {"frames": 2.0})
    guesses = [one.guesses[0] for one in prediction.predict(done.model, rest)]
    right = [one.folder == true for one, true in zip(guesses, names([0, 1, 2] * 30), strict=True)]
    assert np.mean(right) > 0.6


def test_four_a_folder_are_calibrated_but_not_scored():
    """Few labels are used for choosing and calibrating; no accuracy is made of them."""
    y = np.repeat(np.arange(5), 4)
    report = training.fit(clouds(y, {"frames": 1.0}), names(y)).report
    assert report["accuracy"] is None
    assert report["candidates"]


def test_small_folders_are_named():
    """A folder of two beside two of ten is named, and the score is told all the same."""
    y = np.repeat([0, 1, 2], [10, 10, 2])
    report = training.fit(clouds(y, {"frames": 1.0}), names(y)).report
    assert report["small_folders"] == ["folder 2"]
    assert report["accuracy"] is not None


def test_progress_runs_to_the_end_and_can_cancel():
    """Done rises to total; what the callback raises ends the training."""
    seen, labels, told = clouds(Y, {"frames": 1.0}), names(Y), []
    training.fit(seen, labels, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]

    def cancel(done: int, total: int) -> None:
        raise JobCancelled("enough")

    with pytest.raises(JobCancelled):
        training.fit(seen, labels, progress=cancel)


def test_refit_of_the_same_videos_is_the_same_model(trained):
    """What was chosen, learned again from the same videos, gives the same probabilities."""
    seen = clouds(Y, SPREAD)
    again = training.refit(trained, seen, names(Y), seed=1)
    np.testing.assert_allclose(
        again.predict_proba(seen), trained.model.predict_proba(seen), atol=1e-9
    )


def test_refit_takes_in_new_videos_and_folders(trained):
    """A folder that the training had not seen is guessed after a refit."""
    y = np.append(Y, [4] * 10)
    seen = clouds(y, {"frames": 2.0, "sound": 2.0})
    model = training.refit(trained, seen, names(y))
    assert model.classes == tuple(names(range(5)))
    assert (model.predict_proba(seen).argmax(axis=1) == y).mean() > 0.9


def test_many_small_folders():
    """1,000 folders of one or two videos each are learned, and no probability is lost."""
    y = np.sort(np.arange(1500) % 1000)
    done = training.fit(clouds(y, {"frames": 0.3}), names(y))
    assert len(done.model.classes) == 1000
    probabilities = done.model.predict_proba(clouds(y[:50], {"frames": 0.3}))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


values = st.sampled_from([0.0, 0.0, 1.0, -1.0, 1e-20, 1e20, float("nan"), float("inf")])


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.lists(values, min_size=3, max_size=3), st.booleans()),
        min_size=2,
        max_size=24,
    )
)
def test_no_table_breaks_it(videos):
    """Constant features, copies, NaN, huge values, lonely folders: a model of finite numbers, or a reason."""
    y, x, there = (list(column) for column in zip(*videos, strict=True))
    seen = table(frames=x)
    seen.present["frames"][:] = there
    try:
        done = training.fit(seen, names(y))
    except NotEnoughLabels:
        return
    json.dumps(done.report, allow_nan=False)
    for one in prediction.predict(done.model, seen, top_k=9):
        numbers = [guess.confidence for guess in one.guesses]
        assert not numbers or sum(numbers) == pytest.approx(1)
        assert all(0 <= number <= 1 for number in numbers)


def test_a_modality_that_hardly_any_labelled_video_has_counts_nothing():
    """What it is worth nobody can tell from six videos, but all that are to be sorted may have it."""
    y = np.repeat(np.arange(4), 75)
    both = clouds(y, {"frames": 4.0, "sound": 3.0})
    known = np.arange(len(y)) % 75 < 15
    both.present["sound"][np.flatnonzero(known)[6:]] = False
    seen, asked = both.take(np.flatnonzero(known)), both.take(np.flatnonzero(~known))
    done = training.fit(seen, names(y[known]), unlabelled=asked)
    assert done.report["encoders"] == [
        {"name": "frames", "videos": 60, "used": True},
        {"name": "sound", "videos": 6, "used": False},
    ]
    alone = FeatureTable(
        seen.fingerprints,
        {"frames": seen.vectors["frames"]},
        {"frames": seen.present["frames"]},
    )
    plain = training.fit(alone, names(y[known]), unlabelled=asked).model
    assert np.array_equal(done.model.predict_proba(asked), plain.predict_proba(asked))


def test_a_modality_of_half_of_a_few_videos_counts():
    """With twelve videos in all there is nothing better to go by."""
    seen = clouds([0, 1, 2] * 4, {"frames": 4.0, "sound": 1.0})
    seen.present["sound"][:6] = False
    assert training.fit(seen, names([0, 1, 2] * 4)).model.encoders == ("frames", "sound")


def test_each_sum_has_one_thread_in_a_new_process():
    """SciPy's BLAS is another than NumPy's, and is loaded late: its threads are limited, too."""
    script = """
import numpy as np, threadpoolctl
from sorter_core import training
from tests.vectors import clouds, names
found = []
def look(done, total):
    found[:] = [i["num_threads"] for i in threadpoolctl.threadpool_info() if i["user_api"] == "blas"]
y = [0, 1] * 4
training.fit(clouds(y, {"frames": 1.0}), names(y), progress=look)
print(*found)
"""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    told = subprocess.run(
        [sys.executable, "-c", script],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert len(told) >= 2
    assert set(told) == {"1"}
