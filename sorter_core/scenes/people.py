"""People: a figure of a few strokes, posed by its joints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sorter_core.scenes.backdrops import BRIGHT, pick
from sorter_core.scenes.canvas import Canvas, Color, Point

if TYPE_CHECKING:
    from collections.abc import Sequence

SKIN = [(246, 208, 176), (214, 160, 118), (150, 100, 70), (98, 64, 46)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A person: where the feet stand, how tall, and in which colours."""

    x: float
    y: float
    tall: float
    skin: Color
    shirt: Color
    trousers: Color
    hair: Color

    def draw(self, canvas: Canvas, pose: Sequence[float], dx: float = 0, dy: float = 0) -> None:
        """Draw with ``pose``: angles from hanging down of two arms, two forearms, two legs, two shins."""
        size = self.tall
        foot = self.x + dx, self.y + dy
        hip = foot[0], foot[1] - 0.46 * size
        neck = foot[0] + 0.05 * size * math.sin(pose[0] - pose[1]), foot[1] - 0.8 * size
        thick = max(3, round(0.075 * size))
        for i, side in enumerate((-1, 1)):
            start = hip[0] + 0.05 * size * side, hip[1]
            knee = _reach(start, pose[4 + i], 0.24 * size)
            ankle = _reach(knee, pose[6 + i], 0.23 * size)
            canvas.line([start, knee, ankle], self.trousers, thick)
            canvas.oval(
                (ankle[0] + 0.02 * size, ankle[1]), (0.055 * size, 0.028 * size), (40, 36, 40)
            )
        for i, side in enumerate((-1, 1)):
            start = neck[0] + 0.1 * size * side, neck[1] + 0.03 * size
            elbow = _reach(start, pose[i], 0.17 * size)
            canvas.line([start, elbow], self.shirt, thick)
            canvas.line(
                [elbow, _reach(elbow, pose[2 + i], 0.16 * size)], self.skin, max(2, thick - 1)
            )
        shoulder, waist = 0.12 * size, 0.085 * size
        canvas.shape(
            [
                (neck[0] - shoulder, neck[1]),
                (neck[0] + shoulder, neck[1]),
                (hip[0] + waist, hip[1] + 4),
                (hip[0] - waist, hip[1] + 4),
            ],
            self.shirt,
        )
        head = neck[0], neck[1] - 0.1 * size
        canvas.disc((head[0], head[1] - 0.015 * size), 0.085 * size, self.hair)
        canvas.disc((head[0], head[1] + 0.015 * size), 0.074 * size, self.skin)
        for side in (-1, 1):
            eye = head[0] + 0.028 * size * side, head[1] + 0.012 * size
            canvas.disc(eye, max(1.0, 0.009 * size), (30, 26, 28))
        around = np.linspace(0.3, math.pi - 0.3, 7)
        smile = np.stack([np.cos(around), 1.4 + np.sin(around)], axis=1) * 0.024 * size
        canvas.line(smile + head, (150, 60, 60), max(1, round(0.008 * size)))


def _reach(start: Point, angle: float, length: float) -> Point:
    return start[0] + length * math.sin(angle), start[1] + length * math.cos(angle)


def person(
    rng: np.random.Generator, x: float, y: float, tall: float, shirt: Color | None = None
) -> Figure:
    """Make up a person who stands at (x, y), ``tall`` pixels high."""
    return Figure(
        x,
        y,
        tall,
        pick(rng, SKIN, 8),
        shirt or pick(rng, BRIGHT),
        pick(rng, [(40, 44, 70), (30, 30, 34), (210, 206, 196), (130, 50, 70)]),
        pick(rng, [(36, 26, 24), (104, 66, 40), (222, 186, 112), (150, 60, 44)]),
    )
