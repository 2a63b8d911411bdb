"""Guesses follow the folders: what is renamed, merged, deleted, and what of it is undone.

A model knows the folders by the names they had when it was trained. The journal tells what became
of them since. The stored guesses are rewritten with each such change, in its transaction; those of
a merged or deleted folder are set aside, so that an undo brings them back as they were.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sorter_core.types import Guess, Prediction, Probabilities

POSITION = "journal"
"""The key in a run's report: how far the journal was when its labels were read."""
_KINDS = "('create_folder', 'rename_folder', 'delete_folder')"


class Followed:
    """A model whose folders have other names now; all else is as it was.

    ``classes`` are the folders that are there; the probabilities of merged ones add up, and those
    of a deleted one go to nobody, so that a row may sum up to less than 1.
    """

    def __init__(self, model: Any, names: Mapping[str, str | None]) -> None:
        self._model = model
        now = [names[name] for name in model.classes]
        self.classes: tuple[str, ...] = tuple(dict.fromkeys(name for name in now if name))
        self._sums = np.zeros((len(now), len(self.classes)))
        for row, name in enumerate(now):
            if name:
                self._sums[row, self.classes.index(name)] = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def predict_proba(self, table: Any) -> Probabilities:
        """Calibrated probabilities (videos, folders of today)."""
        return np.asarray(self._model.predict_proba(table) @ self._sums)


def position(db: sqlite3.Connection) -> int:
    """How far the journal is: what comes after it has not happened yet."""
    row = db.execute(
        "SELECT coalesce((SELECT min(id) - 1 FROM moves WHERE state = 'planned'),"
        " (SELECT max(id) FROM moves), 0)"
    ).fetchone()
    return int(row[0])


def position_of(db: sqlite3.Connection, run: sqlite3.Row) -> int:
    """How far it was when a run read its labels; of runs of older programs, when they ended."""
    told = json.loads(run["report"]).get(POSITION)
    if told is None:
        query = "SELECT coalesce(max(id), 0) FROM moves WHERE at <= ?"
        told = db.execute(query, (run["finished_at"],)).fetchone()[0]
    return int(told)


def followed(db: sqlite3.Connection, model: Any, since: int, there: Collection[str]) -> Any:
    """``model`` in the names of today; nothing is predicted for folders that are not ``there``."""
    now = names_now(db, model.classes, since)
    if all(name == old and name in there for old, name in now.items()):
        return model
    return Followed(model, {old: name if name in there else None for old, name in now.items()})


def caught_up(
    db: sqlite3.Connection, made: Iterable[Prediction], since: int | None
) -> list[Prediction]:
    """Guesses that were made at ``since``, in the names of today; without any for what is gone."""
    kept = list(made)
    if since is None:
        return kept
    names = {guess.folder for each in kept for guess in each.guesses}
    now = names_now(db, names, since)
    if all(old == name for old, name in now.items()):
        return kept
    named = (replace(each, guesses=_summed(each.guesses, now)) for each in kept)
    return [each for each in named if each.guesses]


def names_now(db: sqlite3.Connection, names: Iterable[str], since: int) -> dict[str, str | None]:
    """What the folders that had ``names`` at ``since`` are called now: renamed, or merged into.

    None for those that are gone. What was done past the journal, by hand, only the disk tells.
    """
    now = {name: name for name in names}
    merged: dict[int, list[str]] = {}
    missing: set[str] = set()
    rows = db.execute(
        "SELECT id, kind, source, target, undoes FROM moves m WHERE id > ?"
        f" AND state IN ('done', 'undone') AND (kind IN {_KINDS} OR kind = 'undo' AND"
        f" (SELECT kind FROM moves u WHERE u.id = m.undoes) IN {_KINDS}) ORDER BY id",
        (since,),
    ).fetchall()
    for number, kind, source, target, undoes in rows:
        missing = (missing | {source}) - {target}
        if undoes in merged:
            now |= dict.fromkeys(merged.pop(undoes), target)
            continue
        goal = _merged_into(db, number, source) if kind == "delete_folder" else target
        gone = [name for name, called in now.items() if source and called == source]
        if not goal:
            continue
        if kind == "delete_folder":
            merged[number] = gone
        now |= dict.fromkeys(gone, goal)
    return {name: None if called in missing else called for name, called in now.items()}


