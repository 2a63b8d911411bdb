"""One file out of a zip archive: no other is unpacked, no path from inside is ever used."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sorter_core.errors import InvalidInput

MAX_DIRECTORY = 32 << 20
"""Bytes of the list of contents: some 300,000 files. TikTok's archive holds one to a few."""
_TAIL = 22 + 0xFFFF + 20
_END, _LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Python unpacks these in pieces of a given size. Of the others (bzip2, LZMA, Zstandard) it unpacks
each piece whole: 2 KB become 6 GB of memory before a reader can say that it is enough."""


def names(path: Path) -> list[str]:
    """What the archive lists. Raises :class:`InvalidInput` when it is damaged or a bomb."""
    with _opened(path) as archive:
        return [info.filename for info in archive.infolist() if not info.is_dir()]


@contextmanager
def member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Read one file of the archive as a stream; how much comes out is for the reader to bound."""
    with _opened(path) as archive:
        info = archive.getinfo(name)
        if info.flag_bits & 1:
            raise InvalidInput(f"{path.name} is encrypted: unpack it first.")
        if info.compress_type not in _BOUNDED:
            raise InvalidInput(f"{path.name} is packed in an unusual way: unpack it first.")
        try:
            with archive.open(info) as stream:
                yield stream
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            UnicodeError,
            zlib.error,
            EOFError,
        ) as error:
            raise InvalidInput(f"{path.name} can't be unpacked: {error}.") from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        if directory_size(path) > MAX_DIRECTORY:
            raise InvalidInput(f"{path.name} lists far more files than any export of TikTok's.")
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise InvalidInput(f"{path.name} is no zip archive that can be read.") from error
    with archive:
        yield archive


def directory_size(path: Path) -> int:
    """The bytes of the archive's list of contents, before anything is made of it (APPNOTE 4.3.16)."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + 22:
            raise zipfile.BadZipFile("no end of the central directory")
        (listed,) = struct.unpack_from("<I", tail, at + 12)
        if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:  # noqa: PLR2004 - the locator's size
            (offset,) = struct.unpack_from("<Q", tail, at - 12)
            before = size - len(tail) + at - 76  # Python looks here, whatever the locator says
            for place in (min(offset, size), max(0, before)):
                file.seek(place)
                record = file.read(56)
                if record.startswith(_END64):
                    listed = max(listed, *struct.unpack_from("<Q", record, 40))
        return int(listed)
