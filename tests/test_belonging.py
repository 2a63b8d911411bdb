"""Guesses that count on videos that belong to no folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core import Settings, encoders
from sorter_core.belonging import FEWEST, belonging, weighed
from sorter_core.types import Guess, Prediction
from tests.learned import analysed


def mixed(insiders: int, outsiders: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """P-values of both kinds, and who belongs."""
    dice = np.random.default_rng(seed)
    values = np.concatenate([dice.uniform(0, 1, insiders), dice.beta(0.4, 6, outsiders)])
    return values, np.arange(len(values)) < insiders


def test_where_all_belong_nothing_changes() -> None:
    """Even p-values are left alone, in nineteen draws of twenty and more."""
    untouched = [(belonging(mixed(200, 0, seed)[0], 100) == 1).all() for seed in range(40)]
    assert np.mean(untouched) > 0.9


@pytest.mark.parametrize("outsiders", [100, 200, 600])
def test_it_is_right_as_often_as_it_says(outsiders: int) -> None:
    """The mean of the probabilities is the share that belongs, also among the doubtful."""
    shares, truths = [], []
    for seed in range(20):
        values, belongs = mixed(200, outsiders, seed)
        shares.append(belonging(values, 100))
        truths.append(belongs)
    share, truth = np.concatenate(shares), np.concatenate(truths)
    assert abs(share.mean() - truth.mean()) < 0.08
    doubtful = share < 0.5
    assert abs(share[doubtful].mean() - truth[doubtful].mean()) < 0.12


def test_it_rises_with_the_p_value() -> None:
    """Who is more typical never belongs less likely."""
    values, _ = mixed(100, 150)
    shares = belonging(values, 100)[np.argsort(values)]
    assert (np.diff(shares) >= 0).all()
    assert shares[0] < 0.3
    assert shares[-1] == 1


@pytest.mark.parametrize(("values", "compared"), [(FEWEST - 1, 100), (100, FEWEST - 1), (0, 0)])
def test_a_few_tell_nothing(values: int, compared: int) -> None:
    """Neither few videos nor few labels are evidence against anybody."""
    assert (belonging(np.full(values, 0.01), compared) == 1).all()


def test_what_is_left_of_a_pile_is_no_stranger_for_being_left() -> None:
    """Who filed what was sure first has an unlike rest: with as many labels nothing is said of it."""
    values, _ = mixed(20, 180)
    assert belonging(values, 100).min() < 0.2
    assert (belonging(values, 101) == 1).all()
    assert (belonging(values, 50, filed=101) == 1).all(), "50 of 101 were compared with"


def test_guesses_are_multiplied_and_keep_their_order() -> None:
    """All guesses of a video alike; one whose typicality nobody knows stays as it is."""
    values, _ = mixed(60, 200)
    guesses = (Guess("Cats", 0.8), Guess("Dogs", 0.2))
    told = [Prediction(str(i), guesses, float(value)) for i, value in enumerate(values)]
    unknown = Prediction("unknown", guesses)
    after = weighed([*told, unknown], 100, 100)
    shares = belonging(values, 100)
    assert [one.guesses[0].confidence for one in after[:-1]] == pytest.approx(0.8 * shares)
    assert [one.guesses[1].confidence for one in after[:-1]] == pytest.approx(0.2 * shares)
    assert [one.typicality for one in after] == [one.typicality for one in (*told, unknown)]
    assert after[-1] == unknown


def test_a_part_of_the_pile_is_judged_with_the_rest() -> None:
    """Who guesses the least typical anew calls them no strangers for being the least typical."""
    values = np.sort(mixed(600, 0)[0])
    told = [Prediction(str(i), (Guess("Cats", 0.8),), float(v)) for i, v in enumerate(values)]
    part = told[:200]
    assert weighed(part, 100, 100)[0].guesses[0].confidence < 0.4
    assert weighed(part, 100, 100, values[200:].tolist()) == part


def test_what_was_filed_since_the_training_counts(tmp_path: Path, settings: Settings) -> None:
    """Most of the pile are strangers, until as much is filed as makes the rest no fair sample."""
    sorter = analysed(tmp_path / "own", settings, more=80)
    random, dim = np.random.default_rng(1), encoders.available()["sound"].dim
    strange = [f"Cats-{i}.mp4" for i in range(100, 180)]
    strange += [f"Dogs-{i}.mp4" for i in range(100, 140)]
    query = "UPDATE features SET vector = ? WHERE fingerprint = (SELECT fingerprint FROM files WHERE name = ?)"
    with sorter.library.store.write() as db:
        for name in strange:
            vector = random.normal(size=dim)
            db.execute(query, ((vector / np.linalg.norm(vector)).astype("<f4").tobytes(), name))
    sorter.train()

    def least() -> float:
        return min(sum(g.confidence for g in video.guesses) for video in sorter.predict().videos)

    assert least() < 0.5
    for video in sorter.videos().videos:
        if video.filename not in strange:
            sorter.sort(video.filename, video.filename.partition("-")[0])
    assert least() == pytest.approx(1)
