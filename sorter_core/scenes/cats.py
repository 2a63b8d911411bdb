"""Cats: one that sits, looks, blinks and moves its tail; sometimes with a ball of wool."""

from __future__ import annotations

import math

import numpy as np

from sorter_core.scenes.backdrops import BRIGHT, Painter, pick
from sorter_core.scenes.canvas import WIDTH, Canvas, Color, mix

BLINK = 0.16
"""Seconds an eye is shut."""


class Cat:
    """One cat with its coat, eyes and habits."""

    def __init__(self, rng: np.random.Generator) -> None:
        coats = [(228, 150, 76), (92, 92, 100), (44, 42, 48), (238, 228, 212), (166, 128, 96)]
        self.coat = pick(rng, coats)
        self.dark = mix(self.coat, (20, 10, 0), 0.35)
        self.light = mix(self.coat, (255, 250, 240), 0.55)
        self.eyes = pick(rng, [(126, 190, 84), (236, 190, 60), (104, 176, 220)])
        self.x, self.y = WIDTH / 2 + rng.uniform(-34, 34), rng.uniform(440, 466)
        self.size = rng.uniform(0.85, 1.15)
        self.wag, self.blink, self.gaze = rng.uniform((1.5, 1.3, 0.8), (4, 2.4, 2))
        self.striped = bool(rng.integers(3))
        self.wool: Color | None = pick(rng, BRIGHT) if rng.integers(2) else None

    def paint(self, canvas: Canvas, time: float) -> None:
        """Draw it at ``time`` seconds."""
        canvas.veil(
            0.3, lambda over: over.oval((self.x + 6, self.y + 8), (104 * self.size, 16), (0, 0, 0))
        )
        self._tail(canvas, time)
        self._body(canvas, time)
        nod = 4 * math.sin(self.gaze * time)
        self._head(canvas, self.x + 1.6 * nod, self.y - 182 * self.size + nod)
        self._face(
            canvas,
            self.x + 1.6 * nod,
            self.y - 182 * self.size + nod,
            nod,
            shut=time % self.blink < BLINK,
        )
        if self.wool:
            self._wool(canvas, time, self.wool)

    def _tail(self, canvas: Canvas, time: float) -> None:
        along = np.linspace(0, 1, 14)
        curl = 0.9 * np.sin(self.wag * time + 2.2 * along)
        across = self.x + self.size * (58 + 66 * along + 24 * curl * along)
        down = self.y - self.size * (8 + 120 * along**1.5 + 10 * curl)
        points = np.stack([across, down], 1)
        canvas.line(points, self.dark, round(19 * self.size))
        canvas.line(points, self.coat, round(15 * self.size))

    def _body(self, canvas: Canvas, time: float) -> None:
        x, y, size = self.x, self.y, self.size
        canvas.oval((x, y - 62 * size), (66 * size, 76 * size), self.coat)
        for i in range(3 * self.striped):
            for side in (-1, 1):
                stripe = x + side * 54 * size, y - (44 + 26 * i) * size
                canvas.oval(stripe, (15 * size, 4.5 * size), self.dark, side * 24)
        canvas.oval((x, y - 56 * size), (36 * size, 54 * size), self.light)
        lifted = 26 * max(0.0, math.sin(2.2 * time)) if self.wool else 0
        canvas.oval((x - 26 * size, y - 4), (22 * size, 13 * size), self.coat)
        canvas.oval((x + 26 * size, y - 4 - lifted), (22 * size, 13 * size), self.coat)

    def _head(self, canvas: Canvas, x: float, y: float) -> None:
        size = self.size
        for side in (-1, 1):
            middle = np.array([x + side * 35 * size, y - 42 * size])
            ear = np.array([[50, -10], [46, -78], [8, -42]]) * size * [side, 1] + [x, y]
            canvas.shape(ear, self.coat)
            canvas.shape(0.6 * ear + 0.4 * middle, (236, 164, 160))
        canvas.oval((x, y), (60 * size, 50 * size), self.coat)
        if self.striped:
            for i in (-1, 0, 1):
                mark = [(x + 13 * i * size, y - 46 * size), (x + 9 * i * size, y - 26 * size)]
                canvas.line(mark, self.dark, 5)
        canvas.oval((x, y + 20 * size), (28 * size, 20 * size), self.light)

    def _face(self, canvas: Canvas, x: float, y: float, look: float, *, shut: bool) -> None:
        size = self.size
        for side in (-1, 1):
            eye = x + side * 25 * size, y - 4 * size
            canvas.oval(eye, (14 * size, (2 if shut else 13) * size), self.eyes)
            canvas.oval(
                (eye[0] + look, eye[1]), (4.5 * size, (1 if shut else 11) * size), (16, 16, 18)
            )
            for i in (-1, 0, 1):
                root = x + side * 22 * size, y + (20 + 3 * i) * size
                tip = x + side * 76 * size, y + (16 + 11 * i) * size
                canvas.line([root, tip], (250, 250, 250))
        nose = np.array([[-7, 9], [7, 9], [0, 17]]) * size + [x, y]
        canvas.shape(nose, (226, 120, 124))

    def _wool(self, canvas: Canvas, time: float, color: Color) -> None:
        spot = self.x + 70 * self.size + 26 * math.sin(2.2 * time), self.y - 2
        canvas.disc(spot, 23, mix(color, (0, 0, 0), 0.25))
        for i in range(4):
            thread = mix(color, (255, 255, 255), 0.1 * i)
            canvas.oval(spot, (22, 5 + 5 * i), thread, 60 * time + 40 * i)


def cat(rng: np.random.Generator) -> Painter:
    """Make up a cat and give what draws it."""
    return Cat(rng).paint
