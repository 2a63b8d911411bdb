"""The model's file: arrays and JSON in one checked piece, and never a pickle."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import encoders
from sorter_core.classifiers import available
from sorter_core.errors import ModelMissing
from sorter_core.files import write_atomic
from sorter_core.fusion import Model, Panel
from sorter_core.novelty import Reference, Side
from sorter_core.steps import Steps

MAGIC = b"SORTER-MODEL\n"
VERSION = 1
"""Raised whenever an older program could not read the file."""
_HEAD = struct.Struct("<I32s")
"""Version, and the SHA-256 of version and body."""
_ABOUT = "about"
_OF_PANEL = ("folders", "centre", "basis", "weights")
_OF_STEPS = ("edges", "values")
_OF_SIDE = ("centre", "weights", "bias")
_OF_REFERENCE = ("weights", "held", "present")
_AGAIN = "Start a retraining."

Arrays = dict[str, NDArray[Any]]


def save(model: Model, path: Path) -> None:
    """Write ``model`` to ``path`` in one step: a reader sees the old file or the new one, whole.

    The file is :data:`MAGIC`, a version, a checksum, and an ``.npz`` (NumPy's NEP 1) whose entry
    ``about`` is JSON. Raises StorageError when the disk refuses.
    """
    body = _packed(model)
    write_atomic(path, MAGIC + _HEAD.pack(VERSION, _checksum(VERSION, body)) + body)


def load(path: Path) -> Model:
    """Read a model. Raises ModelMissing for a file that is gone, damaged, foreign or too new.

    Also for a model that learned from vectors of another version of an encoder than those that are
    stored now: they mean something else to it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"The model's file can't be read ({error.strerror}). {_AGAIN}"
        ) from error
    if not content.startswith(MAGIC):
        raise ModelMissing(f"{path.name} is no model of this program. {_AGAIN}")
    try:
        version, checksum = _HEAD.unpack_from(content, len(MAGIC))
    except struct.error as error:
        raise ModelMissing(f"The model's file was cut off. {_AGAIN}") from error
    body = content[len(MAGIC) + _HEAD.size :]
    if checksum != _checksum(version, body):
        raise ModelMissing(f"The model's file is damaged. {_AGAIN}")
    if version != VERSION:
        raise ModelMissing(
            f"The model was made by another version of this program (its format is {version},"
            f" this program's is {VERSION}). {_AGAIN}"
        )
    return _unpacked(body)


def _checksum(version: int, body: bytes) -> bytes:
    return hashlib.sha256(struct.pack("<I", version) + body).digest()


def _packed(model: Model) -> bytes:
    arrays: Arrays = {"prior": model.prior} | {
        f"steps/{name}": getattr(model.steps, name) for name in _OF_STEPS
    }
    panels = []
    for place, panel in enumerate(model.panels):
        arrays |= {f"{place}/{name}": getattr(panel, name) for name in _OF_PANEL}
        classifiers = []
        for number, classifier in enumerate(panel.classifiers):
            settings, state = classifier.to_state()
            arrays |= {f"{place}/{number}/{name}": array for name, array in state.items()}
            classifiers.append({"name": classifier.name, "settings": settings})
        panels.append(
            {
                "encoder": panel.encoder,
                "version": _version(panel.encoder),
                "classifiers": classifiers,
            }
        )
    about = {"classes": model.classes, "panels": panels}
    if model.reference is not None:
        about["reference"] = [side.encoder for side in model.reference.sides]
        arrays |= _reference_arrays(model.reference)
    arrays[_ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # the stubs take the arrays for allow_pickle
    return file.getvalue()


def _unpacked(body: bytes) -> Model:
    """The model of a body whose checksum was right."""
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as stored:
            arrays: Arrays = dict(stored)
        about = json.loads(arrays[_ABOUT].tobytes())
        panels = [_panel(arrays, place, one) for place, one in enumerate(about["panels"])]
        steps = Steps(**_below(arrays, "steps/"))  # none in files from before there were steps
        reference = _reference(arrays, about.get("reference"))  # nor was there this, once
        return Model(tuple(about["classes"]), tuple(panels), arrays["prior"], steps, reference)
    except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelMissing(f"The model's file makes no sense ({error}). {_AGAIN}") from error


def _version(encoder: str) -> str | None:
    """Of the vectors that the program stores now; None for an encoder that it has not."""
    kind = encoders.available().get(encoder)
    return kind.version if kind else None


def _panel(arrays: Arrays, place: int, about: dict[str, Any]) -> Panel:
    now = _version(about["encoder"])
    if about.get("version", now) != now:  # files from before it was written down have none
        raise ModelMissing(
            f"The model learned from what another version of “{about['encoder']}” saw. {_AGAIN}"
        )
    classifiers = [
        available()[one["name"]].from_state(one["settings"], _below(arrays, f"{place}/{number}/"))
        for number, one in enumerate(about["classifiers"])
    ]
    own = {name: arrays[f"{place}/{name}"] for name in _OF_PANEL}
    return Panel(encoder=about["encoder"], classifiers=tuple(classifiers), **own)


def _reference_arrays(reference: Reference) -> Arrays:
    arrays = {f"reference/{name}": getattr(reference, name) for name in _OF_REFERENCE}
    for place, side in enumerate(reference.sides):
        arrays |= {f"reference/{place}/{name}": getattr(side, name) for name in _OF_SIDE}
    return arrays


def _reference(arrays: Arrays, encoders: list[str] | None) -> Reference | None:
    if encoders is None:
        return None
    sides = [
        Side(encoder, **{name: arrays[f"reference/{place}/{name}"] for name in _OF_SIDE})
        for place, encoder in enumerate(encoders)
    ]
    return Reference(tuple(sides), **{name: arrays[f"reference/{name}"] for name in _OF_REFERENCE})


def _below(arrays: Arrays, prefix: str) -> Arrays:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
