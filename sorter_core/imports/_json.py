"""Reading JSON that nobody promised to be small, whole or sane: piece by piece, with bounds.

The parser is ijson (yajl): a file of a gigabyte costs what one of its objects costs, and what
stands before a break in the file is not lost.
"""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

MAX_BYTES = 256 << 20
"""A million entries of TikTok's export have some 100 MB."""
MAX_DEPTH = 64
MAX_FIELDS = 1_500_000
"""In one object or list; a caption for each of as many videos."""
MAX_TEXT = 10_000
MAX_KEY = 300
_BLOCK = 1 << 16
_DIGITS = b"0123456789+-.eE"
_LONGEST = 4096
_HUGE = (
    rb"(?<=[:,\[\s])-?(?:(?:9[0-9]{18}|[0-9]{20,})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    rb"|[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{3,})(?=[\s,\]}]|\Z)"
)
_ANY_HUGE = re.compile(_HUGE)
_TEXT_OR_HUGE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|' + _HUGE, re.DOTALL)
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_UNPACKING = (zipfile.BadZipFile, zlib.error)
"""What a stream may raise that comes out of an archive."""

Where = tuple[str, ...]
"""The keys that lead to an object; places in lists are left out."""
Fields = dict[str, Any]
"""An object's plain values, and its lists of plain values."""


class Stream(Protocol):
    """What can be read in pieces."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""


class TooBig(ValueError):
    """More came out than may."""


class Capped:
    """A stream that gives at most :data:`MAX_BYTES`, then raises :class:`TooBig`.

    A byte order mark is left out, and what is no UTF-8 becomes a sign that says so: one broken
    caption is no reason to lose all that follow.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream, self._left = stream, MAX_BYTES
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, size: int = -1, /) -> bytes:
        """As a file's, but for the size, which is a wish."""
        while block := self._stream.read(size if 0 <= size <= _BLOCK else _BLOCK):
            self._left -= len(block)
            if self._left < 0:
                raise TooBig("it is larger than anything that is known of its kind")
            if self._decoder is None:  # editors of Windows save as UTF-16, with a mark before it
                wide = block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
                form = "utf-16" if wide else "utf-8-sig"
                self._decoder = codecs.getincrementaldecoder(form)("replace")
            if text := self._decoder.decode(block):
                return text.encode()
        return b""


class _Tamed:
    """JSON without numbers beyond 64 bits, which become ``null``.

    The parser would end at one (or, taking them as they come, end the process: ijson 3.6 hands out
    a null pointer for a number that Python's ``int`` refuses). TikTok's ids are below 2^63, and
    written as text anyway.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream, self._waiting = stream, b" "
        self._in_text = False
        """Whether what comes next stands between quotes, where a number is a word."""

    def read(self) -> bytes:
        """A block that ends between two numbers; empty at the end."""
        while block := self._stream.read(_BLOCK):
            block = self._waiting + block
            end = len(block.rstrip(_DIGITS)) - 1
            end -= _backslashes(block[:end]) % 2  # what it escapes stays with it
            if end > 0:
                self._waiting = block[end:]
                return self._without_huge(block[:end])
            self._waiting = block[:_LONGEST]
        rest, self._waiting = self._waiting, b""
        return rest

    def _without_huge(self, block: bytes) -> bytes:
        in_text = self._in_text
        plain = _ESCAPED.sub(b"", block) if b"\\" in block else block
        self._in_text ^= plain.count(b'"') % 2 == 1
        if not _ANY_HUGE.search(block):
            return block
        opened = b'"' if in_text else b""
        return _TEXT_OR_HUGE.sub(_tamed, opened + block)[len(opened) :]


def _tamed(found: re.Match[bytes]) -> bytes:
    return found[0] if found[0].startswith(b'"') else b"null"


def _backslashes(block: bytes) -> int:
    return len(block) - len(block.rstrip(b"\\"))


@dataclass(slots=True)
class _Open:
    """An object or a list that has begun and not ended."""

    where: Where
    fields: Fields | None
    """None for a list."""
    values: list[Any] = field(default_factory=list)
    key: str = ""


def objects(stream: Stream, notes: list[str], name: str) -> Iterator[tuple[Where, Fields]]:
    """Each object of a JSON document as it ends, innermost first.

    Where the document breaks off, or goes over a bound, it ends there: ``notes`` gets a sentence.

    >>> import io
    >>> notes = []
    >>> list(objects(io.BytesIO(b'{"a": {"b": [{"c": 1}, {"c": [2, 3]}, nul'), notes, "x.json"))
    [(('a', 'b'), {'c': 1}), (('a', 'b'), {'c': [2, 3]})]
    >>> notes
    ['x.json is damaged: what stands behind the fault could not be read.']
    """
    from ijson import JSONError  # type: ignore[import-untyped]  # it ships no types

    stack: list[_Open] = []
    began = False
    try:
        for event, value in _events(Capped(stream)):
            began = True
            if (ended := _step(stack, event, value)) is not None:
                yield ended
    except (TooBig, _TooDeep) as error:
        notes.append(f"{name}: {error}; the rest of it was not read.")
    except (JSONError, ValueError, OverflowError, EOFError, OSError, *_UNPACKING):
        if stack or not began:  # else something follows that is none of our business
            notes.append(f"{name} is damaged: what stands behind the fault could not be read.")


def _events(stream: Stream) -> Iterator[tuple[str, Any]]:
    """Pushed, not pulled: what was read before a fault is given, then the fault is raised."""
    import ijson

    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=True)
    tamed = _Tamed(stream)
    try:
        while block := tamed.read():
            parser.send(block)
            yield from events
            del events[:]
        parser.close()
    except Exception:
        yield from events
        raise
    yield from events


class _TooDeep(Exception):
    """More brackets than any document of ours has."""


def _step(stack: list[_Open], event: str, value: Any) -> tuple[Where, Fields] | None:
    top = stack[-1] if stack else None
    match event:
        case "map_key":
            if top is not None:
                top.key = value[:MAX_KEY]
        case "start_map" | "start_array":
            if len(stack) >= MAX_DEPTH:
                raise _TooDeep("it is nested too deeply")
            stack.append(_Open(_below(top), {} if event == "start_map" else None))
        case "end_map":
            closed = stack.pop()
            return closed.where, closed.fields or {}
        case "end_array":
            values = stack.pop().values
            if stack and values:
                _keep(stack[-1], values)
        case _:
            if top is not None and value is not None:
                _keep(top, value[:MAX_TEXT] if isinstance(value, str) else value)
    return None


def _below(top: _Open | None) -> Where:
    if top is None:
        return ()
    return top.where if top.fields is None else (*top.where, top.key)


def _keep(top: _Open, value: Any) -> None:
    if top.fields is None:
        if not isinstance(value, list) and len(top.values) < MAX_FIELDS:
            top.values.append(value)
    elif len(top.fields) < MAX_FIELDS:
        top.fields[top.key] = value
