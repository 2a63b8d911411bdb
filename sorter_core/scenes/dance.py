"""Dance: one to three people and the same steps."""

from __future__ import annotations

import math

import numpy as np

from sorter_core.scenes.backdrops import Painter
from sorter_core.scenes.canvas import WIDTH, Canvas
from sorter_core.scenes.people import person


def dancers(rng: np.random.Generator) -> Painter:
    """One to three people who dance the same steps."""
    count = int(rng.choice([1, 1, 2, 3]))
    tall = rng.uniform(250, 310) if count == 1 else rng.uniform(190, 230)
    crew = [
        person(rng, WIDTH * (i + 1) / (count + 1), rng.uniform(462, 478), tall)
        for i in range(count)
    ]
    beat, arms, kick, sway = (
        rng.uniform(1.7, 2.3),
        rng.uniform(0.7, 1.5),
        rng.uniform(0.2, 0.6),
        rng.uniform(8, 26),
    )

    def shadows(canvas: Canvas) -> None:
        for dancer in crew:
            canvas.oval((dancer.x, dancer.y + 6), (0.2 * tall, 9), (0, 0, 0))

    def paint(canvas: Canvas, time: float) -> None:
        canvas.veil(0.35, shadows)
        for i, dancer in enumerate(crew):
            swing = math.sin(math.pi * beat * time + 0.25 * i)
            bounce = abs(math.sin(math.pi * beat * time))
            up = math.pi * (0.55 + 0.3 * math.sin(math.pi * beat * time / 2))
            pose = (
                -up - 0.4 * swing,
                up - 0.4 * swing,
                -up - arms * swing,
                up + arms * bounce,
                -0.12 - kick * max(0.0, swing),
                0.12 + kick * max(0.0, -swing),
                0.05 + kick * bounce,
                -0.05 - kick * bounce,
            )
            dancer.draw(canvas, pose, sway * swing, -0.05 * tall * bounce)

    return paint
