"""A library that was trained once, of which each test gets a copy: a training takes a second."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from sorter_core import Settings, Sorter
from tests.learned import analysed


def prepared(root: Path, change: Callable[[Sorter], object]) -> Path:
    """The library of :func:`tests.learned.analysed` at ``root``, after ``change`` and a training."""
    settings = Settings(_env_file=None, state_dir=root / ".s", cache_dir=root / ".c")
    sorter = analysed(root, settings)
    change(sorter)
    sorter.train()
    sorter.library.close()
    return root


def copied(original: Path, root: Path, settings: Settings) -> Sorter:
    """The same library at ``root``."""
    shutil.copytree(original, root)
    return Sorter(settings.model_copy(update={"data_dir": root}))
