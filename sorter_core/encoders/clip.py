"""What the pictures show, in a space where texts lie too: CLIP."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sorter_core.encoders import _hub
from sorter_core.encoders._base import About, lacking, unit
from sorter_core.encoders._fetched import Fetched
from sorter_core.encoders._lite0 import threads
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.types import Clip, Matrix, Vector

VISION, TEXT = "Qdrant/clip-ViT-B-32-vision", "Qdrant/clip-ViT-B-32-text"
"""What fastembed calls the two towers; it knows where they lie and what of them is needed."""
FILES = {
    VISION: ("model.onnx", "preprocessor_config.json"),
    TEXT: ("model.onnx", "tokenizer.json", "tokenizer_config.json"),
}
OPTIONAL = ("config.json", "special_tokens_map.json")


def _folder(tower: str) -> str:
    """The folder of a tower: its name's last part."""
    return tower.rpartition("/")[2]


class ClipEncoder(Fetched):
    """CLIP ViT-B/32: the mean of what its image tower makes of the pictures.

    Its text tower (:meth:`encode_text`) puts words into the same space: the nearer, the better
    they describe the video. That finds videos by a description, and guesses folders from their
    names before anything is labelled (:mod:`sorter_core.zero_shot`). English only.
    """

    name = "clip"
    version = "1"
    dim = 512
    reads = "frames"
    files = tuple(f"{_folder(tower)}/{file}" for tower, names in FILES.items() for file in names)
    download = 590_000_000
    about = About(
        title="What the pictures show, comparable with words (folder names, search)",
        licence="MIT",
        size=download,
        source="CLIP ViT-B/32 (Radford et al. 2021) in ONNX, as fastembed names it",
        extra="pip install fastembed",
    )

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir)
        self._towers: dict[str, Any] = {}
        self._lock = threading.Lock()

    def needs(self) -> str | None:
        """What runs the towers and knows the tokenizer."""
        return lacking("fastembed", "PIL:pillow")

    def load(self) -> None:
        """Open the image tower; the text tower is opened when a text is asked for."""
        self._tower(VISION)

    def encode(self, clip: Clip) -> Vector:
        """(512,): the mean over the pictures."""
        from PIL import Image

        if not clip.frames:
            raise CannotEncode("the video has no picture")
        pictures = [Image.fromarray(frame) for frame in clip.frames]
        rows = np.stack([*self._tower(VISION).embed(pictures, batch_size=len(pictures))])
        return unit(rows.mean(axis=0), "the pictures show nothing")

    def encode_text(self, texts: Sequence[str]) -> Matrix:
        """(texts, 512), each of length 1; of a text longer than 77 tokens its beginning counts."""
        rows = [*self._tower(TEXT).embed(list(texts))]
        return np.stack([unit(row, "the text says nothing") for row in rows])

    def fetch(self, folder: Path) -> None:
        """Both towers, some 590 MB, from where fastembed says."""
        _hub.quiet()
        from fastembed import ImageEmbedding, TextEmbedding

        known = [*ImageEmbedding.list_supported_models(), *TextEmbedding.list_supported_models()]
        sources = {entry["model"]: entry["sources"]["hf"] for entry in known}
        for tower, names in FILES.items():
            _hub.fetch(sources[tower], (*names, *OPTIONAL), folder / _folder(tower))

    def _tower(self, tower: str) -> Any:
        with self._lock:
            if tower not in self._towers:
                self._towers[tower] = self._open(tower)
            return self._towers[tower]

    def _open(self, tower: str) -> Any:
        if lack := self.unavailable():
            raise EncoderUnavailable(lack)
        from fastembed import ImageEmbedding, TextEmbedding

        folder = self.weights() / _folder(tower)
        kind = ImageEmbedding if tower == VISION else TextEmbedding
        try:
            return kind(
                tower,
                cache_dir=str(folder),  # else it makes one among the temporary files
                threads=threads() or None,
                providers=["CPUExecutionProvider"],
                specific_model_path=str(folder),
            )
        except Exception as error:  # each of the three libraries below has its own errors
            raise EncoderUnavailable(
                f"The model in {folder} can't be read: {error}. Delete that folder, then run:"
                f" python -m sorter_core models pull {self.name}"
            ) from error
