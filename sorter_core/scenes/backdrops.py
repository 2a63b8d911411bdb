"""The places of the demo's scenes; several subjects share each, as in life."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sorter_core.scenes.canvas import HEIGHT, WIDTH, Canvas, Color, mix

if TYPE_CHECKING:
    from collections.abc import Sequence

Painter = Callable[[Canvas, float], None]
"""Draws one layer of the picture at a time in seconds."""

BRIGHT = [
    (226, 58, 66),
    (52, 112, 210),
    (244, 190, 48),
    (48, 160, 110),
    (236, 236, 240),
    (150, 70, 190),
]


def pick(rng: np.random.Generator, colors: Sequence[Color], spread: int = 14) -> Color:
    """Choose a colour and vary it a little."""
    chosen = np.array(colors[int(rng.integers(len(colors)))]) + rng.integers(-spread, spread + 1, 3)
    red, green, blue = (int(each) for each in np.clip(chosen, 0, 255))
    return red, green, blue


def still(draw: Callable[[Canvas], None]) -> Painter:
    """Draw once, then copy: for what does not move."""
    canvas = Canvas()
    draw(canvas)

    def paint(target: Canvas, _: float) -> None:
        target.image[:] = canvas.image

    return paint


def kitchen(rng: np.random.Generator) -> Painter:
    """Tiles, a shelf with jars, a worktop."""
    wall = pick(rng, [(226, 232, 226), (205, 222, 230), (240, 222, 196), (188, 208, 190)])
    top = pick(rng, [(150, 104, 66), (196, 158, 112), (92, 88, 92)])
    tile = int(rng.integers(28, 44))

    def draw(canvas: Canvas) -> None:
        canvas.fade(wall, mix(wall, (90, 90, 90), 0.25), 0, 270)
        for x in map(float, range(0, WIDTH, tile)):
            canvas.line([(x, 0), (x, 270)], mix(wall, (255, 255, 255), 0.5))
        for y in range(0, 270, tile):
            canvas.line([(0, y), (WIDTH, y)], mix(wall, (255, 255, 255), 0.5))
        canvas.box(0, 128, WIDTH, 138, mix(top, (40, 20, 10), 0.3))
        for x in np.arange(24, WIDTH, rng.uniform(38, 60)).tolist():
            jar, height = (
                pick(rng, [(192, 80, 52), (224, 176, 70), (96, 140, 84)]),
                rng.uniform(34, 62),
            )
            canvas.box(x - 13, 128 - height, x + 13, 128, jar)
            canvas.box(x - 13, 124 - height, x + 13, 132 - height, (240, 236, 226))
            canvas.box(x - 9, 128 - 0.8 * height, x - 5, 124, mix(jar, (255, 255, 255), 0.35))
        canvas.fade(mix(top, (255, 240, 210), 0.15), mix(top, (20, 10, 0), 0.35), 270)
        for y in range(290, HEIGHT, 34):
            canvas.line([(0, y), (WIDTH, y + rng.uniform(-4, 4))], mix(top, (30, 15, 5), 0.25))

    return still(draw)


def room(rng: np.random.Generator) -> Painter:
    """A living room with a window, a plant and a rug."""
    wall = pick(rng, [(232, 206, 182), (196, 212, 202), (214, 200, 222), (238, 224, 186)])
    floor = pick(rng, [(164, 116, 76), (120, 92, 76), (196, 168, 132)])
    rug = pick(rng, [(172, 62, 58), (64, 98, 128), (222, 182, 88), (92, 128, 100)])
    side = rng.uniform(36, 120)

    def draw(canvas: Canvas) -> None:
        canvas.fade(wall, mix(wall, (80, 60, 50), 0.2), 0, 350)
        canvas.box(side - 6, 44, side + 126, 216, (250, 246, 238))
        canvas.box(side, 50, side + 120, 210, pick(rng, [(150, 204, 236), (244, 188, 150)]))
        canvas.disc((side + 84, 96), 18, (255, 240, 190))
        canvas.box(side + 57, 50, side + 63, 210, (250, 246, 238))
        for edge in (side - 24, side + 116):
            canvas.shape([(edge, 40), (edge + 30, 40), (edge + 24, 236), (edge + 4, 236)], rug)
        pot = (side + 190) % WIDTH
        for leaf in range(7):
            canvas.oval(
                (pot + 7 * (leaf - 3), 288), (7, 36), (74, 128 + 6 * leaf, 82), 14 * (leaf - 3)
            )
        canvas.shape(
            [(pot - 20, 312), (pot + 20, 312), (pot + 14, 352), (pot - 14, 352)], (188, 104, 74)
        )
        canvas.fade(floor, mix(floor, (20, 10, 5), 0.4), 350)
        canvas.oval((WIDTH / 2, 446), (138, 46), rug)
        canvas.oval((WIDTH / 2, 446), (118, 37), mix(rug, (255, 245, 225), 0.3))

    return still(draw)


def club(rng: np.random.Generator) -> Painter:
    """Beams of light over a floor that flashes to the beat."""
    base = pick(rng, [(70, 34, 116), (34, 48, 118), (112, 34, 84), (34, 88, 102)])
    lamps = [
        pick(rng, [(255, 60, 150), (60, 200, 255), (255, 200, 60), (130, 90, 255)], 30)
        for _ in "1234"
    ]
    beat = rng.uniform(1.7, 2.3)

    def beams(canvas: Canvas, time: float) -> None:
        for i, lamp in enumerate(lamps):
            angle = 0.5 * math.sin(1.1 * time + 1.7 * i) + 0.3 * (i - 1.5)
            x, reach = 36 + 72 * i, 420
            aim = x + reach * math.sin(angle)
            canvas.shape([(x - 4, -4), (x + 4, -4), (aim + 46, reach), (aim - 46, reach)], lamp)

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fade(mix(base, (0, 0, 0), 0.5), base, 0, 350)
        canvas.fade(mix(base, (255, 255, 255), 0.15), mix(base, (0, 0, 0), 0.3), 350)
        step = int(time * beat)
        for row in range(4):
            top, bottom = 350 + 162 * (row / 4) ** 1.5, 350 + 162 * ((row + 1) / 4) ** 1.5
            for column in range(-4, 4):
                if (row * 3 + column * 5 + step) % 4 == 0:
                    near, far = 40 + 0.55 * (bottom - 350), 40 + 0.55 * (top - 350)
                    left = WIDTH / 2 + column * far, WIDTH / 2 + column * near
                    corners = [
                        (left[0], top),
                        (left[0] + far, top),
                        (left[1] + near, bottom),
                        (left[1], bottom),
                    ]
                    canvas.shape(corners, mix(lamps[(row + column) % 4], base, 0.25))
        canvas.veil(
            0.34 + 0.12 * math.cos(2 * math.pi * beat * time), lambda over: beams(over, time)
        )
        canvas.disc((WIDTH / 2, 44), 24, (176, 180, 196))
        for i in range(9):
            glint = (time * 3 + i * 0.37) % 1
            spot = WIDTH / 2 + 17 * math.cos(2.4 * i), 44 + 17 * math.sin(2.4 * i)
            canvas.disc(spot, 1.5 + 2 * glint, mix((176, 180, 196), (255, 255, 255), glint))

    return paint


def lawn(rng: np.random.Generator) -> Painter:
    """A pitch with its lines, and stands full of people."""
    green = pick(rng, [(66, 142, 68), (88, 156, 74), (52, 118, 72)])
    sky = pick(rng, [(140, 196, 236), (186, 206, 220), (34, 44, 84)])
    crowd = [
        pick(rng, [(206, 66, 60), (64, 96, 190), (232, 224, 214), (232, 190, 70)], 25)
        for _ in range(330)
    ]
    seats = np.stack([rng.uniform(0, WIDTH, 330), rng.uniform(92, 176, 330)], axis=1)

    def draw(canvas: Canvas) -> None:
        canvas.fade(sky, mix(sky, (255, 255, 255), 0.4), 0, 90)
        canvas.fade((70, 70, 84), (96, 94, 106), 84, 186)
        for seat, color in zip(seats, crowd, strict=True):
            canvas.disc((seat[0], seat[1]), 3.1, color)
        canvas.box(0, 180, WIDTH, 198, (232, 232, 236))
        for i in range(8):
            top, bottom = 198 + 314 * (i / 8) ** 1.4, 198 + 314 * ((i + 1) / 8) ** 1.4
            canvas.box(0, top, WIDTH, bottom, mix(green, (255, 255, 200), 0.09 * (i % 2)))
        white = (236, 244, 236)
        canvas.line([(-20, 262), (WIDTH + 20, 262)], white, 2)
        canvas.line([(40, 262), (8, 340), (WIDTH - 8, 340), (WIDTH - 40, 262)], white, 2)
        around = np.linspace(0, 2 * math.pi, 50)
        canvas.line(np.stack([144 + 92 * np.cos(around), 480 + 42 * np.sin(around)], 1), white, 2)

    return still(draw)


def coast(rng: np.random.Generator) -> Painter:
    """Sky, hills that pass at their distance, and the sea."""
    top, low = [
        ((88, 164, 226), (206, 232, 244)),
        ((92, 74, 138), (250, 170, 118)),
        ((236, 134, 104), (252, 218, 150)),
        ((120, 178, 190), (240, 226, 204)),
    ][rng.integers(4)]
    hill = pick(rng, [(84, 112, 126), (96, 128, 96), (128, 96, 110)])
    sea = pick(rng, [(44, 128, 158), (58, 152, 160), (50, 88, 132)])
    ridge = rng.uniform(0, 6, (3, 3))
    speed = rng.uniform(-14, 14)
    sun = rng.uniform(50, 240), rng.uniform(70, 170)
    across = np.arange(0, WIDTH + 12, 12.0)

    def hills(canvas: Canvas, time: float) -> None:
        for i in range(3):
            x = across + speed * time * (i + 1) * 0.6
            waves = (
                18 * np.sin(x / 41 + ridge[i, 0])
                + 11 * np.sin(x / 19 + ridge[i, 1])
                + 30 * np.sin(x / 90 + ridge[i, 2])
            )
            line = np.stack([across, 226 + 26 * i - (1.1 - 0.3 * i) * waves], 1)
            canvas.shape(
                np.concatenate([line, [(WIDTH + 12, 330), (0, 330)]]),
                mix(hill, low, 0.55 - 0.2 * i),
            )

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fade(top, low, 0, 330)
        canvas.disc(sun, 30, mix(low, (255, 255, 230), 0.75))
        hills(canvas, time)
        canvas.fade(mix(sea, low, 0.45), mix(sea, (10, 20, 40), 0.3), 322)
        for i in range(9):
            y = 334 + 19 * i
            x = across * (1 + i / 9)
            canvas.line(
                np.stack([x, y + (1 + 0.5 * i) * np.sin(x / (9 + 3 * i) + 2.2 * time + 2 * i)], 1),
                mix(sea, (240, 250, 255), 0.35 - 0.02 * i),
                1 + i // 4,
            )

    return paint


def together(*painters: Painter) -> Painter:
    """Draw several, one upon the other."""

    def paint(canvas: Canvas, time: float) -> None:
        for painter in painters:
            painter(canvas, time)

    return paint


def beach(rng: np.random.Generator) -> Painter:
    """Sand in front of the sea, for those who stand there."""
    sand = pick(rng, [(236, 208, 152), (222, 186, 136)])
    return lambda canvas, _: canvas.oval((WIDTH / 2, HEIGHT + 30), (290, 118), sand)


def table(rng: np.random.Generator) -> Painter:
    """A wooden table in front of any place."""
    wood = pick(rng, [(176, 124, 80), (140, 96, 66)])

    def paint(canvas: Canvas, _: float) -> None:
        canvas.fade(wood, mix(wood, (20, 10, 0), 0.4), 326)
        for y in range(352, HEIGHT, 40):
            canvas.line([(0, y), (WIDTH, y)], mix(wood, (30, 15, 5), 0.3))

    return paint
