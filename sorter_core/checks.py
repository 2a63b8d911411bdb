"""``doctor``: what of this machine and this library is well, and what to do about the rest."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sorter_core import encoders
from sorter_core.errors import SorterError
from sorter_core.files import scratch_for
from sorter_core.library import HIDDEN, check_library, open_store
from sorter_core.settings import Settings
from sorter_core.store import network_drive

_ROOM = 500 * 2**20
"""Bytes that an analysis of some 50,000 videos writes (about 10 KB each)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``message`` says what to do when it is not ``ok``."""

    name: str
    ok: bool
    message: str


def run(settings: Settings, data_dir: Path | None) -> list[Check]:
    """Look at everything; a check that fails stops no other."""
    return [_python(), *_encoders(settings), *_library(settings, data_dir)]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= (3, 11), f"Python {found} (3.11 or newer is needed)")


def _encoders(settings: Settings) -> Iterator[Check]:
    known = encoders.available()
    for name in settings.encoders:
        if name not in known:
            yield Check(
                f"encoder {name}",
                ok=False,
                message=f"ENCODERS names {name!r}; there is {', '.join(known)}.",
            )
            continue
        lack = encoders.make(name, settings.cache_dir, settings.models_dir).unavailable()
        yield Check(f"encoder {name}", lack is None, lack or known[name].about.title)


def _library(settings: Settings, data_dir: Path | None) -> Iterator[Check]:
    if data_dir is None:
        yield Check(
            "library", ok=False, message="None is set. Run: python -m sorter_core setup FOLDER"
        )
        return
    try:
        root = check_library(data_dir)
    except SorterError as error:
        yield Check("library", ok=False, message=str(error))
        return
    yield Check("library", ok=True, message=str(root))
    artifacts = settings.artifacts_dir or root / HIDDEN
    yield _writable("library can be written", root)
    yield _store(root, settings.artifacts_dir)
    yield _space(artifacts)
    kind = network_drive(artifacts)
    yield Check(
        "database on a local disk",
        kind is None,
        f"{kind}: set ARTIFACTS_DIR to a local folder" if kind else "yes",
    )


def _writable(name: str, path: Path) -> Check:
    scratch = scratch_for(path / "doctor")
    try:  # a right to write is not enough: a disk that failed may take nothing any more
        scratch.touch()
        scratch.unlink()
    except OSError as error:
        text = f"{path} can't be written to ({error.strerror}): videos can't be moved."
        return Check(name, ok=False, message=text)
    return Check(name, ok=True, message="yes")


def _store(root: Path, artifacts: Path | None) -> Check:
    try:
        store = open_store(root, artifacts)
        with store.read() as db:
            verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        with store.write() as db:  # the same value: only whether it can be
            db.execute("UPDATE meta SET value = value WHERE key = 'id'")
        store.close()
    except SorterError as error:
        return Check("database", ok=False, message=str(error))
    return Check(
        "database",
        verdict == "ok",
        str(store.path) if verdict == "ok" else f"{store.path} is damaged: {verdict}",
    )


def _space(path: Path) -> Check:
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    return Check(
        "free space", free > _ROOM, f"{free / 2**30:.1f} GiB free where the analysis is kept"
    )
