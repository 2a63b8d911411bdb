"""The figures of the report."""

import numpy as np
import pytest

from sorter_core import diagnostics


def test_wilson_is_the_published_interval():
    """Known values: 0 of 10, 10 of 10 and 50 of 100 (Newcombe 1998)."""
    assert diagnostics.wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-3)
    assert diagnostics.wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-3)
    assert diagnostics.wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-3)


def test_folder_figures_agree_with_scikit_learn():
    """Precision, recall, F1, balanced accuracy and confusion are what everybody calls so."""
    from sklearn import metrics

    dice = np.random.default_rng(0)
    y, guessed = dice.integers(0, 4, 200), dice.integers(0, 4, 200)
    ours = diagnostics.by_folder(y, guessed, "abcd")
    precision, recall, f1, support = metrics.precision_recall_fscore_support(y, guessed)
    for i, name in enumerate("abcd"):
        assert ours["per_folder"][name] == pytest.approx(
            {"precision": precision[i], "recall": recall[i], "f1": f1[i], "support": support[i]}
        )
    assert ours["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y, guessed))
    assert ours["macro_f1"] == pytest.approx(metrics.f1_score(y, guessed, average="macro"))
    assert ours["confusion"]["counts"] == metrics.confusion_matrix(y, guessed).tolist()


def test_what_was_never_counted_has_no_figure():
    """A folder of which no video was held back has no recall; one never named has no precision."""
    told = diagnostics.by_folder(np.array([0, 0, 1]), np.array([0, 0, 0]), "abc")["per_folder"]
    assert told["a"]["recall"] == 1
    assert (told["b"]["precision"], told["b"]["recall"], told["b"]["f1"]) == (None, 0, 0)
    assert told["c"] == {"precision": None, "recall": None, "f1": None, "support": 0}


def test_calibration_error_of_the_calibrated_is_small():
    """Confidence drawn at random and kept to: next to no error; stated 0.3 higher: 0.3."""
    dice = np.random.default_rng(0)
    confidence = dice.uniform(0.2, 0.7, 20_000)
    right = dice.random(20_000) < confidence
    assert diagnostics.ece(confidence, right) < 0.02
    assert diagnostics.ece(confidence + 0.3, right) == pytest.approx(0.3, abs=0.02)
    low, high = diagnostics.ece_interval(confidence + 0.3, right, seed=0)
    assert low < 0.3 < high


def test_reliability_bins_hold_every_video():
    """Also those of confidence 0 and 1."""
    bins = diagnostics.reliability(np.array([0.0, 0.5, 1.0, 1.0]), np.array([0, 1, 1, 0], bool))
    assert sum(one["videos"] for one in bins) == 4
    assert bins[-1] == {
        "from": pytest.approx(14 / 15),
        "to": 1.0,
        "videos": 2,
        "confidence": 1.0,
        "accuracy": 0.5,
    }


def test_thresholds_count_taken_and_wrong():
    """Above 0.9 lie two guesses, one of them wrong, and 0.1 errors were to be expected."""
    table = diagnostics.thresholds(np.array([0.95, 0.95, 0.5]), np.array([True, False, True]))
    line = next(one for one in table if one["threshold"] == 0.9)
    assert line == {
        "threshold": 0.9,
        "taken": 2,
        "errors": 1,
        "expected_errors": pytest.approx(0.1),
    }


def test_dummies_look_at_no_video():
    """Three of four in one folder: 0.75 for the majority, 0.625 for drawing by size."""
    assert diagnostics.dummies(np.array([0, 0, 0, 1])) == {"majority": 0.75, "stratified": 0.625}


def test_suspects_are_the_misfiled():
    """Of 40 videos two were put into the other folder; they and only they are named."""
    y = np.repeat([0, 1], 20)
    sure = np.where(np.arange(40) < 20, 0.9, 0.1)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    probabilities[[3, 30]] = probabilities[[30, 3]]  # what the model thinks, against the label
    marks = [f"v{i}" for i in range(40)]
    found = diagnostics.suspects(marks, y, probabilities, ["a", "b"])
    assert [one["fingerprint"] for one in found] == ["v3", "v30"]
    assert found[0] == {"fingerprint": "v3", "folder": "a", "suggested": "b", "confidence": 0.9}
