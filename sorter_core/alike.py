"""Videos that look and sound alike: cosines of stored vectors, of a hundred thousand in a moment.

The :mod:`~sorter_core.sketches` give the likeliest few hundred; their stored vectors give the order.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import encoders
from sorter_core.errors import Conflict, InvalidInput
from sorter_core.files import fingerprint
from sorter_core.library import Library
from sorter_core.search import Hit, Hits
from sorter_core.settings import Settings
from sorter_core.sketches import Sketches, versions
from sorter_core.types import Clip, Frame, Vector

BEST = 200
"""What the small vectors choose and the stored ones put in order."""
_TEXT = "clip"
"""The encoder in whose space words lie too."""
_PICTURES = "frames"
"""The encoder that is always there."""
MEGAPIXELS = 40
SIDE = 512
"""Pixels: of a picture to search with, more is not looked at."""


class Alike:
    """The sketches of one library; may be used from several threads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library, self.settings = library, settings
        self._lock = threading.Lock()
        self.sketches = Sketches(library)
        self._loaded: dict[str, encoders.Encoder] = {}

    def like(self, filename: str, folder: str | None = None, *, limit: int = 50) -> Hits:
        """The videos most like this one, without it, the nearest first.

        Raises :class:`~sorter_core.errors.VideoNotFound`, and
        :class:`~sorter_core.errors.Conflict` when it has not been analysed.
        """
        place, name = self.library.find(filename, folder)
        mark = fingerprint(self.library.root / place / name)  # it may be newer than the last scan
        own = self._own(mark)
        if not own:
            raise Conflict("This video has not been analysed yet: there is nothing to compare.")
        return self.near(own, limit, without=mark)

    def ready(self, filename: str, folder: str | None = None) -> bool:
        """Whether :meth:`like` answers at once; else it reads the vectors of all videos first.

        Raises as :meth:`like`.
        """
        place, name = self.library.find(filename, folder)
        own = self._own(fingerprint(self.library.root / place / name))
        return all(self.sketches.ready(name) for name in own)

    def _own(self, mark: str) -> dict[str, Vector]:
        """The stored vectors of one video."""
        with self.library.store.read() as db:
            rows = db.execute(
                "SELECT encoder, version, vector FROM features"
                " WHERE fingerprint = ? AND vector IS NOT NULL",
                (mark,),
            ).fetchall()
        known = versions()
        return {
            name: np.frombuffer(blob, "<f4")
            for name, version, blob in rows
            if known.get(name) == version
        }

    def near(self, asked: Mapping[str, Vector], limit: int, without: str | None = None) -> Hits:
        """The videos nearest to some encoders' vectors: the mean of their cosines, 0 where one lacks."""
        score: dict[str, float] = {}
        sketches = {name: self.sketches.get(name) for name in asked}
        for name, vector in asked.items():
            sketch = sketches[name]
            cosines = sketch.cosines(vector)
            for place in _largest(cosines, BEST):
                score.setdefault(sketch.marks[place].decode(), 0.0)
        score.pop(without or "", None)
        for name, vector in asked.items():
            for mark, cosine in self._exact(name, vector, sketches[name].centre, list(score)):
                score[mark] += cosine / len(asked)
        best = sorted(score, key=lambda mark: (-score[mark], mark))
        return self._hits([(mark, score[mark]) for mark in best], limit)

    def why_no_words(self) -> str | None:
        """None when :meth:`described` can work here; else one sentence with what to do."""
        made = encoders.make(_TEXT, self.settings.cache_dir, self.settings.models_dir)
        if lack := made.unavailable():
            return lack
        if len(self.sketches.get(_TEXT).marks) == 0:
            return f"Turn the encoder {_TEXT!r} on and analyse once: it has seen no video yet."
        return None

    def described(self, words: str, *, limit: int = 50) -> Hits:
        """The videos whose pictures the words (English) describe best. Raises ``Conflict``."""
        if lack := self.why_no_words():
            raise Conflict(lack)
        encoder: Any = self._encoder(_TEXT)
        vector = encoder.encode_text([words])[0]
        sketch = self.sketches.get(_TEXT)
        found = _largest(sketch.products(sketch.small(vector)), BEST)
        marks = [sketch.marks[place].decode() for place in found]
        scored = self._exact(_TEXT, vector, np.zeros_like(vector), marks)
        return self._hits(sorted(scored, key=lambda one: (-one[1], one[0])), limit)

    def pictured(self, picture: bytes, *, limit: int = 50) -> Hits:
        """The videos that look most like a picture (JPEG, PNG, WebP). Raises ``InvalidInput``, ``Conflict``."""
        frame = _opened(picture)
        height, width = frame.shape[:2]
        clip = Clip((frame,), (0.0,), None, 0.0, width, height)
        names = [name for name in (_TEXT, _PICTURES) if self._usable(name)]
        if not names:
            lack = self.why_no_words()
            raise Conflict(
                "No video's pictures have been analysed yet: analyse once. The encoder"
                f" {_TEXT!r} knows best what they show: {lack}"
            )
        return self.near({names[0]: self._encoder(names[0]).encode(clip)}, limit)

    def _usable(self, name: str) -> bool:
        made = encoders.make(name, self.settings.cache_dir, self.settings.models_dir)
        return made.unavailable() is None and len(self.sketches.get(name).marks) > 0

    def _encoder(self, name: str) -> encoders.Encoder:
        with self._lock:
            if name not in self._loaded:
                made = encoders.make(name, self.settings.cache_dir, self.settings.models_dir)
                made.load()
                self._loaded[name] = made
            return self._loaded[name]

    def _exact(
        self, name: str, vector: Vector, centre: Vector, marks: Sequence[str]
    ) -> list[tuple[str, float]]:
        """(fingerprint, cosine as seen from ``centre``) of those that have a stored vector."""
        found: list[tuple[str, Vector]] = []
        version = versions()[name]
        with self.library.store.read() as db:
            for mark in marks:
                row = db.execute(
                    "SELECT vector FROM features WHERE fingerprint = ? AND encoder = ? AND version = ?"
                    " AND vector IS NOT NULL",
                    (mark, name, version),
                ).fetchone()
                if row is not None:
                    found.append((mark, np.frombuffer(row[0], "<f4")))
        if not found:
            return []
        rows, asked = np.stack([row for _, row in found]) - centre, vector - centre
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
        cosines = np.einsum("ij,j->i", rows, asked) / np.maximum(lengths, 1e-9)  # without BLAS
        return [(mark, float(one)) for (mark, _), one in zip(found, cosines, strict=True)]

    def _hits(self, scored: Sequence[tuple[str, float]], limit: int) -> Hits:
        """Where they lie; what left the library is left out."""
        hits: list[Hit] = []
        with self.library.store.read() as db:
            for mark, score in scored:
                row = db.execute(
                    "SELECT folder, name FROM files WHERE fingerprint = ? ORDER BY folder LIMIT 1",
                    (mark,),
                ).fetchone()
                if row is not None:
                    hits.append(Hit(row["name"], row["folder"] or None, "likeness", "", score))
        return Hits(hits[:limit], len(hits))


def _opened(picture: bytes) -> Frame:
    """The picture, made small. Raises ``InvalidInput`` for what is none, or is too big."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MEGAPIXELS * 1e6:
                raise InvalidInput(f"The picture is larger than {MEGAPIXELS} megapixels.")
            opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
            opened.thumbnail((SIDE, SIDE))
            return np.asarray(opened.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput("That is no picture that can be read (JPEG, PNG or WebP).") from error


def _largest(values: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    if len(values) <= most:
        return np.argsort(-values)
    return np.argpartition(-values, most)[:most]
