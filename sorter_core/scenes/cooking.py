"""Cooking: a pan that is tossed, a knife on a board."""

from __future__ import annotations

import math

import numpy as np

from sorter_core.scenes.backdrops import Painter, pick, together
from sorter_core.scenes.canvas import WIDTH, Canvas, Point, mix


def steam(rng: np.random.Generator, at: Point) -> Painter:
    """White wisps that rise from ``at``."""
    wisps = rng.uniform(0, 1, (6, 3))

    def puff(canvas: Canvas, time: float) -> None:
        for start, side, size in wisps:
            age = (start + 0.35 * time) % 1
            x = at[0] + 70 * (side - 0.5) + 10 * math.sin(5 * age + 6 * side)
            canvas.oval(
                (x, at[1] - 170 * age),
                ((8 + 12 * size) * (0.6 + age), 16 + 18 * age),
                (250, 250, 250),
            )

    return lambda canvas, time: canvas.veil(0.2, lambda over: puff(over, time))


def pan(rng: np.random.Generator) -> Painter:
    """Things frying in a pan that is tossed now and then."""
    x, y, wide = WIDTH / 2 + rng.uniform(-24, 24), rng.uniform(352, 396), rng.uniform(88, 112)
    iron = pick(rng, [(44, 44, 50), (62, 54, 52), (120, 52, 44)])
    sauce = pick(rng, [(206, 84, 40), (228, 180, 84), (116, 140, 62), (92, 56, 40)])
    foods = [
        pick(rng, [(232, 70, 52), (98, 168, 70), (250, 224, 130), (236, 148, 64), (250, 244, 232)])
        for _ in range(13)
    ]
    places = np.stack(
        [rng.uniform(0, 2 * math.pi, 13), rng.uniform(0.15, 0.8, 13), rng.uniform(6, 14, 13)], 1
    )
    turn, toss = rng.uniform(0.5, 1.6) * rng.choice([-1, 1]), rng.uniform(1.3, 2.2)

    def paint(canvas: Canvas, time: float) -> None:
        lift = max(0.0, math.sin(toss * 2 * math.pi * time / 2)) ** 3
        tilt = y - 10 * lift
        canvas.oval((x + 4, y + 40), (wide + 16, 46), (24, 22, 24))
        canvas.line([(x + 0.8 * wide, tilt + 8), (x + wide + 96, tilt + 66)], (28, 26, 30), 17)
        canvas.line([(x + 0.9 * wide, tilt + 8), (x + wide + 92, tilt + 62)], (78, 72, 74), 4)
        canvas.oval((x, tilt + 12), (wide + 4, 54), mix(iron, (0, 0, 0), 0.4))
        canvas.oval((x, tilt), (wide + 4, 52), mix(iron, (255, 255, 255), 0.2))
        canvas.oval((x, tilt + 2), (wide - 4, 46), iron)
        canvas.oval((x, tilt + 4), (wide - 14, 39), mix(sauce, iron, 0.25))
        for i, ((angle, far, size), food) in enumerate(zip(places, foods, strict=True)):
            around = angle + turn * time
            jump = 74 * lift * (0.4 + 0.6 * ((i * 7) % 5) / 4)
            spot = (
                x + far * (wide - 18) * math.cos(around),
                tilt + 4 + far * 36 * math.sin(around) - jump,
            )
            canvas.oval(
                (spot[0], spot[1] + 2),
                (size, 0.72 * size),
                mix(food, (40, 20, 10), 0.35),
                40 * angle,
            )
            canvas.oval(spot, (size, 0.7 * size), food, 40 * angle + 90 * lift)

    return together(paint, steam(rng, (x, y - 16)))


def board(rng: np.random.Generator) -> Painter:
    """A knife that cuts something into slices on a board."""
    food = pick(
        rng, [(236, 132, 52), (98, 168, 70), (226, 62, 58), (240, 214, 110), (190, 90, 150)]
    )
    left, y, pace = rng.uniform(52, 76), rng.uniform(380, 416), rng.uniform(2.6, 4.4)

    def paint(canvas: Canvas, time: float) -> None:
        canvas.shape([(18, 344), (270, 344), (286, 470), (2, 470)], (120, 80, 48))
        canvas.shape([(18, 338), (270, 338), (286, 462), (2, 462)], (214, 172, 122))
        for i in range(4):
            canvas.line([(16, 362 + 26 * i), (272, 364 + 26 * i)], (190, 146, 98))
        edge = left + 34 + 30 * time
        for x in np.arange(left, edge - 6, 13):
            canvas.oval((x, y + 3 * math.sin(x)), (6, 25), mix(food, (60, 20, 0), 0.3), -12)
            canvas.oval((x + 3, y + 3 * math.sin(x)), (5, 23), mix(food, (255, 255, 230), 0.4), -12)
        canvas.oval(((edge + 252) / 2, y), ((252 - edge) / 2 + 8, 25), food)
        canvas.oval(
            ((edge + 252) / 2, y - 8), ((252 - edge) / 2 - 6, 6), mix(food, (255, 255, 255), 0.35)
        )
        up = 56 * abs(math.sin(math.pi * pace * time))
        blade = [
            (edge - 3, y + 26 - up),
            (edge + 3, y - 34 - up),
            (edge + 10, y - 120 - up),
            (edge - 14, y - 118 - up),
        ]
        canvas.shape(blade, (214, 220, 228))
        canvas.line([blade[0], blade[3]], (250, 252, 255), 2)
        canvas.line([(edge - 2, y - 122 - up), (edge + 6, y - 188 - up)], (56, 36, 30), 17)

    return paint
