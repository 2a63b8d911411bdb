"""Learning from the last few labels at once, without a job: same model, more videos.

A full training tries classifiers and weights on videos held back. A refit keeps what was chosen
there and learns it again from the stored vectors, so that it is done between two key presses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sorter_core import belonging, features, learning, prediction, refitted, renames
from sorter_core.jobs import Jobs
from sorter_core.library import Library
from sorter_core.refitted import Refitted
from sorter_core.settings import Settings
from sorter_core.training import NODES, Trained
from sorter_core.training import refit as learn_again
from sorter_core.types import FeatureTable, Prediction

EVERY = 20
"""New labels after which the player asks for a refit."""
MOST_LABELS = 3000
"""With more, twenty labels change little, and learning them all takes longer than a second."""
MOST_GUESSES = 2000
"""Unsorted videos that get new guesses at once, the least certain first."""

Status = Literal["refitted", "job_running", "not_needed"]


@dataclass(frozen=True, slots=True)
class Refit:
    """What a refit did: from how many labels it learned, and how many videos it guessed anew.

    ``job_running``: the job's result will be the newer one. ``not_needed``: there are more than
    :data:`MOST_LABELS` labels; the next training takes them in.
    """

    status: Status
    labels: int = 0
    guessed: int = 0


def refit(library: Library, settings: Settings) -> Refit:
    """Learn what is filed now, guess anew, and publish that, unless a job does or did the same.

    The run's model file stays as it was trained: its report tells of that one. The new one lies
    beside it and is what ``predict`` uses until the next training. Raises
    :class:`~sorter_core.errors.ModelMissing` before the first training, and
    :class:`~sorter_core.errors.NotEnoughLabels`.
    """
    jobs = Jobs(library.store)
    if jobs.status().running:
        return Refit("job_running")
    run = learning.run(library)
    position = learning.position(library)
    labelled = _labelled(library)
    if len(labelled) > MOST_LABELS:
        return Refit("not_needed", len(labelled))
    trained = Trained(learning.trained_model(library), dict(run.report))
    names = trained.model.encoders
    table = features.load(library.store, list(labelled), names)
    seen = table.take(_rows_seen(table))
    pile = _unsorted(library)
    piled = list(pile)
    others = None
    if trained.report.get("unlabelled"):  # as it was trained
        others = features.load(library.store, piled[: max(NODES - len(seen), 0)], names)
    labels = [labelled[mark] for mark in seen.fingerprints]
    model = learn_again(trained, seen, labels, unlabelled=others, seed=settings.seed)
    asked = features.load(library.store, piled[:MOST_GUESSES], model.encoders)
    rest = [value for mark in piled[MOST_GUESSES:] if (value := pile[mark]) is not None]
    guessed = belonging.weighed(
        prediction.predict(model, asked), model.compared, len(labelled), rest
    )
    made = [guess for guess in guessed if guess.guesses]
    kept = refitted.save(library, model, run.id, position)
    if not _publish(library, made, kept):
        return Refit("job_running")
    refitted.drop(library)
    learning.after_publishing(library)
    return Refit("refitted", len(labels), len(made))


def _publish(library: Library, guesses: Sequence[Prediction], kept: Refitted) -> bool:
    """Put guesses and model in place of the old ones; False when a job runs, or has published meanwhile."""
    with library.store.write() as db:
        if db.execute("SELECT 1 FROM jobs WHERE state = 'active'").fetchone():
            return False
        if db.execute("SELECT max(id) FROM runs").fetchone()[0] != kept.run:
            return False
        made = renames.caught_up(db, guesses, kept.position)
        db.executemany(
            f"INSERT OR REPLACE INTO predictions {learning.PREDICTED}",
            [learning.predicted_row(guessed, kept.run) for guessed in made],
        )
        refitted.publish(db, kept)
        learning.touch(db, "predictions")
    return True


def _rows_seen(table: FeatureTable) -> list[int]:
    return [i for i in range(len(table)) if any(mask[i] for mask in table.present.values())]


def _labelled(library: Library) -> dict[str, str]:
    """The folder of each filed content."""
    with library.store.read() as db:
        rows = db.execute(
            "SELECT fingerprint, max(folder) FROM files WHERE folder <> ''"
            " GROUP BY fingerprint ORDER BY fingerprint"
        ).fetchall()
    return {row[0]: row[1] for row in rows}


def _unsorted(library: Library) -> dict[str, float | None]:
    """What is still to be sorted, the least certain first: there a refit changes most.

    With how typical each was at the last guess, None where nobody could tell.
    """
    with library.store.read() as db:
        rows = db.execute(
            "SELECT f.fingerprint, max(p.typicality) FROM files f LEFT JOIN predictions p USING (fingerprint)"
            " WHERE f.folder = '' GROUP BY f.fingerprint"
            " ORDER BY coalesce(min(p.confidence), 0), f.fingerprint"
        ).fetchall()
    return {row[0]: row[1] for row in rows}
