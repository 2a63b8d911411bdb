"""Football: a match with a goal, or one player and the ball."""

from __future__ import annotations

import math

import numpy as np

from sorter_core.scenes.backdrops import BRIGHT, Painter, pick
from sorter_core.scenes.canvas import WIDTH, Canvas, Point
from sorter_core.scenes.people import Figure, person


def ball(canvas: Canvas, at: Point, radius: float, angle: float) -> None:
    """Draw a football turned by ``angle`` radians."""
    canvas.disc(at, radius, (30, 30, 34))
    canvas.disc(at, 0.93 * radius, (246, 246, 246))
    for i in range(5):
        spot = angle + i * 2 * math.pi / 5
        canvas.disc(
            (at[0] + 0.62 * radius * math.cos(spot), at[1] + 0.62 * radius * math.sin(spot)),
            0.24 * radius,
            (34, 34, 40),
        )
    canvas.disc(at, 0.26 * radius, (34, 34, 40))


def match(rng: np.random.Generator) -> Painter:
    """A goal, players who run, and a shot."""
    home, away = pick(rng, BRIGHT), pick(rng, BRIGHT)
    team = [
        person(rng, rng.uniform(40, 248), rng.uniform(300, 440), 96, home if i % 2 else away)
        for i in range(4)
    ]
    team.sort(key=lambda each: each.y)
    striker = person(rng, rng.uniform(56, 120), rng.uniform(466, 490), rng.uniform(170, 210), home)
    lanes, period, aim = rng.uniform(-26, 26, 4), rng.uniform(1.5, 2.2), rng.uniform(96, 196)

    def goal(canvas: Canvas) -> None:
        for x in range(80, 212, 12):
            canvas.line([(x, 196), (x + (x - 144) * 0.12, 262)], (226, 232, 236))
        for y in range(198, 262, 11):
            canvas.line([(76, y), (212, y)], (226, 232, 236))
        canvas.line([(74, 264), (74, 192), (214, 192), (214, 264)], (255, 255, 255), 4)

    def run(player: Figure, canvas: Canvas, time: float, speed: float) -> None:
        step = math.sin(9 * time + player.x)
        pose = (
            -0.9 * step,
            0.9 * step,
            -0.9 * step + 0.8,
            0.9 * step + 0.8,
            0.8 * step,
            -0.8 * step,
            0.8 * step - 0.5,
            -0.8 * step - 0.5,
        )
        player.draw(canvas, pose, speed * math.sin(0.9 * time), -3 * abs(step))

    def paint(canvas: Canvas, time: float) -> None:
        goal(canvas)
        for player, speed in zip(team, lanes, strict=True):
            run(player, canvas, time, speed)
        flight = (time / period) % 1
        kick = max(0.0, 1 - 6 * flight)
        striker.draw(
            canvas, (-0.6 - kick, 0.7, -0.3, 1.2, -0.1, 0.2 + 1.2 * kick, -0.2, 0.1 + kick)
        )
        start = striker.x + 56, striker.y - 6
        at = (
            start[0] + (aim - start[0]) * flight,
            start[1] + (232 - start[1]) * flight - 120 * math.sin(math.pi * flight),
        )
        ball(canvas, at, 17 - 10 * flight, 9 * time)

    return paint


def juggler(rng: np.random.Generator) -> Painter:
    """One player close by, who keeps the ball in the air."""
    player = person(rng, WIDTH / 2 + rng.uniform(-30, 10), 486, rng.uniform(290, 330))
    pace = rng.uniform(1.1, 1.5)

    def paint(canvas: Canvas, time: float) -> None:
        phase = (time * pace) % 1
        kick = max(0.0, math.cos(2 * math.pi * phase))
        player.draw(
            canvas,
            (-0.7, 0.7, -0.3 - 0.4 * kick, 0.9, -0.06, 0.1 + 0.9 * kick, -0.04, 0.25 - 0.3 * kick),
        )
        ball(canvas, (player.x + 74, 404 - 4 * 150 * phase * (1 - phase)), 22, 5 * time)

    return paint
