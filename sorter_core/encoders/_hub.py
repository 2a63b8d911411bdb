"""Fetching files of a Hugging Face repository that a package names, and comparing them."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sorter_core.errors import EncoderUnavailable

_BLOCK = 1 << 20
_DEEPEST = 10
"""Errors that are looked through for the one below: a chain may be a ring."""


def fetch(repository: str, patterns: Sequence[str], folder: Path) -> None:
    """Put the files that match ``patterns`` into ``folder``; what is there already stays.

    A file has its own name only when it is complete. Each is then compared with the SHA-256 that
    the hub states of it, and removed when it differs. Raises EncoderUnavailable.
    """
    quiet()
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        commit = api.model_info(repository).sha
        api.snapshot_download(
            repository, revision=commit, allow_patterns=list(patterns), local_dir=folder
        )
        names = _own_files(folder)
        stated = api.get_paths_info(repository, names, revision=commit)
    except Exception as error:  # its HTTP library changes between versions, and so do its errors
        raise EncoderUnavailable(f"{repository} could not be fetched: {reason(error)}") from error
    for entry in stated:
        _compare(entry, folder / entry.path)


def quiet() -> None:
    """Before its library is imported: nothing is told that was not asked, and no bars are drawn."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def _own_files(folder: Path) -> list[str]:
    """The files below ``folder``, but those that the hub's library keeps for going on later."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [file.as_posix() for file in files if file.parts[0] != ".cache"]


def _compare(entry: Any, path: Path) -> None:
    stated = entry.lfs.sha256 if getattr(entry, "lfs", None) else None
    if path.stat().st_size != entry.size or (stated and sha256(path) != stated):
        path.unlink()
        raise EncoderUnavailable(f"{path.name} arrived damaged. Fetch it once more.")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def reason(error: BaseException) -> str:
    """Why something could not be fetched, in words that tell a person what to do.

    >>> reason(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full. Make room, then fetch it once more: what has come is kept.'
    """
    for one in _behind(error):
        if isinstance(one, socket.gaierror):
            return (
                "there is no way to it from this computer. Is there a network? Without one, put the"
                " files into a folder and name that as MODELS_DIR."
            )
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk is full. Make room, then fetch it once more: what has come is kept."
    return first_line(error)


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The error, and what each library found below it."""
    one: object = error
    for _ in range(_DEEPEST):
        if not isinstance(one, BaseException):
            return
        yield one
        one = getattr(one, "reason", None) or one.__cause__ or one.__context__


def first_line(error: BaseException) -> str:
    """What a person wants to know of an error: the libraries' advice behind it is for programmers."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
