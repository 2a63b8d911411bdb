"""Names, fingerprints and the move that never overwrites; knows no database.

The exclusive rename is ``renameat2(RENAME_NOREPLACE)`` on Linux (rename(2)), ``renamex_np``
with ``RENAME_EXCL`` on macOS, and plain ``rename`` on Windows, which refuses by itself. Where a
file system has none, the target is reserved by exclusive creation and renamed over.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from sorter_core.errors import DiskFull, InvalidName, MediaError, ReadOnly, StorageError

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv"})
SCRATCH_PREFIX = ".sorter-"
"""Temporary files begin so; they are hidden, so no listing shows them."""

_BLOCK = 64 * 1024
_NAME_BYTES = 255  # NAME_MAX of every common file system
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}
_WINDOWS_CHARACTERS = set('<>:"|?*')
_WINDOWS_NAMES = {"CON", "PRN", "AUX", "NUL"} | {
    f"{p}{n}" for p in ("COM", "LPT") for n in "123456789"
}


def is_video(name: str) -> bool:
    """Whether a visible file of this name is taken for a video.

    >>> is_video("7301.MP4"), is_video(".hidden.mp4"), is_video("notes.txt")
    (True, False, False)
    """
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in VIDEO_SUFFIXES  # noqa: PTH122 - hot loop


def readable(name: str) -> bool:
    r"""Whether a name from the disk is real Unicode (else no answer in JSON could carry it).

    >>> readable("caf\u00e9"), readable("\udcff")
    (True, False)
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def judge_name(name: str) -> str:
    """``name`` when it is one plain path component, without touching the disk.

    Raises :class:`InvalidName` for separators, ``..``, a leading dot, control characters, and
    names that no file system takes.

    >>> judge_name("Cats & dogs")
    'Cats & dogs'
    >>> judge_name("../etc")
    Traceback (most recent call last):
    sorter_core.errors.InvalidName: '../etc' is no valid name: it holds a path separator.
    """
    if reason := _fault(name):
        raise InvalidName(
            f"{ascii(name) if not readable(name) else repr(name)} is no valid name: {reason}."
        )
    return name


def _fault(name: str) -> str | None:
    faults = {
        "it is empty": not name.strip(),
        "it holds a path separator": "/" in name or "\\" in name,
        "it begins with a dot": name.startswith("."),
        "it is no valid text": not readable(name),
        "it holds a control character": any(unicodedata.category(c) == "Cc" for c in name),
        "it is longer than 255 bytes": len(name.encode(errors="replace")) > _NAME_BYTES,
    }
    return next((fault for fault, found in faults.items() if found), None)


def judge_new_name(name: str) -> str:
    """Like :func:`judge_name`, for a name to be made: blanks around it go, and what this system can't hold.

    >>> judge_new_name("  Cats ")
    'Cats'
    """
    name = judge_name(name.strip())
    if os.name == "nt" and (reason := windows_fault(name)):
        raise InvalidName(f"{name!r} is no valid name on Windows: {reason}.")
    return name


def windows_fault(name: str) -> str | None:
    """Why Windows can't hold a file of this name (Win32 "Naming Files"), or None.

    >>> windows_fault("aux.txt"), windows_fault("Cats")
    ('it is reserved', None)
    """
    if _WINDOWS_CHARACTERS & set(name):
        return 'it holds one of < > : " | ? *'
    if name.endswith((".", " ")):
        return "it ends with a dot or a blank"
    if name.partition(".")[0].upper() in _WINDOWS_NAMES:
        return "it is reserved"
    return None


