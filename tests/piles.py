"""A library whose unsorted videos fall into groups: stored vectors and captions, no decoding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sorter_core import Settings, Sorter, encoders
from tests.conftest import Layout, grow

GROUPS = ("cats", "dogs", "pizza")
EACH, ALONE = 10, 12


def piled(
    root: Path, settings: Settings, *, also: Layout | None = None, told: bool = True
) -> Sorter:
    """Ten unsorted videos of each of GROUPS (``cats-0.mp4``, …) and twelve that are like no other.

    ``also``: other files; ``told``: a caption that names the group lies beside each.
    """
    names = [f"{group}-{i}.mp4" for group in GROUPS for i in range(EACH)]
    names += [f"alone{i}-0.mp4" for i in range(ALONE)]
    grow(root, {**{name: f"a video: {name}" for name in names}, **(also or {})})
    sorter = Sorter(settings.model_copy(update={"data_dir": root}))
    sorter.choose_encoders(["sound", "caption"])
    sorter.scan()
    known(sorter, {name: name.split("-")[0] for name in names}, told=told)
    return sorter


def known(
    sorter: Sorter, groups: Mapping[str, str], *, told: bool = True, noise: float = 0.5
) -> None:
    """Store a vector for each video (file name), near to the others of its group, and a caption."""
    kind = encoders.available()["sound"]
    with sorter.library.store.write() as db:
        for mark, name in db.execute(
            "SELECT fingerprint, name FROM files ORDER BY name"
        ).fetchall():
            if (group := groups.get(name)) is None:
                continue
            centre = np.random.default_rng(list(group.encode())).normal(size=kind.dim)
            own = np.random.default_rng(list(name.encode())).normal(size=kind.dim)
            blob = (centre + noise * own).astype("<f4").tobytes()
            db.execute(
                "INSERT INTO features VALUES (?, 'sound', ?, ?, NULL)", (mark, kind.version, blob)
            )
            if told and not group.startswith("alone"):
                text = f"look at the {group} #fyp"
                db.execute("INSERT INTO texts VALUES (?, 'caption', ?)", (mark, text))
