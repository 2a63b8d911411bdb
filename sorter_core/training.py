"""From stored vectors and folders to a model, and to a report that claims no more than it knows."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import diagnostics, folds, novelty, selection
from sorter_core.classifiers import Classifier, available
from sorter_core.errors import NotEnoughLabels
from sorter_core.folds import Folds
from sorter_core.fusion import RANK, Coordinates, Model, Panel, View, clean
from sorter_core.selection import Choice, Held
from sorter_core.steps import Steps
from sorter_core.types import FeatureTable, ReportProgress

WITHOUT_FOLDS = "prototype"
"""What is used when nothing can be held back: it has nothing to choose and little to calibrate."""
SMALL = 2000
"""Videos up to which threads are quicker than processes, whose start alone takes a second."""
NODES = 1000
"""Videos, labelled or not, up to which unlabelled ones are taken along: they help while labels are
few, and cost time when they are many."""
TELLING = 10
"""Labelled videos with a modality, below which nobody can tell what it is worth; half of those that
the commonest has are enough, too. With 3 to 6 of 160 its weight was luck, and where all unsorted videos
had it 5 to 70 % of what was stated at 98 % and more were wrong; with 10 it were 1 to 2 %."""

Rows = NDArray[np.intp]
Kinds = Sequence[type[Classifier]]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and how good it is: ``report`` is plain JSON (:mod:`sorter_core.diagnostics`)."""

    model: Model
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is learned from.

    The first rows of each view are the labelled videos, those of ``y`` (folders as numbers) and
    ``groups`` (copies have equal numbers); the others have no label. ``rare``: modalities that too
    few labelled videos have, and how many.
    """

    views: tuple[View, ...]
    y: Rows
    groups: Rows
    classes: tuple[str, ...]
    fingerprints: tuple[str, ...]
    others: Rows
    rare: dict[str, int]


def ignore(done: int, total: int) -> None:
    """Report no progress."""


def fit(
    table: FeatureTable,
    labels: Sequence[str],
    *,
    groups: Sequence[str] | None = None,
    unlabelled: FeatureTable | None = None,
    seed: int = 0,
    backend: str = "loky",
    progress: ReportProgress = ignore,
) -> Trained:
    """Learn ``labels`` (a folder name for each video of ``table``).

    ``groups``: equal for videos that must stay together when some are held back; copies are found
    by fingerprint and vectors besides. ``unlabelled``: videos still to be sorted; they make the
    guesses on them better while labels are few. ``backend``: joblib's, for big libraries. The same
    input and seed give the same model, bit for bit. Raises NotEnoughLabels when fewer than two
    folders have a video with features, and whatever ``progress`` raises.
    """
    with _one_thread_a_sum():
        problem = _problem(table, labels, groups, unlabelled)
        choice = _choice(problem, seed, backend, progress)
        model = _model(problem, choice, seed)
    return Trained(model, _report(problem, choice, model, seed))


@contextmanager
def _one_thread_a_sum() -> Iterator[None]:
    """The order of additions, and with it the last bit, is the same on every machine.

    Only libraries that are loaded count: SciPy has a BLAS of its own, whose threads wait for each
    other on a busy machine (five times the time).
    """
    import scipy.linalg  # noqa: F401 - loaded for its BLAS, see above
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


def _problem(
    table: FeatureTable,
    labels: Sequence[str],
    groups: Sequence[str] | None,
    unlabelled: FeatureTable | None,
    trained: Model | None = None,
) -> Problem:
    """``trained``: what is learned again; its rotations serve."""
    rows = _seen(table)
    classes = tuple(sorted({labels[i] for i in rows}))
    _enough(classes)
    seen = table.take(rows)
    others = unlabelled.take(_seen(unlabelled)[: max(NODES - len(rows), 0)]) if unlabelled else None
    nodes = seen if others is None else _joined(seen, others)
    number = {folder: place for place, folder in enumerate(classes)}
    counts = {name: int(clean(seen, name)[1].sum()) for name in sorted(seen.vectors)}
    needed = max(1, min(TELLING, max(counts.values()) / 2))
    # A rotation that has all the dimensions it may have serves again; one of few videos is too small.
    panels = trained.panels if trained else ()
    bases = {panel.encoder: panel.basis for panel in panels if panel.basis.shape[1] >= RANK}
    return Problem(
        tuple(
            View(name, nodes, bases.get(name)) for name, count in counts.items() if count >= needed
        ),
        np.array([number[labels[i]] for i in rows], np.intp),
        folds.grouped(seen, None if groups is None else [groups[i] for i in rows]),
        classes,
        seen.fingerprints,
        np.arange(len(seen), len(nodes)),
        {name: count for name, count in counts.items() if 0 < count < needed},
    )


def _seen(table: FeatureTable) -> Rows:
    """The rows that have a vector at all."""
    masks = [clean(table, encoder)[1] for encoder in table.vectors]
    return np.flatnonzero(np.any(masks, axis=0)) if masks else np.empty(0, np.intp)


def _joined(first: FeatureTable, second: FeatureTable) -> FeatureTable:
    """Rows of both, with the encoders of the first."""
    vectors, present = {}, {}
    for name, x in first.vectors.items():
        more = second.vectors.get(name, np.zeros((len(second), x.shape[1]), x.dtype))
        vectors[name] = np.vstack([x, more])
        there = second.present.get(name, np.zeros(len(second), bool))
        present[name] = np.concatenate([first.present[name], there])
    return FeatureTable(first.fingerprints + second.fingerprints, vectors, present)


def _enough(classes: Sequence[str]) -> None:
    if len(classes) < 2:  # noqa: PLR2004  # one folder leaves nothing to tell apart
        so_far = f"only “{classes[0]}” has one" if classes else "there is none yet"
        raise NotEnoughLabels(
            "Sort at least one video into each of two folders, then train again: "
            f"so far {so_far} that could be analysed."
        )


def _choice(problem: Problem, seed: int, backend: str, progress: ReportProgress) -> Choice | None:
    """Try the candidates on videos held back; None when nothing can be held back."""
    y, groups = problem.y, problem.groups
    count = folds.count(y, groups)
    if not count:
        progress(1, 1)
        return None
    kinds = _candidates(problem)
    drawn = [folds.assign(y, groups, count, seed + turn) for turn in range(folds.rounds(y))]
    places = [(turn, fold) for turn in range(len(drawn)) for fold in range(count)]
    shape = (len(drawn), len(y), len(problem.classes))
    held = Held(
        {kind.name: np.zeros((len(problem.views), *shape)) for kind in kinds}, np.zeros(shape)
    )
    jobs = ((problem, kinds, drawn[turn], fold, seed) for turn, fold in places)
    for done, (opinions, prior) in enumerate(_parallel(jobs, len(y), backend)):
        turn, fold = places[done]
        hidden = drawn[turn] == fold
        held.prior[turn, hidden] = prior
        for kind, given in zip(kinds, opinions, strict=True):
            held.opinions[kind.name][:, turn, hidden] = given
        progress(done + 1, len(places))
    return selection.choose(held, y, drawn[0])


def _candidates(problem: Problem) -> list[type[Classifier]]:
    """The classifiers worth a try with so many videos a folder, and so many in all."""
    middle, nodes = np.median(np.bincount(problem.y)), len(problem.y) + len(problem.others)
    kinds = available().values()
    return [kind for kind in kinds if kind.at_least <= middle and nodes <= kind.at_most]


Opinions = tuple[NDArray[np.float64], NDArray[np.float64]]
"""(classifiers, modalities, videos, folders), and the prior (folders,)."""


def _parallel(jobs: Iterable[tuple[Any, ...]], videos: int, backend: str) -> Iterable[Opinions]:
    import joblib

    # when a person cancels, joblib says that work was wasted
    warnings.filterwarnings("ignore", ".*adjusting the input task iterator")
    with joblib.parallel_config("threading" if videos <= SMALL else backend, n_jobs=-1):
        yield from joblib.Parallel(return_as="generator")(
            joblib.delayed(_one_fold)(*job) for job in jobs
        )


def _one_fold(problem: Problem, kinds: Kinds, drawn: Folds, fold: int, seed: int) -> Opinions:
    """Every classifier's opinions on the videos of a fold, learned from those outside it.

    Where unlabelled videos take part, the held-back ones take part as such: that is how a video
    to be sorted will be met.
    """
    seen, hidden = np.flatnonzero(drawn != fold), np.flatnonzero(drawn == fold)
    others = np.concatenate([hidden, problem.others]) if len(problem.others) else problem.others
    folders = len(problem.classes)
    given = np.zeros((len(kinds), len(problem.views), len(hidden), folders))
    for place, view in enumerate(problem.views):
        asked = view.present[hidden]
        panel, coordinates = _panel(view, problem.y, seen, others, kinds=kinds, seed=seed)
        if panel is not None and asked.any():
            given[:, place, asked] = panel.opinions(coordinates[hidden[asked]], folders)
    return given, _prior(problem.y[seen], folders)


def _panel(
    view: View, y: Rows, seen: Rows, others: Rows, *, kinds: Kinds, seed: int
) -> tuple[Panel | None, Coordinates]:
    """Classifiers on one modality, and all videos as they read them; None with one folder only."""
    seen, others = seen[view.present[seen]], others[view.present[others]]
    known, numbers = np.unique(y[seen], return_inverse=True)
    if len(known) < 2:  # noqa: PLR2004  # one folder leaves nothing to tell apart
        return None, np.empty((0, 0))
    centre, coordinates = view.centred(np.concatenate([seen, others]))
    unlabelled = coordinates[others] if len(others) else None
    learned = [
        kind().fit(coordinates[seen], numbers, unlabelled=unlabelled, seed=seed) for kind in kinds
    ]
    equal = np.full(len(learned), 1 / len(learned))
    return Panel(view.encoder, known, centre, view.basis, tuple(learned), equal), coordinates


def _prior(y: Rows, folders: int) -> NDArray[np.float64]:
    """Logits of how many videos each folder has, one more than it has: (folders,)."""
    logits = np.log(np.bincount(y, minlength=folders) + 1)
    return np.asarray(logits - logits.mean())


def _model(problem: Problem, choice: Choice | None, seed: int) -> Model:
    """The chosen classifiers, learned again from all videos, with the weights that they earned."""
    views = problem.views
    members = choice.members if choice else (WITHOUT_FOLDS,)
    flat = choice.weights if choice else np.append(np.full(len(views), 1 / len(views)), 0)
    weights = flat[:-1].reshape(len(members), len(views))
    nobody = not weights.any()  # then the prior alone speaks
    rows, kinds = np.arange(len(problem.y)), available()
    panels = []
    for view, earned in zip(views, weights.T, strict=True):
        used = [place for place, weight in enumerate(earned) if weight > 0 or nobody]
        if used:
            chosen = [kinds[members[place]] for place in used]
            panel, _ = _panel(view, problem.y, rows, problem.others, kinds=chosen, seed=seed)
            panels += [replace(panel, weights=earned[used])] if panel else []
    prior = flat[-1] * _prior(problem.y, len(problem.classes))
    seeing = {panel.encoder for panel in panels}
    looked = [view for view in views if view.encoder in seeing]
    reference = novelty.learned(looked, problem.y, problem.groups)
    steps = choice.steps if choice else Steps()
    return Model(problem.classes, tuple(panels), prior, steps, reference)


def _report(problem: Problem, choice: Choice | None, model: Model, seed: int) -> dict[str, Any]:
    labelled = slice(len(problem.y))
    there = {view.encoder: int(view.present[labelled].sum()) for view in problem.views}
    return {
        **diagnostics.described(problem.y, problem.classes, seed),
        "unlabelled": len(problem.others),
        "encoders": [
            {"name": name, "videos": videos, "used": name in model.encoders}
            for name, videos in sorted((there | problem.rare).items())
        ],
        "chosen": choice.name if choice else WITHOUT_FOLDS,
        "candidates": choice.candidates if choice else [],
        **diagnostics.judged(problem.y, problem.classes, problem.fingerprints, choice, seed),
    }


def refit(
    trained: Trained,
    table: FeatureTable,
    labels: Sequence[str],
    *,
    unlabelled: FeatureTable | None = None,
    seed: int = 0,
) -> Model:
    """Learn anew from more videos with the classifiers and weights that ``trained`` has chosen.

    Nothing is held back and nothing tried out, so that it takes a part of a second; the report of
    ``trained`` remains the only one. Folders may have come and gone. Raises NotEnoughLabels.
    """
    with _one_thread_a_sum():
        problem = _problem(table, labels, None, unlabelled, trained.model)
        return _model(problem, _chosen(trained, problem), seed)


def _chosen(trained: Trained, problem: Problem) -> Choice:
    """The choice that a model stands for; a modality that it does not know counts nothing."""
    panels = {panel.encoder: panel for panel in trained.model.panels}
    members = tuple(sorted({one.name for panel in panels.values() for one in panel.classifiers}))
    weights = np.zeros((len(members), len(problem.views)))
    for place, view in enumerate(problem.views):
        if view.encoder in panels:
            panel = panels[view.encoder]
            rows = [members.index(one.name) for one in panel.classifiers]
            weights[rows, place] = panel.weights
    flat = np.append(weights, _prior_weight(trained))
    nothing = np.zeros((0, len(problem.classes)))
    return Choice(members, flat, nothing, np.zeros(0, bool), [], trained.model.steps)


def _prior_weight(trained: Trained) -> float:
    """How much the sizes of the folders counted: the model's file has only the product."""
    logits = np.log([folder["videos"] + 1 for folder in trained.report["folders"]])
    plain = logits - logits.mean()
    return float(trained.model.prior @ plain / max(plain @ plain, 1e-12))
