"""What every classifier promises, tried on each that the registry finds."""

import numpy as np
import pytest

from sorter_core.classifiers import Classifier, available

KINDS = list(available().values())
every_classifier = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def rows(sizes=(20, 20, 20), dim=24, seed=0, noise=0.8):
    dice = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(sizes)), sizes)
    x = dice.normal(size=(len(sizes), dim))[y] + noise * dice.normal(size=(len(y), dim))
    x -= x.mean(axis=0)
    return x / np.linalg.norm(x, axis=1, keepdims=True), y


def test_finds_what_the_design_asks_for():
    """k-NN, logistic regression, MLP, shrinkage LDA and prototypes are there, under their names."""
    assert {"knn", "logistic", "mlp", "lda", "prototype"} <= set(available())
    assert all(name == kind.name for name, kind in available().items())


@every_classifier
def test_learns_clouds(kind: type[Classifier]):
    """Well parted folders are told apart, on rows that were not learned from."""
    x, y = rows((40, 40, 40))
    learned = kind().fit(x[::2], y[::2])
    assert (learned.logits(x[1::2]).argmax(axis=1) == y[1::2]).mean() > 0.9


@every_classifier
def test_tells_probabilities(kind: type[Classifier]):
    """Probabilities have a row a video and a column a folder, are finite and sum to 1."""
    x, y = rows()
    probabilities = kind().fit(x, y).predict_proba(x)
    assert probabilities.shape == (60, 3)
    assert np.isfinite(probabilities).all()
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@every_classifier
def test_works_with_two_folders(kind: type[Classifier]):
    """Two folders, where scikit-learn keeps one column only, have two columns here."""
    x, y = rows((20, 20))
    learned = kind().fit(x, y)
    assert learned.logits(x).shape == (40, 2)
    assert (learned.logits(x).argmax(axis=1) == y).mean() > 0.9


@every_classifier
def test_is_the_same_again(kind: type[Classifier]):
    """The same rows, labels and seed give the same logits to the last bit."""
    x, y = rows()
    first, second = (kind().fit(x, y, unlabelled=x[:5], seed=3).logits(x) for _ in range(2))
    assert np.array_equal(first, second)


@every_classifier
def test_does_not_prefer_big_folders(kind: type[Classifier]):
    """Of two overlapping folders, the one with ten times the videos does not swallow the other."""
    x, y = rows((200, 20), noise=2.0, seed=1)
    guessed = kind().fit(x[::2], y[::2]).logits(x[1::2]).argmax(axis=1)
    assert (guessed[y[1::2] == 1] == 1).mean() > 0.5


@every_classifier
def test_heeds_weights(kind: type[Classifier]):
    """A row of next to no weight changes next to nothing."""
    x, y = rows()
    # more of the first folder's rows, called the second
    more, wrong = np.vstack([x, x[:20]]), np.append(y, np.ones(20, np.intp))
    weights = np.append(np.ones(60), np.full(20, 1e-9))
    guessed = kind().fit(more, wrong, weights).logits(x[:20]).argmax(axis=1)
    assert (guessed == 0).mean() > 0.7


@every_classifier
def test_comes_back_from_its_state(kind: type[Classifier]):
    """State is plain JSON and numeric arrays, and gives the same logits back."""
    x, y = rows()
    learned = kind().fit(x, y)
    settings, arrays = learned.to_state()
    assert all(isinstance(value, int | float | str | bool) for value in settings.values())
    assert all(array.dtype.kind in "fiub" for array in arrays.values())
    assert np.array_equal(kind.from_state(settings, arrays).logits(x), learned.logits(x))


@every_classifier
def test_bears_odd_rows(kind: type[Classifier]):
    """Zero rows, equal rows, one video a folder and a single column give finite logits."""
    for x, y in [
        (np.zeros((6, 4)), np.array([0, 0, 0, 1, 1, 1])),
        (np.ones((6, 4)) / 2, np.array([0, 1, 2, 0, 1, 2])),
        (np.eye(3), np.arange(3)),
        (np.array([[1.0], [-1.0], [1.0], [-1.0]]), np.array([0, 1, 0, 1])),
    ]:
        assert np.isfinite(kind().fit(x, y).logits(x)).all()
        assert np.isfinite(kind().fit(x, y, unlabelled=x[:1]).logits(x)).all()


@every_classifier
def test_can_be_asked_about_no_video(kind: type[Classifier]):
    """An empty table is no error."""
    x, y = rows()
    assert kind().fit(x, y).logits(x[:0]).shape == (0, 3)


@pytest.mark.parametrize("name", ["lda", "spreading"])
def test_learns_from_unlabelled_rows(name):
    """With two labels a folder, 200 unlabelled videos make the guesses on them better."""
    x, y = rows((102, 102, 102), dim=60, noise=1.75, seed=1)
    labelled = np.concatenate([np.flatnonzero(y == folder)[:2] for folder in range(3)])
    others = np.setdiff1d(np.arange(len(y)), labelled)
    kind = available()[name]
    alone = kind().fit(x[labelled], y[labelled]).logits(x[others])
    helped = kind().fit(x[labelled], y[labelled], unlabelled=x[others]).logits(x[others])
    right = [(logits.argmax(axis=1) == y[others]).mean() for logits in (alone, helped)]
    assert right[1] > right[0] + 0.05


def test_many_small_folders_are_no_warning(recwarn):
    """scikit-learn takes them for numbers, and told whoever started the training so."""
    x, y = rows((2,) * 15)
    available()["logistic"]().fit(x, y)
    assert [str(one.message) for one in recwarn] == []