def settled(db: sqlite3.Connection, number: int) -> None:
    """Let the stored guesses follow a move that has just happened; a rename does it elsewhere."""
    kind, source, target, undoes = db.execute(
        "SELECT kind, source, target, undoes FROM moves WHERE id = ?", (number,)
    ).fetchone()
    if kind == "delete_folder":
        _set_aside(db, number, source, _merged_into(db, number, source))
    elif undoes is not None and not source and "/" not in target:
        _bring_back(db, undoes)
    elif undoes is not None and not target and "/" not in source:  # the making of a folder
        _set_aside(db, number, source, None)
        db.execute("DELETE FROM predictions_aside WHERE move = ?", (number,))  # there is no redo


def _merged_into(db: sqlite3.Connection, deletion: int, folder: str) -> str | None:
    """Where the videos of a deleted folder went in the same batch; None when it was empty before."""
    start = f"{folder}/"
    row = db.execute(
        "SELECT target FROM moves WHERE batch = (SELECT batch FROM moves WHERE id = ?)"
        " AND kind = 'merge' AND state IN ('done', 'undone') AND substr(source, 1, ?) = ? LIMIT 1",
        (deletion, len(start), start),
    ).fetchone()
    return row[0].partition("/")[0] if row else None


def _set_aside(db: sqlite3.Connection, number: int, folder: str, into: str | None) -> None:
    rows = db.execute(
        "SELECT fingerprint, run, folder, confidence, guesses, typicality FROM predictions"
        " WHERE instr(guesses, ?)",
        (f'"folder": {json.dumps(folder)}',),
    ).fetchall()
    for row in rows:
        told = tuple(Guess(**guess) for guess in json.loads(row["guesses"]))
        left = _summed(told, {folder: into})
        now = json.dumps([{"folder": g.folder, "confidence": g.confidence} for g in left])
        db.execute(
            "INSERT OR REPLACE INTO predictions_aside VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *row, now if left else None),
        )
        if left:
            db.execute(
                "UPDATE predictions SET folder = ?, confidence = ?, guesses = ? WHERE fingerprint = ?",
                (left[0].folder, left[0].confidence, now, row["fingerprint"]),
            )
        else:
            db.execute("DELETE FROM predictions WHERE fingerprint = ?", (row["fingerprint"],))
    if rows:
        _tell(db)


def _bring_back(db: sqlite3.Connection, deletion: int) -> None:
    """What was guessed before, of each video for which nothing else was guessed since."""
    changed = db.execute(
        "UPDATE predictions SET folder = a.folder, confidence = a.confidence, guesses = a.guesses"
        " FROM predictions_aside a WHERE a.move = ? AND a.fingerprint = predictions.fingerprint"
        " AND a.now = predictions.guesses",
        (deletion,),
    ).rowcount
    changed += db.execute(
        "INSERT OR IGNORE INTO predictions (fingerprint, run, folder, confidence, guesses, typicality)"
        " SELECT fingerprint, run, folder, confidence, guesses, typicality FROM predictions_aside"
        " WHERE move = ? AND now IS NULL",
        (deletion,),
    ).rowcount
    db.execute("DELETE FROM predictions_aside WHERE move = ?", (deletion,))
    if changed:
        _tell(db)


def _tell(db: sqlite3.Connection) -> None:
    """Other processes watch this number."""
    db.execute("UPDATE meta SET value = CAST(value + 1 AS TEXT) WHERE key = 'predictions'")


def _summed(guesses: Sequence[Guess], now: Mapping[str, str | None]) -> tuple[Guess, ...]:
    """Guesses under other names, best first.

    >>> told = (Guess("Cats", 0.5), Guess("Dogs", 0.3), Guess("Kittens", 0.1))
    >>> [(g.folder, round(g.confidence, 2)) for g in _summed(told, {"Kittens": "Cats", "Dogs": None})]
    [('Cats', 0.6)]
    """
    sums: dict[str, float] = {}
    for guess in guesses:
        if name := now.get(guess.folder, guess.folder):
            sums[name] = sums.get(name, 0.0) + guess.confidence
    ordered = sorted(sums.items(), key=lambda one: -one[1])
    return tuple(Guess(name, min(confidence, 1.0)) for name, confidence in ordered)
