"""A small canvas for the demo's pictures: smooth shapes at fractions of a pixel, with cv2."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sorter_core.types import Frame

WIDTH, HEIGHT = 288, 512
Color = tuple[int, int, int]
Point = tuple[float, float]
_SHIFT = 4  # cv2 takes coordinates in sixteenths of a pixel: motion does not stutter
_FONT_SCALE = 0.5


def mix(one: Color, other: Color, share: float) -> Color:
    """Blend two colours.

    >>> mix((0, 0, 0), (100, 200, 50), 0.5)
    (50, 100, 25)
    """
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """One picture of WIDTH x HEIGHT, RGB; sizes and places are in pixels, angles in degrees."""

    def __init__(self) -> None:
        self.image: Frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def fade(self, top: Color, bottom: Color, start: int = 0, end: int = HEIGHT) -> None:
        """Fill the rows from ``start`` to ``end`` with a vertical gradient."""
        share = np.linspace(0, 1, end - start)[:, None, None]
        rows = np.array(top) * (1 - share) + np.array(bottom) * share
        self.image[start:end] = rows.astype(np.uint8)

    def disc(self, at: Point, radius: float, color: Color) -> None:
        """Draw a filled circle."""
        self.oval(at, (radius, radius), color)

    def oval(self, at: Point, radii: Point, color: Color, angle: float = 0) -> None:
        """Draw a filled ellipse, turned by ``angle``."""
        turn = math.radians(angle)
        steps = np.linspace(0, 2 * math.pi, 40, endpoint=False)
        x, y = radii[0] * np.cos(steps), radii[1] * np.sin(steps)
        across = at[0] + x * math.cos(turn) - y * math.sin(turn)
        down = at[1] + x * math.sin(turn) + y * math.cos(turn)
        self.shape(np.stack([across, down], axis=1), color)

    def shape(self, points: Sequence[Point] | np.ndarray, color: Color) -> None:
        """Draw a filled polygon."""
        import cv2

        cv2.fillPoly(self.image, [_fixed(points)], color, cv2.LINE_AA, _SHIFT)

    def box(self, left: float, top: float, right: float, bottom: float, color: Color) -> None:
        """Draw a filled rectangle."""
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], color)

    def line(self, points: Sequence[Point] | np.ndarray, color: Color, width: int = 1) -> None:
        """Draw a line through ``points`` with round joints."""
        import cv2

        cv2.polylines(self.image, [_fixed(points)], False, color, width, cv2.LINE_AA, _SHIFT)  # noqa: FBT003 - cv2's own order

    def veil(self, strength: float, draw: Callable[[Canvas], None]) -> None:
        """Draw something that lets ``1 - strength`` of what is behind shine through."""
        import cv2

        over = Canvas()
        over.image = self.image.copy()
        draw(over)
        cv2.addWeighted(over.image, strength, self.image, 1 - strength, 0, self.image)

    def words(self, text: str, middle: int, *, boxed: bool) -> None:
        """Write one line across the picture, in a white box or white with a shadow."""
        import cv2

        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, _FONT_SCALE, 1)
        left, base = (WIDTH - width) // 2, middle + height // 2
        if boxed:
            self.box(left - 8, middle - 14, left + width + 8, middle + 14, (250, 250, 250))
        ink = (25, 25, 30) if boxed else (255, 255, 255)
        for shift, color in ((1, (20, 20, 20)), (0, ink))[boxed:]:
            cv2.putText(
                self.image,
                text,
                (left + shift, base + shift),
                cv2.FONT_HERSHEY_DUPLEX,
                _FONT_SCALE,
                color,
                1,
                cv2.LINE_AA,
            )


class Lens:
    """What stands between a scene and its recording: camera, light and grain."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._sway = rng.uniform(0, 5)
        self._zoom = rng.uniform(1.03, 1.12), rng.uniform(-0.02, 0.02)
        self._phase = rng.uniform(0, 6)
        self._light = self._curves(rng)
        self._grain = [self._noise(rng, rng.uniform(1.5, 6)) for _ in range(3)]

    @staticmethod
    def _curves(rng: np.random.Generator) -> Frame:
        """Give a table (256, 1, 3): brightness, contrast and a tint of the light."""
        gain = rng.uniform(0.8, 1.12) * rng.uniform(0.93, 1.07, 3)
        table = (np.arange(256)[:, None] - 110) * gain + 110 + rng.uniform(-18, 14)
        return np.clip(table, 0, 255).astype(np.uint8).reshape(256, 1, 3)

    @staticmethod
    def _noise(rng: np.random.Generator, strength: float) -> np.ndarray:
        grain = rng.normal(0, strength, (HEIGHT // 2, WIDTH // 2, 1)).astype(np.int16)
        return np.ascontiguousarray(grain.repeat(2, 0).repeat(2, 1).repeat(3, 2))

    def record(self, image: Frame, time: float, number: int) -> Frame:
        """Give the recorded picture of ``image`` at ``time`` seconds."""
        import cv2

        zoom = self._zoom[0] + self._zoom[1] * time
        x = self._sway * math.sin(1.3 * time + self._phase) - (zoom - 1) * WIDTH / 2
        y = self._sway * math.sin(1.7 * time) - (zoom - 1) * HEIGHT / 2
        view = np.array([[zoom, 0, x], [0, zoom, y]])
        seen = cv2.warpAffine(image, view, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        lit = cv2.LUT(seen, self._light)
        grain = self._grain[number % len(self._grain)]
        return np.asarray(cv2.add(lit, grain, dtype=cv2.CV_8U), np.uint8)


def _fixed(points: Sequence[Point] | np.ndarray) -> np.ndarray:
    """Give cv2's fixed-point form of (n, 2) points."""
    return np.round(np.asarray(points, float) * (1 << _SHIFT)).astype(np.int32)
