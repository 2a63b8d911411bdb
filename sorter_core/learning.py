"""From stored vectors to a published model: what is labelled, training, predicting, publishing."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sorter_core import (
    belonging,
    features,
    models,
    prediction,
    refitted,
    relabelled,
    renames,
    training,
)
from sorter_core.errors import ModelMissing, NotEnoughLabels, SorterError
from sorter_core.files import write_atomic
from sorter_core.library import Library
from sorter_core.settings import Settings
from sorter_core.types import FeatureTable, Prediction, ReportProgress, Run

if TYPE_CHECKING:
    from sorter_core.training import Trained

PREDICTIONS = "predictions.json"
_MODELS = "models"
FILED = "filed"
"""The key in a run's report: how many files lay in folders, learned from or not."""
_KEPT_MODELS = 5
_CHUNK = 2000
"""Videos predicted at a time: 2,000 x 1,280 float32 are 10 MB."""

PREDICTED = "(fingerprint, run, folder, confidence, guesses, typicality) VALUES (?, ?, ?, ?, ?, ?)"
"""The columns that a prediction fills, for SQL."""
_RUN_COLUMNS = "id, finished_at, classifier, videos, folders, accuracy"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained model whose file is written, and which nobody uses before it is published."""

    trained: Trained
    file: str
    videos: int


def train(library: Library, settings: Settings, progress: ReportProgress) -> Candidate:
    """Learn from all filed videos that have vectors.

    Raises :class:`~sorter_core.errors.NotEnoughLabels` with what to do about it.
    """
    started, filed = position(library), _filed(library)
    labelled = _labelled(library)
    marks = [mark for mark, _ in labelled]
    table = features.load(library.store, marks, settings.encoders)
    seen = [i for i in range(len(table)) if any(mask[i] for mask in table.present.values())]
    if labelled and not seen:
        raise NotEnoughLabels(
            f"None of the {len(labelled):,} filed videos could be analysed by what is in use:"
            f" {', '.join(settings.encoders)}. Switch on more of it, then train again."
        )
    trained = training.fit(
        table.take(seen),
        [labelled[i][1] for i in seen],
        unlabelled=_unsorted(library, settings, training.NODES - len(seen)),
        seed=settings.seed,
        backend=settings.joblib_backend,
        progress=progress,
    )
    trained.report.update({renames.POSITION: started, FILED: filed})
    name = f"{uuid.uuid4().hex}.model"
    (library.artifacts / _MODELS).mkdir(parents=True, exist_ok=True)
    models.save(trained.model, library.artifacts / _MODELS / name)
    return Candidate(trained, name, len(seen))


def _unsorted(library: Library, settings: Settings, most: int) -> FeatureTable | None:
    """Vectors of at most ``most`` unsorted videos: while labels are few, they show how videos lie."""
    with library.store.read() as db:
        rows = db.execute(
            "SELECT DISTINCT fingerprint FROM files WHERE folder = '' ORDER BY fingerprint LIMIT ?",
            (max(0, most),),
        ).fetchall()
    marks = [row[0] for row in rows]
    return features.load(library.store, marks, settings.encoders) if marks else None


def predict(
    library: Library, model: Any, progress: ReportProgress, top_k: int = 3
) -> list[Prediction]:
    """Guesses for every unsorted video that has vectors."""
    with library.store.read() as db:
        rows = db.execute("SELECT DISTINCT fingerprint FROM files WHERE folder = ''").fetchall()
    marks, filed = [row[0] for row in rows], _filed(library)
    made: list[Prediction] = []
    progress(0, len(marks))
    for start in range(0, len(marks), _CHUNK):
        table = features.load(library.store, marks[start : start + _CHUNK], model.encoders)
        made += prediction.predict(model, table, top_k=top_k)
        progress(min(start + _CHUNK, len(marks)), len(marks))
    return [guess for guess in belonging.weighed(made, model.compared, filed) if guess.guesses]


def current_model(library: Library) -> Any:
    """The newest run's model, or that of a refit since, in the folders' names of today.

    Raises :class:`ModelMissing`.
    """
    if kept := refitted.load(library):
        return following(library, *kept)
    row = _newest(library)
    model = models.load(library.artifacts / _MODELS / row["model"])
    with library.store.read() as db:
        since = renames.position_of(db, row)
    return following(library, model, since)


def trained_model(library: Library) -> Any:
    """The same as it was trained. Raises :class:`ModelMissing`."""
    return models.load(library.artifacts / _MODELS / _newest(library)["model"])


def _newest(library: Library) -> sqlite3.Row:
    with library.store.read() as db:
        row: sqlite3.Row | None = db.execute(
            "SELECT model, report, finished_at FROM runs ORDER BY id DESC LIMIT 1"
        ).fetchone()
    if row is None:
        raise ModelMissing("Nothing has been trained yet. Start a retraining first.")
    return row


def position(library: Library) -> int:
    """How far the journal is, for :func:`following` and :func:`publisher`."""
    with library.store.read() as db:
        return renames.position(db)


def following(library: Library, model: Any, since: int) -> Any:
    """A model of the journal's position ``since``, in the folders' names of today."""
    with library.looking() as tree:
        there = set(tree.root().folders)
    with library.store.read() as db:
        return renames.followed(db, model, since, there)


def runs(library: Library, limit: int) -> list[Run]:
    """The finished trainings, newest first, without their reports."""
    with library.store.read() as db:
        rows = db.execute(
            f"SELECT {_RUN_COLUMNS} FROM runs ORDER BY id DESC LIMIT ?", (limit,)
        ).fetchall()
    return [Run(**row) for row in rows]


def run(library: Library, number: int | None = None) -> Run:
    """One training with its report, in the folders' names of today; the newest without ``number``.

    Raises :class:`ModelMissing`.
    """
    where = "id = ?" if number is not None else "id = (SELECT max(id) FROM runs) OR id = ?"
    with library.store.read() as db:
        row = db.execute(
            f"SELECT {_RUN_COLUMNS}, report FROM runs WHERE {where}", (number,)
        ).fetchone()
    if row is None:
        raise ModelMissing(
            "Nothing has been trained yet." if number is None else f"There is no run {number}."
        )
    return Run(**{**dict(row), "report": _as_named_today(library, row)})


def _as_named_today(library: Library, row: sqlite3.Row) -> dict[str, Any]:
    report = json.loads(row["report"])
    with library.store.read() as db:
        now = renames.names_now(db, relabelled.folders(report), renames.position_of(db, row))
    return relabelled.relabelled(report, now)


def publisher(
    candidate: Candidate | None,
    predictions: Sequence[Prediction] | None,
    *,
    by_names: bool = False,
    since: int | None = None,
) -> Callable[[sqlite3.Connection], None]:
    """What puts a run, its predictions, or both into the store; to be called inside a transaction.

    ``by_names``: the predictions are no run's, whatever runs there are (see :mod:`zero_shot`);
    ``since``: how far the journal was when they were made.
    """

    def write(db: sqlite3.Connection) -> None:
        if candidate is not None:
            _write_run(db, candidate)
        if predictions is not None:
            made = renames.caught_up(db, predictions, since)
            _write_predictions(db, made, by_names=by_names)

    return write


def after_publishing(library: Library) -> None:
    """Write ``predictions.json`` for scripts, and drop the model files nobody needs any more."""
    write_for_scripts(library)
    with library.store.read() as db:
        rows = db.execute(
            "SELECT model FROM runs ORDER BY id DESC LIMIT ?", (_KEPT_MODELS,)
        ).fetchall()
        newest = db.execute("SELECT max(finished_at) FROM runs").fetchone()[0]
    kept = {row["model"] for row in rows} | set(refitted.current(library))
    for file in (library.artifacts / _MODELS).glob("*.model"):
        if file.name not in kept and newest and _older(file, library.artifacts / PREDICTIONS):
            file.unlink(missing_ok=True)


def write_for_scripts(library: Library) -> None:
    """Put the guesses that are stored now into ``predictions.json``.

    Whoever finds newer ones stored once the file is written writes it again: so of a job and a
    refit that end in the same moment, the one that writes last leaves the newest.
    """
    while True:
        shown = recall(library, "predictions")
        told = json.dumps(list(_as_script_reads(library)), indent=1)
        write_atomic(library.artifacts / PREDICTIONS, told.encode())
        if recall(library, "predictions") == shown:
            return


@contextmanager
def scripts_following(library: Library) -> Iterator[None]:
    """Write ``predictions.json`` anew when what is done in here changes the guesses: a renaming does."""
    known = recall(library, "predictions")
    yield
    if recall(library, "predictions") != known and (library.artifacts / PREDICTIONS).exists():
        with suppress(SorterError, OSError):  # the next prediction writes it; the renaming is done
            write_for_scripts(library)


def _older(file: Path, reference: Path) -> bool:
    """An hour older: a model that another process has just written is left alone."""
    return file.stat().st_mtime < reference.stat().st_mtime - 3600


def _labelled(library: Library) -> list[tuple[str, str]]:
    """(fingerprint, folder) of each filed content, once; the folder last in the alphabet if it has two."""
    with library.store.read() as db:
        rows = db.execute(
            "SELECT fingerprint, max(folder) FROM files WHERE folder <> '' GROUP BY fingerprint ORDER BY fingerprint"
        )
        return [(row[0], row[1]) for row in rows]


def _write_run(db: sqlite3.Connection, candidate: Candidate) -> None:
    model, report = candidate.trained.model, candidate.trained.report
    db.execute(
        "INSERT INTO runs (classifier, videos, folders, accuracy, model, report) VALUES (?, ?, ?, ?, ?, ?)",
        (
            report["chosen"],
            candidate.videos,
            len(model.classes),
            report["accuracy"],
            candidate.file,
            json.dumps(report, allow_nan=False),
        ),
    )


def _write_predictions(
    db: sqlite3.Connection, predictions: Sequence[Prediction], *, by_names: bool
) -> None:
    newest = db.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()[0]
    number = 0 if by_names else newest
    db.execute("DELETE FROM predictions")
    db.execute("DELETE FROM predictions_aside")
    db.executemany(
        f"INSERT INTO predictions {PREDICTED}", [predicted_row(p, number) for p in predictions]
    )
    touch(db, "predictions")


def predicted_row(guessed: Prediction, run: int) -> tuple[str | int | float | None, ...]:
    """A prediction as the values of :data:`PREDICTED`."""
    best = guessed.guesses[0]
    told = json.dumps([asdict(guess) for guess in guessed.guesses], allow_nan=False)
    return guessed.fingerprint, run, best.folder, best.confidence, told, guessed.typicality


def touch(db: sqlite3.Connection, key: str) -> None:
    """Raise the version ``key``, which other processes watch."""
    db.execute(
        "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)",
        (key,),
    )


def filed_since_training(library: Library, filed: int) -> int:
    """How many videos were filed, or moved to another folder, since the newest training read its labels.

    ``filed``: how many lie in folders now; those put there by hand are in no journal. What was taken
    back does not count, nor what lay there and could not be learned from.
    """
    with library.store.read() as db:
        row = db.execute(
            "SELECT finished_at, json_object(?, json_extract(report, '$.' || ?)) AS report,"
            " coalesce(json_extract(report, '$.' || ?), videos) AS known FROM runs ORDER BY id DESC LIMIT 1",
            (renames.POSITION, renames.POSITION, FILED),
        ).fetchone()
        if row is None:
            return filed
        moved = db.execute(
            "SELECT count(DISTINCT fingerprint) FROM moves m WHERE id > :since AND state = 'done'"
            " AND coalesce(undoes, 0) <= :since AND instr(target, '/') AND EXISTS (SELECT 1"
            " FROM files f WHERE f.fingerprint = m.fingerprint AND f.folder <> '')",
            {"since": renames.position_of(db, row)},
        ).fetchone()[0]
    return max(int(moved), filed - int(row["known"]))


def _filed(library: Library) -> int:
    with library.store.read() as db:
        return int(db.execute("SELECT count(*) FROM files WHERE folder <> ''").fetchone()[0])


def recall(library: Library, key: str) -> str | None:
    """What the library's store remembers under ``key``."""
    with library.store.read() as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row["value"] if row else None


def remember(library: Library, key: str, value: str) -> None:
    """Keep ``value`` under ``key`` in the library's store."""
    with library.store.write() as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _as_script_reads(library: Library) -> Iterator[dict[str, Any]]:
    with library.store.read() as db:
        rows = db.execute(
            "SELECT name, p.folder, confidence, guesses FROM predictions p JOIN files USING (fingerprint)"
            " WHERE files.folder = '' ORDER BY name"
        ).fetchall()
    for name, folder, confidence, guesses in rows:
        yield {
            "video": name,
            "predicted_folder": folder,
            "confidence": confidence,
            "top_predictions": json.loads(guesses),
        }
