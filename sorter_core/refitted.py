"""The model of the newest refit, kept beside the run's: what ``predict`` uses until the next training."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from sorter_core import models
from sorter_core.errors import ModelMissing
from sorter_core.library import Library

MODELS = "models"
_KEY = "refit"
_PREFIX = "refit-"
_YOUNG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Refitted:
    """Which model it is, the run whose choices it kept, and how far the journal was at its labels."""

    run: int
    file: str
    position: int


def save(library: Library, model: Any, run: int, position: int) -> Refitted:
    """Write the model's file; nobody uses it before :func:`publish`."""
    kept = Refitted(run, f"{_PREFIX}{uuid.uuid4().hex}.model", position)
    models.save(model, library.artifacts / MODELS / kept.file)
    return kept


def publish(db: sqlite3.Connection, kept: Refitted) -> None:
    """Make it the newest, inside the transaction of its guesses."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(asdict(kept))))


def newest(db: sqlite3.Connection) -> Refitted | None:
    """The newest refit, unless there was a training since."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    found = Refitted(**json.loads(row[0])) if row else None
    run = db.execute("SELECT max(id) FROM runs").fetchone()[0]
    return found if found is not None and found.run == run else None


def load(library: Library) -> tuple[Any, int] | None:
    """Its model and the journal's position; None without one, and where its file is no good."""
    for _ in range(2):  # the file of the one before goes when a newer one comes
        with library.store.read() as db:
            found = newest(db)
        if found is None:
            return None
        with suppress(ModelMissing):
            return models.load(library.artifacts / MODELS / found.file), found.position
    return None


def current(library: Library) -> list[str]:
    """The name of the newest refit's file, if there is one."""
    with library.store.read() as db:
        found = newest(db)
    return [found.file] if found else []


def drop(library: Library) -> None:
    """Remove the files of refits that are over; one so young may be about to be published."""
    kept = current(library)
    for file in (library.artifacts / MODELS).glob(f"{_PREFIX}*.model"):
        with suppress(OSError):  # on Windows a file that is being read stays; the next one takes it
            if file.name not in kept and time.time() - file.stat().st_mtime > _YOUNG_SECONDS:
                file.unlink()
