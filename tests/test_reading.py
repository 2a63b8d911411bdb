"""Words that encoders read out of videos: kept in the store, and no caption's business."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sorter_core import _worker, features
from sorter_core.decoding import Analysis, Task
from sorter_core.encoders import About, Reader
from sorter_core.errors import CannotEncode
from sorter_core.library import Library
from sorter_core.media import Limits
from sorter_core.scan import scan
from sorter_core.types import Clip


class Parrot(Reader):
    """Reads what somebody wrote beside the video."""

    name, version, reads = "speech", "1", "texts"
    about = About(title="t", licence="MIT", size=0, source="s")

    def unavailable(self) -> str | None:
        return None

    def load(self) -> None:
        """Nothing has to be loaded."""

    def read(self, clip: Clip) -> Mapping[str, str]:
        if "caption" not in clip.texts:
            raise CannotEncode("nobody speaks in it")
        return {self.name: clip.texts["caption"], "speech_times": "[[0, 1]]"}


def analyse(path: Path, **texts: str) -> Analysis:
    return _worker._analyse(Task("key", path, ("speech",), texts), [Parrot(path)], Limits())


def ignore(done: int, total: int) -> None:
    """Take no interest."""


def test_the_words_come_with_the_vector(tmp_path: Path) -> None:
    """All kinds that were read; the vector is that of the encoder's own."""
    made = analyse(tmp_path, caption="Good morning")
    assert made.texts == {"speech": "Good morning", "speech_times": "[[0, 1]]"}
    assert np.array_equal(made.vectors["speech"], Parrot(tmp_path).embed("good MORNING"))


def test_where_there_are_none_the_reason_stands(tmp_path: Path) -> None:
    """As for any encoder."""
    made = analyse(tmp_path)
    assert (dict(made.vectors), dict(made.texts)) == ({}, {})
    assert made.reasons == {"speech": "nobody speaks in it"}


def test_words_without_letters_are_no_vector(tmp_path: Path) -> None:
    """But they are what was said."""
    made = analyse(tmp_path, caption="... !")
    assert made.texts["speech"] == "... !"
    assert "no word" in made.reasons["speech"]


def test_they_are_stored_and_are_no_caption(library: Library, tmp_path: Path) -> None:
    """A video of which only the speech is known has nothing for the caption encoder."""
    scan(library, ignore)
    with library.store.read() as db:
        mark = db.execute("SELECT fingerprint FROM files WHERE name = '1.mp4'").fetchone()[0]
    found = analyse(tmp_path, caption="Good morning")
    features._save(library.store, [Analysis(mark, found.vectors, {}, found.texts)])
    with library.store.read() as db:
        kept = dict(db.execute("SELECT kind, text FROM texts WHERE fingerprint = ?", (mark,)))
    assert kept == found.texts
    assert features._missing(library.store, ["caption"]) == {}
