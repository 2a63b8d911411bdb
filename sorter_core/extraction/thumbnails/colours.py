"""Brightness, contrast and colour scheme: statistics of the pixels, so they are always known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sorter_core.extraction.thumbnails.picture import opencv, resized
from sorter_core.types import Frame

_SIDE = 128
"""Pixels: averages over a picture do not get better with more."""
_GREY, _VIVID = 8, 59
"""Colourfulness: "not" and "quite" in the scale of Hasler and Süsstrunk (2003): 0, 15, 33, 45, 59, 82."""
_DARK, _BRIGHT = 0.22, 0.72
"""Mean luma (0..1) of night scenes and of scenes before white walls or sky."""
_SOFT = 0.35
"""Mean saturation (0..1) up to which bright colours are pastels."""
_ONE_SIDED = 0.7
"""Share of the coloured light on one side of the colour circle that makes a picture warm or cool."""

_YELLOW_GREEN, _MAGENTA = 40, 150
"""The ends of the warm side of the colour circle, as OpenCV counts: halves of degrees."""


@dataclass(frozen=True, slots=True)
class Colours:
    """``brightness``: mean luma, ``contrast``: its standard deviation over the greatest one, both 0..1.

    ``scheme`` is a key of the vocabulary's ``color_scheme``.
    """

    brightness: float
    contrast: float
    colourfulness: float
    scheme: str


def measure(picture: Frame) -> Colours:
    """Measure a picture (height, width, 3), RGB."""
    cv2 = opencv()
    small = resized(picture, _SIDE, _SIDE)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV).astype(np.float64)
    brightness, contrast = float(luma.mean()), float(luma.std() / 0.5)
    colourful = colourfulness(small)
    return Colours(
        round(brightness, 3),
        round(contrast, 3),
        round(colourful, 1),
        _scheme(brightness, colourful, hsv),
    )


def colourfulness(picture: Frame) -> float:
    """Hasler and Süsstrunk, "Measuring colourfulness in natural images" (2003): 0 is grey, 109 the most.

    >>> colourfulness(np.full((2, 2, 3), 90, np.uint8))
    0.0
    """
    red, green, blue = np.moveaxis(picture.astype(np.float64), 2, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def _scheme(brightness: float, colourful: float, hsv: NDArray[np.float64]) -> str:
    if colourful < _GREY:
        return "black_and_white"
    if brightness < _DARK:
        return "dark"
    if colourful >= _VIVID:
        return "vivid"
    if brightness > _BRIGHT:
        return "pastel" if colourful > 2 * _GREY and hsv[..., 1].mean() / 255 < _SOFT else "bright"
    warm = _warm_share(hsv)
    if warm >= _ONE_SIDED:
        return "warm"
    return "cool" if warm <= 1 - _ONE_SIDED else "neutral"


def _warm_share(hsv: NDArray[np.float64]) -> float:
    """The share (0..1) of coloured light with a hue from magenta over red to yellow-green."""
    hue, light = hsv[..., 0], hsv[..., 1] * hsv[..., 2]
    warm = (hue <= _YELLOW_GREEN) | (hue >= _MAGENTA)
    return float(light[warm].sum() / max(light.sum(), 1.0))