def fingerprint(path: Path) -> str:
    """128-bit BLAKE2b (RFC 7693) of the size and the head, middle and tail 64 KiB; 32 hex digits.

    Reads at most 192 KiB, whatever the file's size. Raises :class:`MediaError` when the path is no
    regular file, ``FileNotFoundError`` when it is gone.
    """
    flags = (
        os.O_RDONLY
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_BINARY", 0)
    )
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise MediaError(f"it can't be opened: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise MediaError("it is no regular file")
        digest = hashlib.blake2b(str(info.st_size).encode() + b"\0", digest_size=16)
        for offset in _offsets(info.st_size):
            file.seek(offset)
            digest.update(file.read(_BLOCK))
    return digest.hexdigest()


def _offsets(size: int) -> tuple[int, ...]:
    if size <= 3 * _BLOCK:
        return tuple(range(0, size, _BLOCK))
    return (0, (size - _BLOCK) // 2, size - _BLOCK)


def move(source: Path, target: Path, scratch: Path) -> None:
    """Move a file or a folder to ``target``, which must not exist.

    ``scratch`` is a path beside the target, used when the two lie on different file systems:
    the copy grows there and takes its name only when it is complete and compared.
    Raises ``FileExistsError``, ``FileNotFoundError``, or a :class:`StorageError`; in each case the
    source is where it was.
    """
    try:
        rename_exclusive(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            here = os.access(target.parent, os.W_OK | os.X_OK)
            raise translated(error, source if here else target) from error
        _move_across(source, target, scratch)


def translated(error: OSError, path: Path) -> Exception:
    """The same fault as one of ours where it is the disk's, unchanged otherwise."""
    if isinstance(error, FileExistsError | FileNotFoundError):
        return error
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(
            f"The disk is full. Free some space for {path.parent.name!r}, then try again."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return ReadOnly(f"No right to write in {path.parent.name!r}.")
    return StorageError(f"The disk refused {path.name!r}: {error.strerror}.")


def rename_exclusive(source: Path, target: Path) -> None:
    """Rename within one file system; ``FileExistsError`` when anything is at ``target``."""
    native = _native_rename()
    if native is not None:
        try:
            native(source, target)
        except OSError as error:
            if error.errno == errno.EEXIST and _only_case_differs(source, target):
                source.rename(target)
            elif error.errno in _UNSUPPORTED:
                rename_reserved(source, target)
            else:
                raise
    else:
        rename_reserved(source, target)


def _only_case_differs(source: Path, target: Path) -> bool:
    """Whether both are one thing on a file system that ignores case (``cats`` -> ``Cats``)."""
    same_name = source.name.casefold() == target.name.casefold() and source.name != target.name
    return same_name and source.parent == target.parent and source.samefile(target)


def rename_reserved(source: Path, target: Path) -> None:
    """The same without help from the system: reserve the name exclusively, then rename over it.

    Needs neither hard links nor ``renameat2``. A crash in between leaves an empty file or folder,
    which :func:`sorter_core.recovery.recover` takes away.
    """
    info = source.lstat()
    if stat.S_ISDIR(info.st_mode):
        target.mkdir()
        release: Callable[[], None] = target.rmdir
    else:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        release = target.unlink
    try:
        source.replace(target)
    except BaseException:
        release()
        raise


@cache
def _native_rename() -> Callable[[Path, Path], None] | None:
    if os.name == "nt":
        return os.rename
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        return lambda a, b: _checked(libc.renamex_np(os.fsencode(a), os.fsencode(b), 4), a, b)
    if sys.platform.startswith("linux") and hasattr(libc, "renameat2"):
        here = -100  # AT_FDCWD
        return lambda a, b: _checked(
            libc.renameat2(here, os.fsencode(a), here, os.fsencode(b), 1), a, b
        )
    return None


def _checked(result: int, source: Path, target: Path) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(source), None, str(target))


def _move_across(source: Path, target: Path, scratch: Path) -> None:
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    if source.is_dir():
        raise StorageError("A folder can't be moved to another disk.")
    try:
        copy_whole(source, scratch)
        rename_exclusive(scratch, target)
    except OSError as error:
        discard(scratch)
        raise translated(error, target) from error
    except BaseException:
        discard(scratch)
        raise
    try:
        source.unlink()
    except OSError as error:
        target.unlink()  # else the video would lie in two places
        raise translated(error, source) from error


def discard(scratch: Path) -> None:
    """Take a half-written file away, if it is there and can be."""
    with suppress(OSError):  # a disk that can't be written to has no scratch file either
        scratch.unlink(missing_ok=True)


def copy_whole(source: Path, target: Path) -> None:
    """Copy bytes and times to the new file ``target``, flushed to the disk and compared."""
    with source.open("rb") as reader, target.open("xb") as writer:
        while block := reader.read(1 << 20):
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    info = source.stat()
    os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
    if not same_bytes(source, target):
        raise StorageError(
            "The copy differs from the file: the disk may be failing. Nothing was moved."
        )


def same_bytes(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes, all of them read."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while block := a.read(1 << 20):
            if block != b.read(1 << 20):
                return False
    return True


def scratch_for(path: Path) -> Path:
    """Where this thread, and no other, may write what is to become ``path``: a name beside it."""
    return path.with_name(f"{SCRATCH_PREFIX}{os.getpid()}-{threading.get_native_id()}-{path.name}")


def write_atomic(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` in one step: a reader sees the old file or the new one, whole."""
    scratch = scratch_for(path)
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        discard(scratch)
        raise translated(error, path) from error
