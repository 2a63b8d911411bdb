"""A library that is analysed already, so that training and predicting take no decoding."""

from pathlib import Path

import numpy as np

from sorter_core import Settings, Sorter, encoders
from tests.conftest import grow

FOLDERS = ("Cats", "Dogs")


def analysed(root: Path, settings: Settings, more: int = 0) -> Sorter:
    """Make 24 filed and 6 unsorted files whose stored ``sound`` vectors tell the folder apart.

    ``more``: unsorted ones besides, of each folder.
    """
    numbers = [*range(3), *range(100, 100 + more)]
    layout = {f"{folder}-{i}.mp4": f"{folder}{i}" for folder in FOLDERS for i in numbers}
    filed = {
        folder: {f"{folder}-{i}.mp4": f"{folder}{i}" for i in range(10, 22)} for folder in FOLDERS
    }
    sorter = Sorter(settings.model_copy(update={"data_dir": grow(root, {**layout, **filed})}))
    sorter.scan()
    kind = encoders.available()["sound"]
    random = np.random.default_rng(0)
    centres = {folder: random.normal(size=kind.dim) for folder in FOLDERS}
    with sorter.library.store.write() as db:
        for mark, name in db.execute("SELECT fingerprint, name FROM files").fetchall():
            vector = centres[name.split("-")[0]] + random.normal(size=kind.dim)
            blob = (vector / np.linalg.norm(vector)).astype("<f4").tobytes()
            row = (mark, "sound", kind.version, blob, None)
            db.execute("INSERT INTO features VALUES (?, ?, ?, ?, ?)", row)
    return sorter
