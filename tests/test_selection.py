"""Choosing, and the score that had no part in it."""

import numpy as np

from sorter_core import folds, selection
from sorter_core.selection import BLEND, Held


def held(y, strengths, seed=0):
    """Opinions of classifiers on one modality, which know the truth as well as ``strengths`` say."""
    dice = np.random.default_rng(seed)
    folders = int(y.max()) + 1
    truth = np.eye(folders)[y]
    opinions = {}
    for name, strength in strengths.items():
        logits = strength * truth + dice.normal(size=truth.shape)
        opinions[name] = (logits - logits.mean(axis=1, keepdims=True))[None, None]
    return Held(opinions, np.zeros((1, len(y), folders)))


def chosen(y, strengths, seed=0):
    drawn = folds.assign(y, np.arange(len(y)), 5, seed)
    return selection.choose(held(y, strengths, seed), y, drawn)


def test_the_best_leads():
    """The classifier that knows most is chosen first, and heads the comparison beside the blend."""
    y = np.repeat([0, 1, 2], 40)
    choice = chosen(y, {"knn": 0.3, "lda": 3.0, "mlp": 0.2})
    assert choice.members[0] == "lda"
    assert {one["name"] for one in choice.candidates[:2]} == {"lda", BLEND}
    assert len(choice.candidates) == 4


def test_those_who_help_join():
    """Two classifiers with errors of their own are used together."""
    y = np.repeat([0, 1, 2], 60)
    choice = chosen(y, {"knn": 1.5, "lda": 1.5})
    assert set(choice.members) == {"knn", "lda"}
    assert choice.name in {"knn+lda", "lda+knn"}
    alone = max(one["accuracy"] for one in choice.candidates if one["name"] != BLEND)
    assert (choice.probabilities.argmax(axis=1) == y).mean() > alone


def test_the_best_of_many_that_know_nothing_scores_like_chance():
    """Picking the luckiest of 4 random classifiers does not raise the score; reading it off would."""
    scores, lucky = [], []
    for seed in range(15):
        y = np.repeat([0, 1], 15)
        names = ("knn", "lda", "logistic", "mlp")
        given = held(y, dict.fromkeys(names, 0.0), seed)
        choice = selection.choose(given, y, folds.assign(y, np.arange(30), 5, seed))
        scores.append((choice.probabilities.argmax(axis=1) == y).mean())
        lucky.append(
            max((opinion[0, 0].argmax(axis=1) == y).mean() for opinion in given.opinions.values())
        )
    assert abs(np.mean(scores) - 0.5) < 0.07
    assert np.mean(lucky) > 0.56


def test_what_is_never_held_back_is_not_scored():
    """The only video of a folder has no score."""
    y = np.append(np.repeat([0, 1], 10), 2)
    choice = chosen(y, {"lda": 2.0})
    assert choice.scored.tolist() == [True] * 20 + [False]
