"""The contract of an encoder, and what each says about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Vector

Reads = Literal["frames", "audio", "texts"]
"""The part of a :class:`~sorter_core.types.Clip` that an encoder looks at."""


@dataclass(frozen=True, slots=True)
class About:
    """What a person wants to know before switching an encoder on."""

    title: str
    """What it looks at, in plain words."""
    licence: str
    """SPDX name of the licence of its weights; that of this program where it has none."""
    size: int
    """Bytes of its weights."""
    source: str
    """The paper, package or standard behind it."""
    default: bool = False
    """Whether it is on without being asked for."""
    extra: str | None = None
    """The command that brings what it needs; None when the plain installation has it all."""


class Encoder(ABC):
    """Turns a clip into one vector, or says why it can't.

    Making one is cheap; :meth:`load` is heavy and may run in several threads and processes at once.
    ``version`` must change whenever the vectors change: a stored vector is known by
    (video, name, version).
    """

    name: ClassVar[str]
    version: ClassVar[str]
    dim: ClassVar[int]
    reads: ClassVar[Reads]
    about: ClassVar[About]
    models_dir: Path | None = None
    """Where a person put downloaded weights by hand (MODELS_DIR)."""

    def __init__(self, cache_dir: Path) -> None:
        self.cache_dir = cache_dir

    @abstractmethod
    def unavailable(self) -> str | None:
        """None when ready, else one sentence with the command that brings what is missing."""

    @abstractmethod
    def load(self) -> None:
        """Make ready to encode; a second call does nothing. Raises EncoderUnavailable."""

    @abstractmethod
    def encode(self, clip: Clip) -> Vector:
        """The clip's vector: (dim,) float32 of length 1; loads when that was not done before.

        Raises CannotEncode with the reason for the person, EncoderUnavailable.
        """


def lacking(*packages: str) -> str | None:
    """The sentence for the first of ``packages`` that is not installed; None when all are.

    A package is written as it is imported, or as ``imported:installed`` where pip has another name.

    >>> lacking("numpy")
    >>> lacking("numpy", "there_is_none:there-is-none")
    'The package there-is-none is missing. Run: pip install there-is-none'
    """
    for package in packages:
        imported, _, installed = package.partition(":")
        if find_spec(imported) is None:
            name = installed or imported
            return f"The package {name} is missing. Run: pip install {name}"
    return None


def unit(vector: NDArray[Any], nothing: str) -> Vector:
    """``vector`` as float32 with length 1; raises CannotEncode(``nothing``) when it has none.

    >>> unit(np.array([3.0, 4.0]), "it is empty").round(3).tolist()
    [0.6..., 0.8...]
    """
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        raise CannotEncode(nothing)
    return (vector / length).astype(np.float32)
