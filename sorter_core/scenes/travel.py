"""Travel: palms, an aeroplane, a boat, balloons."""

from __future__ import annotations

import math

import numpy as np

from sorter_core.scenes.backdrops import BRIGHT, Painter, pick
from sorter_core.scenes.canvas import HEIGHT, WIDTH, Canvas, Point, mix


def palms(rng: np.random.Generator) -> Painter:
    """A beach in front, with palm trees in the wind."""
    sand = pick(rng, [(236, 208, 152), (222, 186, 136)])
    trees = [
        (rng.uniform(10, 280), rng.uniform(210, 280), rng.uniform(-40, 40))
        for _ in range(int(rng.integers(1, 4)))
    ]

    def paint(canvas: Canvas, time: float) -> None:
        canvas.oval((WIDTH / 2, HEIGHT + 20), (260, 92), sand)
        for x, tall, lean in trees:
            along = np.linspace(0, 1, 8)
            bend = lean * along**2 + 5 * np.sin(1.4 * time + x) * along**2
            canvas.line(np.stack([x + bend, 484 - tall * along], 1), (112, 78, 52), 9)
            crown = x + bend[-1], 484 - tall
            for i in range(7):
                angle = math.pi * (i / 6) + 0.12 * math.sin(2 * time + i)
                tip = crown[0] + 66 * math.cos(angle), crown[1] - 34 * math.sin(angle) + 22
                canvas.shape(
                    [
                        crown,
                        ((crown[0] + tip[0]) / 2, crown[1] - 30 * math.sin(angle) - 12),
                        tip,
                        ((crown[0] + tip[0]) / 2, crown[1] - 24 * math.sin(angle) + 6),
                    ],
                    (46, 118 + 8 * i, 70),
                )

    return paint


def plane(rng: np.random.Generator) -> Painter:
    """An aeroplane that crosses the sky and leaves a trail."""
    y, speed, way, stripe = (
        rng.uniform(80, 190),
        rng.uniform(60, 90),
        rng.choice([-1, 1]),
        pick(rng, BRIGHT),
    )

    def paint(canvas: Canvas, time: float) -> None:
        x = WIDTH / 2 + way * (speed * time - 130)
        at = y - 8 * time
        canvas.veil(
            0.5,
            lambda over: over.shape(
                [
                    (x - way * 30, at - 2),
                    (x - way * 300, at + 18),
                    (x - way * 300, at + 32),
                    (x - way * 30, at + 4),
                ],
                (255, 255, 255),
            ),
        )
        body = (248, 248, 252)
        canvas.shape(
            [
                (x - way * 6, at),
                (x - way * 30, at - 32),
                (x - way * 18, at - 32),
                (x + way * 16, at),
            ],
            mix(body, (90, 90, 110), 0.2),
        )
        canvas.oval((x, at), (46, 9), body, -4 * way)
        canvas.shape(
            [
                (x - way * 44, at),
                (x - way * 58, at - 25),
                (x - way * 46, at - 25),
                (x - way * 26, at - 4),
            ],
            stripe,
        )
        canvas.shape(
            [
                (x + way * 12, at + 3),
                (x - way * 26, at + 38),
                (x - way * 10, at + 38),
                (x + way * 26, at + 3),
            ],
            mix(body, (60, 60, 90), 0.35),
        )
        for i in range(6):
            canvas.disc((x + way * (10 * i - 26), at - 2), 1.7, (70, 110, 150))

    return paint


def boat(rng: np.random.Generator) -> Painter:
    """A sailing boat that rocks on the waves."""
    start, speed, sail, size = (
        rng.uniform(60, 200),
        rng.uniform(-22, 22),
        pick(rng, BRIGHT),
        rng.uniform(0.8, 1.3),
    )

    def paint(canvas: Canvas, time: float) -> None:
        tilt = 0.1 * math.sin(1.8 * time)
        x, y = start + speed * time, 396 + 5 * math.sin(1.8 * time + 1)

        def at(right: float, up: float) -> Point:
            return x + size * (right * math.cos(tilt) + up * math.sin(tilt)), y + size * (
                right * math.sin(tilt) - up * math.cos(tilt)
            )

        canvas.line([at(0, 0), at(0, 134)], (96, 66, 44), 4)
        canvas.shape([at(4, 12), at(4, 130), at(58, 16)], sail)
        canvas.shape([at(-4, 14), at(-4, 118), at(-40, 18)], mix(sail, (255, 255, 255), 0.7))
        canvas.shape([at(-62, 10), at(66, 10), at(46, -16), at(-46, -16)], (150, 78, 52))
        canvas.shape([at(-62, 10), at(66, 10), at(62, 3), at(-58, 3)], (246, 240, 230))

    return paint


def balloons(rng: np.random.Generator) -> Painter:
    """Hot-air balloons that drift upwards."""
    fleet = [
        (
            rng.uniform(30, 258),
            rng.uniform(90, 330),
            rng.uniform(22, 52),
            pick(rng, BRIGHT),
            rng.uniform(4, 16),
        )
        for _ in range(int(rng.integers(2, 5)))
    ]

    def paint(canvas: Canvas, time: float) -> None:
        for x, y, size, color, speed in fleet:
            cx, cy = x + 5 * math.sin(time + y), y - speed * time
            canvas.shape(
                [
                    (cx - 0.72 * size, cy + 0.5 * size),
                    (cx + 0.72 * size, cy + 0.5 * size),
                    (cx + 0.2 * size, cy + 1.35 * size),
                    (cx - 0.2 * size, cy + 1.35 * size),
                ],
                mix(color, (30, 20, 20), 0.2),
            )
            canvas.oval((cx, cy), (0.92 * size, size), color)
            canvas.oval((cx, cy), (0.55 * size, size), mix(color, (255, 255, 255), 0.55))
            canvas.oval((cx, cy), (0.2 * size, size), color)
            canvas.box(
                cx - 0.16 * size, cy + 1.5 * size, cx + 0.16 * size, cy + 1.75 * size, (120, 82, 50)
            )

    return paint
