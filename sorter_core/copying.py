"""Bringing a file in from outside: linked or copied, never moved, never over another."""

from __future__ import annotations

import os
from pathlib import Path

from sorter_core.errors import MediaError, StorageError
from sorter_core.files import (
    copy_whole,
    discard,
    fingerprint,
    rename_exclusive,
    same_bytes,
    translated,
)


def bring(source: Path, target: Path, scratch: Path, mark: str, *, link: bool) -> None:
    """Give the content of ``source`` the name ``target``, which must not exist.

    With ``link`` by a hard link where the file system has them (both on one disk): no byte is
    copied. Else the copy grows at ``scratch``, beside the target, and takes its name when it is
    whole. ``mark`` is the fingerprint that it must have. Raises ``FileExistsError``,
    ``FileNotFoundError``, or a :class:`StorageError`; nothing is left behind then.
    """
    if not (link and _linked(source, target)):
        _copied(source, target, scratch)
    if not has(target, mark):
        target.unlink(missing_ok=True)
        raise StorageError(f"{source.name!r} changed while it was being imported.")


def has(path: Path, mark: str) -> bool:
    """Whether a regular file with the fingerprint ``mark`` lies at ``path``."""
    try:
        return fingerprint(path) == mark
    except (OSError, MediaError):
        return False


def why_kept(copy: Path, original: Path, mark: str) -> str | None:
    """Why an imported file must not be taken away again; None when nothing can be lost by it."""
    if not os.path.lexists(copy):
        return "it was moved on since"
    if not has(copy, mark):
        return "it was changed since"
    try:
        if copy.samefile(original) or same_bytes(copy, original):
            return None
    except OSError:
        pass
    return "the file it was made of is gone, so that this is the only one"


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except (FileExistsError, FileNotFoundError):
        raise
    except (OSError, NotImplementedError):
        return False  # another disk, a file system without links, a foreign owner: copy then
    return True


def _copied(source: Path, target: Path, scratch: Path) -> None:
    try:
        copy_whole(source, scratch)
        rename_exclusive(scratch, target)
    except OSError as error:
        discard(scratch)
        raise translated(error, target) from error
    except BaseException:
        discard(scratch)
        raise
