"""Where a picture carries words laid over it: lines of letters in one plain colour.

No text is read. Overlaid letters differ from everything else in a picture by being flat (one colour
to the edge), alike in height, and in a row. So: masks of the colours that overlays have, the connected
parts of each that have a letter's shape, and of these the rows of four and more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.extraction.thumbnails.picture import opencv, scaled
from sorter_core.types import Frame

Mask = NDArray[np.uint8]
"""(height, width), 255 where it is true; OpenCV's kind."""

_WIDTH = 540
"""Pixels that the picture is scaled to: letters of 2 % of a portrait picture's height get 19."""
_TALLEST = 3 * _WIDTH
"""Pixels; a picture of one column is not to be blown up to a tower."""
_LEAST, _MOST = 9, 150
"""Pixels of a letter's height at that width."""
_LETTERS = 4
"""In a row; fewer are too often windows, stripes, teeth."""

_CANDIDATES = 500
"""Of one colour, the tallest: a picture made of dots is not to take minutes."""
_COLOURS = (
    ((225, 225, 225), (255, 255, 255)),
    ((0, 0, 0), (35, 35, 35)),
    ((215, 180, 0), (255, 255, 110)),
    ((200, 0, 0), (255, 80, 110)),
    ((0, 190, 190), (90, 255, 255)),
)
"""Least and greatest red, green and blue."""
_THIN, _WIDE = 0.1, 1.6
"""Width to height of a letter."""
_SPARSE, _SOLID = 0.12, 0.92
"""Part of a letter's box that it fills; more is a spot."""
_EDGE, _HARD = 60, 0.75
"""The step in brightness (of 255) that is an edge, and how much of an outline must be one."""
_BAR = 0.35
"""Width to height of an I or an l; a row of nothing but bars is a fence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of letters, measured in parts (0..1) of the picture's width and height."""

    left: float
    top: float
    width: float
    height: float
    letters: int


def lines(picture: Frame) -> list[Line]:
    """Give the rows of letters, from the top."""
    height, width = picture.shape[:2]
    small = scaled(picture, min(_WIDTH / width, _TALLEST / height))
    edges = _edges(small)
    found = [line for mask in _plain_colours(small) for line in _rows(_letters(mask, edges))]
    height, width = small.shape[:2]
    relative = [
        Line(left / width, top / height, (right - left) / width, (bottom - top) / height, count)
        for left, top, right, bottom, count in found
    ]
    return sorted(_distinct(relative), key=lambda line: line.top)


def _plain_colours(picture: Frame) -> Iterator[Mask]:
    """Masks of what editors offer for letters: white, black, yellow, red and blue-green."""
    cv2 = opencv()
    for least, most in _COLOURS:
        yield np.asarray(cv2.inRange(picture, np.array(least), np.array(most)), np.uint8)


def _edges(picture: Frame) -> NDArray[np.bool_]:
    """Where the brightness makes a step."""
    cv2 = opencv()
    brightest = np.maximum(np.maximum(picture[..., 0], picture[..., 1]), picture[..., 2])
    steps = cv2.morphologyEx(brightest, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(steps >= _EDGE)


def _letters(mask: Mask, edges: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Give the parts of ``mask`` with a letter's shape: (n, 4) left, top, width, height."""
    cv2 = opencv()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes, areas = stats[1:, :4], stats[1:, 4]
    width, height = boxes[:, 2], boxes[:, 3]
    filled = areas / (width * height)
    fits = (
        (height >= _LEAST)
        & (height <= _MOST)
        & (width <= _WIDE * height)
        & (width >= _THIN * height)
    )
    fits &= (filled >= _SPARSE) & ((filled <= _SOLID) | (width <= _BAR * height))
    kept = np.flatnonzero(fits)
    kept = kept[np.argsort(-height[kept], kind="stable")][:_CANDIDATES]
    sharp = [
        part for part in kept if _is_sharp(np.asarray(labels), int(part) + 1, edges, boxes[part])
    ]
    return np.asarray(boxes[sharp], np.int32).reshape(-1, 4)


def _is_sharp(
    labels: NDArray[Any], label: int, edges: NDArray[np.bool_], box: NDArray[Any]
) -> bool:
    """Whether most of the part's outline is a hard edge: light and snow fade out, letters end."""
    left, top, width, height = box
    window = np.s_[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1]
    part = labels[window] == label
    padded = np.pad(part, 1)
    around = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    rim = around & ~part
    return bool(rim.any() and np.mean(edges[window][rim]) >= _HARD)


def _rows(letters: NDArray[np.int32]) -> Iterator[tuple[int, int, int, int, int]]:
    """Group letters that stand beside each other, of like height, on one base."""
    left_over = sorted(map(tuple, letters.tolist()))
    while left_over:
        row = [left_over.pop(0)]
        for letter in list(left_over):
            if _continues(row[-1], letter):
                row.append(letter)
                left_over.remove(letter)
        bars = sum(width <= _BAR * height for _, _, width, height in row)
        if len(row) >= _LETTERS and bars <= len(row) / 2:
            yield (
                row[0][0],
                min(top for _, top, _, _ in row),
                max(left + width for left, _, width, _ in row),
                max(top + height for _, top, _, height in row),
                len(row),
            )


def _continues(before: tuple[int, ...], letter: tuple[int, ...]) -> bool:
    left, top, width, height = before
    tall = max(height, letter[3])
    near = letter[0] - (left + width) <= 1.2 * tall
    level = abs((top + height) - (letter[1] + letter[3])) <= 0.3 * tall
    return near and level and min(height, letter[3]) >= 0.5 * tall


def _distinct(found: list[Line]) -> list[Line]:
    """Of lines upon each other (an outline and its filling), the one with more letters."""
    kept: list[Line] = []
    for line in sorted(found, key=lambda line: -line.letters):
        if not any(_overlap(line, other) for other in kept):
            kept.append(line)
    return kept


def _overlap(one: Line, other: Line) -> bool:
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return across > 0 and down > 0.5 * min(one.height, other.height)
