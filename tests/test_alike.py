"""Likeness by stored vectors."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sorter_core import Settings, Sorter, alike, encoders
from sorter_core.errors import Conflict, InvalidInput, InvalidName, VideoNotFound
from sorter_core.types import Clip
from tests.learned import analysed


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """24 filed and 6 unsorted videos of two kinds."""
    return analysed(tmp_path / "own", settings)


def add(sorter: Sorter, vectors: dict[str, np.ndarray], name: str = "sound") -> None:
    """Store vectors for some fingerprints."""
    version = encoders.available()[name].version
    with sorter.library.store.write() as db:
        for mark, vector in vectors.items():
            blob = np.asarray(vector / np.linalg.norm(vector), "<f4").tobytes()
            db.execute(
                "INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?, NULL)",
                (mark, name, version, blob),
            )


def test_the_same_kind_comes_first(sorter: Sorter) -> None:
    """All 14 other cats, filed or not, before any dog; the video itself is none."""
    hits = sorter.search_alike("Cats-0.mp4").hits
    kinds = [hit.filename.split("-")[0] for hit in hits]
    assert kinds == ["Cats"] * 14 + ["Dogs"] * 15
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert {hit.folder for hit in hits[:14]} == {None, "Cats"}
    assert "Cats-0.mp4" not in [hit.filename for hit in hits]


def test_a_filed_video_can_be_asked_for(sorter: Sorter) -> None:
    """By its folder."""
    assert sorter.search_alike("Dogs-10.mp4", "Dogs", limit=1).hits[0].filename.startswith("Dogs")


def test_what_has_moved_is_told_where_it_lies_now(sorter: Sorter) -> None:
    """And what left the library is left out."""
    sorter.search_alike("Cats-0.mp4")
    sorter.sort("Cats-1.mp4", "Dogs")
    (sorter.library.root / "Cats-2.mp4").unlink()
    sorter.scan()
    hits = {hit.filename: hit.folder for hit in sorter.search_alike("Cats-0.mp4").hits}
    assert hits["Cats-1.mp4"] == "Dogs"
    assert "Cats-2.mp4" not in hits


def test_what_was_not_analysed_is_said(sorter: Sorter) -> None:
    """There is nothing to compare."""
    (sorter.library.root / "9.mp4").write_bytes(b"new")
    with pytest.raises(Conflict, match="not been analysed"):
        sorter.search_alike("9.mp4")
    with pytest.raises(VideoNotFound):
        sorter.search_alike("123.mp4")
    with pytest.raises(InvalidName):
        sorter.search_alike("../1.mp4")


def test_new_vectors_are_taken_in(sorter: Sorter) -> None:
    """Without reading the others again, as long as the directions do."""
    before = sorter.search_alike("Cats-0.mp4").total
    (sorter.library.root / "9.mp4").write_bytes(b"new")
    sorter.scan()
    with sorter.library.store.read() as db:
        mark = db.execute("SELECT fingerprint FROM files WHERE name = '9.mp4'").fetchone()[0]
    with sorter.library.store.read() as db:
        row = db.execute(
            "SELECT vector FROM features JOIN files USING (fingerprint) WHERE name = 'Cats-0.mp4'"
        ).fetchone()
    add(sorter, {mark: np.frombuffer(row[0], "<f4")})
    found = sorter.search_alike("Cats-0.mp4")
    assert found.total == before + 1
    assert found.hits[0].filename == "9.mp4"
    assert found.hits[0].score == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", None])
def test_a_damaged_copy_is_made_again(sorter: Sorter, damage: bytes | None) -> None:
    """The store has all that it was made of."""
    expected = sorter.search_alike("Cats-0.mp4")
    for file in (sorter.library.artifacts / "alike").iterdir():
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage)
    again = Sorter(sorter.settings)
    assert again.search_alike("Cats-0.mp4") == expected


def test_the_copy_of_a_deleted_store_is_not_believed(sorter: Sorter) -> None:
    """The rows of the new one are others."""
    sorter.search_alike("Cats-0.mp4")
    vectors = {"a" * 32: np.ones(encoders.available()["sound"].dim)}
    (sorter.library.artifacts / "sorter.db").unlink()
    sorter.scan()
    with pytest.raises(Conflict):
        sorter.search_alike("Cats-0.mp4")
    add(sorter, vectors)
    assert len(sorter.alike().sketches.get("sound").marks) == 1


def test_words_need_their_encoder(sorter: Sorter) -> None:
    """Where it is not there, the sentence says what to do."""
    with pytest.raises(Conflict, match="clip"):
        sorter.search_described("a cat on a sofa")


def picture(size: tuple[int, int], kind: str = "PNG") -> bytes:
    """One colour."""
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    "data", [b"", b"no picture", picture((64, 64))[:40], picture((8000, 6000))]
)
def test_what_is_no_picture_is_refused(sorter: Sorter, data: bytes) -> None:
    """Nothing, text, half a file, and more pixels than anybody needs."""
    with pytest.raises(InvalidInput):
        sorter.search_pictured(data)


def test_a_picture_finds_what_looks_like_it(sorter: Sorter) -> None:
    """By the encoder that is always there: the video with that picture's vector comes first."""
    assert encoders.make("frames", sorter.settings.cache_dir).unavailable() is None
    own = alike.Alike(sorter.library, sorter.settings)
    frames = encoders.make("frames", sorter.settings.cache_dir)
    frames.load()
    small = alike._opened(picture((300, 200)))
    vector = frames.encode(Clip((small,), (0.0,), None, 0.0, 300, 200))
    random = np.random.default_rng(0)
    with sorter.library.store.read() as db:
        marks = {row[1]: row[0] for row in db.execute("SELECT fingerprint, name FROM files")}
    others = {mark: random.normal(size=frames.dim) for mark in list(marks.values())[:10]}
    add(sorter, {**others, marks["Dogs-1.mp4"]: vector}, "frames")
    assert own.pictured(picture((300, 200))).hits[0].filename == "Dogs-1.mp4"
