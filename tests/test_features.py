"""Which vectors are missing, and how they come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core import encoders, features
from sorter_core.decoding import Analysis
from sorter_core.errors import SorterError
from sorter_core.library import Library
from sorter_core.scan import scan
from sorter_core.settings import Settings
from sorter_core.types import Vector
from tests.clips import write_clip


def ignore(done: int, total: int) -> None:
    """Take no interest."""


def vector(name: str, seed: int) -> Vector:
    made = (
        np.random.default_rng(seed).normal(size=encoders.available()[name].dim).astype(np.float32)
    )
    return made / np.linalg.norm(made)


@pytest.fixture
def marks(library: Library) -> list[str]:
    """The fingerprints of the four videos of the library."""
    scan(library, ignore)
    with library.store.read() as db:
        return [row[0] for row in db.execute("SELECT fingerprint FROM files ORDER BY name")]


def save(library: Library, *analyses: Analysis) -> None:
    features._save(library.store, analyses)


def test_vectors_come_back_in_the_order_asked_for(library: Library, marks: list[str]) -> None:
    """To the last bit, with a mask where there is none."""
    save(
        library,
        *(Analysis(mark, {"frames": vector("frames", n)}, {}) for n, mark in enumerate(marks[:3])),
    )
    table = features.load(library.store, marks[::-1], ["frames", "sound"])
    assert table.fingerprints == tuple(marks[::-1])
    assert list(table.present["frames"]) == [False, True, True, True]
    assert np.array_equal(table.vectors["frames"][3], vector("frames", 0))
    assert not table.vectors["frames"][0].any()
    assert "sound" not in table.vectors


def test_more_videos_than_one_query_takes(library: Library) -> None:
    """Fingerprints are looked up in chunks."""
    names = [f"{n:032x}" for n in range(1200)]
    save(
        library,
        *(Analysis(name, {"sound": vector("sound", n)}, {}) for n, name in enumerate(names)),
    )
    table = features.load(library.store, names, ["sound"])
    assert table.present["sound"].all()
    assert np.array_equal(table.vectors["sound"][777], vector("sound", 777))


def test_what_has_a_vector_or_a_reason_is_not_missing(library: Library, marks: list[str]) -> None:
    """A reason counts as an answer until it is forgotten; a file that can't be decoded is left alone."""
    assert features.missing_count(library.store, ["frames", "sound"]) == 4
    save(
        library,
        Analysis(marks[0], {"frames": vector("frames", 0)}, {"sound": "no sound track"}),
        Analysis(marks[1], {}, {"media": "the file is empty"}),
        Analysis(marks[2], {"frames": vector("frames", 2)}, {}),
    )
    assert features._missing(library.store, ["frames", "sound"]) == {
        marks[2]: ("sound",),
        marks[3]: ("frames", "sound"),
    }
    assert [(f.path, f.encoder) for f in features.failures(library.store)] == [
        ("2.mp4", "media"),
        ("1.mp4", "sound"),
    ]
    assert features.forget_failures(library.store) == 2
    assert features.missing_count(library.store, ["frames", "sound"]) == 4


def test_a_new_version_makes_an_encoders_vectors_missing(
    library: Library, marks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors of another version are neither used nor lost."""
    save(library, *(Analysis(mark, {"frames": vector("frames", 0)}, {}) for mark in marks))
    assert features.missing_count(library.store, ["frames"]) == 0
    monkeypatch.setattr(encoders.available()["frames"], "version", "next")
    assert features.missing_count(library.store, ["frames"]) == 4
    assert features.load(library.store, marks, ["frames"]).vectors == {}


def test_captions_are_wanted_only_where_there_is_text(library: Library, marks: list[str]) -> None:
    """A video without text is no failure of the caption encoder."""
    with library.store.write() as db:
        db.execute("INSERT INTO texts VALUES (?, 'caption', 'a cat')", (marks[1],))
    assert features._missing(library.store, ["caption"]) == {marks[1]: ("caption",)}


def test_an_encoder_that_can_t_run_is_named(library: Library, settings: Settings) -> None:
    """With the command that brings what it lacks, before anything is decoded; a misspelt one, too."""
    scan(library, ignore)
    for name, said in (("audio_tags", "“audio_tags” is switched on. "), ("eyes", "'eyes', which")):
        chosen = settings.model_copy(update={"encoders": (name,)})
        with pytest.raises(SorterError, match=said):
            features.extract(library.store, library.root, chosen, ignore)


def test_what_took_another_videos_name_is_not_kept_as_that_one(
    library: Library, root: Path, settings: Settings
) -> None:
    """Two files that change places after the scan give nothing, and no foreign reason, till the next."""
    for name in ("2.mp4", "3.mp4", "Cats/4.mp4"):
        (root / name).unlink()
    write_clip(root / "1.mp4")
    (root / "2.mp4").write_bytes(b"no video")
    scan(library, ignore)
    for old, new in (("1.mp4", "0"), ("2.mp4", "1.mp4"), ("0", "2.mp4")):
        (root / old).rename(root / new)
    chosen = settings.model_copy(update={"encoders": ("frames",), "workers": 1})
    assert features.extract(library.store, root, chosen, ignore).failures == []
    assert features.missing_count(library.store, ["frames"]) == 2
    scan(library, ignore)
    report = features.extract(library.store, root, chosen, ignore)
    assert [failure.path for failure in report.failures] == ["1.mp4"]
    assert features.missing_count(library.store, ["frames"]) == 0
