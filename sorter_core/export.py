"""All that is known, for other programs: CSV and JSON, as a stream of bytes.

Read in pages by key, so that a hundred thousand videos cost the memory of a thousand, and the store
is not kept from those who write.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sorter_core.errors import InvalidInput
from sorter_core.imports._base import DATES, UPLOADED
from sorter_core.imports._ids import id_in, uploaded
from sorter_core.library import Library
from sorter_core.store import Store

What = Literal["videos", "moves", "decisions"]
Form = Literal["csv", "json"]
WHATS: tuple[str, ...] = get_args(What)
FORMS: tuple[str, ...] = get_args(Form)

_PAGE = 1000
_TEXTS = ("caption", "author", "sound", "hashtags", *DATES)
"""These columns are always there; other kinds of text (a transcript) follow when there are any."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); the last four are
the full-width forms, which East Asian ones take, too."""
_BLANKS = " \xa0\u3000\u200b\ufeff"
"""What may stand before it unseen."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """What an export holds."""

    rows: Callable[[Library], Iterator[Row]]
    columns: Callable[[Store], tuple[str, ...]]


def export(library: Library, what: str, form: str) -> Iterator[bytes]:
    """``videos`` (where each lies, its guesses and texts), ``moves``, or ``decisions``.

    CSV is UTF-8 with a byte order mark, which spreadsheets need; JSON is one list of objects.
    Raises :class:`InvalidInput` for another name, before anything is given.
    """
    if what not in _TABLES or form not in FORMS:
        raise InvalidInput(f"Export one of {', '.join(WHATS)} as one of {', '.join(FORMS)}.")
    table = _TABLES[what]
    rows = table.rows(library)
    if form == "json":
        return as_json(rows)
    return as_csv(rows, table.columns(library.store))


def as_json(rows: Iterable[Row]) -> Iterator[bytes]:
    r"""One list, a row a line.

    >>> b"".join(as_json([{"a": 1}, {"a": None}])).decode()
    '[\n{"a": 1},\n{"a": null}\n]\n'
    """
    between = b"[\n"
    for block in _blocks(rows):
        text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in block)
        yield between + text.encode("utf-8", "replace")
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def as_csv(rows: Iterable[Row], columns: tuple[str, ...]) -> Iterator[bytes]:
    """A table; text that a spreadsheet would run gets an apostrophe in front.

    >>> b"".join(as_csv([{"a": "=1+1", "b": -2}], ("a", "b"))).decode("utf-8-sig").splitlines()
    ['a,b', "'=1+1,-2"]
    """
    yield b"\xef\xbb\xbf" + _lines([columns])
    for block in _blocks(rows):
        yield _lines([_cell(row.get(column)) for column in columns] for row in block)


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        value = value.replace("\0", "")
        return f"'{value}" if value.lstrip(_BLANKS).startswith(_FORMULA) else value
    return value


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if len(block) == _PAGE:
            yield block
            block = []
    if block:
        yield block


def _videos(library: Library) -> Iterator[Row]:
    at = ("", "")
    while True:
        with library.store.read() as db:
            page = db.execute(
                "SELECT f.folder, f.name, f.size, f.fingerprint, p.folder AS predicted_folder,"
                " p.confidence, p.guesses FROM files f LEFT JOIN predictions p USING (fingerprint)"
                " WHERE (f.folder, f.name) > (?, ?) ORDER BY f.folder, f.name LIMIT ?",
                (*at, _PAGE),
            ).fetchall()
            if not page:
                return
            texts = _texts(db, [row["fingerprint"] for row in page])
        for row in page:
            yield _video(row, texts.get(row["fingerprint"], {}))
        at = (page[-1]["folder"], page[-1]["name"])


def _video(row: sqlite3.Row, texts: dict[str, str]) -> Row:
    video_id = id_in(row["name"].rpartition(".")[0], sure=True)
    dated = {UPLOADED: uploaded(video_id)} if video_id else {}
    guesses = json.loads(row["guesses"]) if row["guesses"] else []
    return {
        "video": row["name"],
        "folder": row["folder"] or None,
        "id": video_id,
        "predicted_folder": row["predicted_folder"],
        "confidence": row["confidence"],
        "predictions": guesses,
        "size": row["size"],
        "fingerprint": row["fingerprint"],
        **dict.fromkeys(_TEXTS),
        **dated,
        **texts,
    }


def _texts(db: sqlite3.Connection, marks: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    places = ",".join("?" * len(marks))
    for mark, kind, text in db.execute(
        f"SELECT fingerprint, kind, text FROM texts WHERE fingerprint IN ({places})", marks
    ):
        found.setdefault(mark, {})[kind] = text
    return found


def _video_columns(store: Store) -> tuple[str, ...]:
    with store.read() as db:
        kinds = [row[0] for row in db.execute("SELECT DISTINCT kind FROM texts ORDER BY kind")]
    first = ("video", "folder", "id", "predicted_folder", "confidence", "predictions")
    return tuple(dict.fromkeys((*first, "size", "fingerprint", *_TEXTS, *kinds)))


_MOVE_COLUMNS = (
    "id", "batch", "kind", "source", "target", "state", "actor", "at", "fingerprint", "error",
)  # fmt: skip


def _moves(library: Library) -> Iterator[Row]:
    """The journal, oldest first."""
    at = 0
    while True:
        with library.store.read() as db:
            page = db.execute(
                f"SELECT {', '.join(_MOVE_COLUMNS)} FROM moves WHERE id > ? ORDER BY id LIMIT ?",
                (at, _PAGE),
            ).fetchall()
        if not page:
            return
        yield from map(dict, page)
        at = page[-1]["id"]


_DECISION_COLUMNS = ("fingerprint", "kind", "value", "at")


def _decisions(library: Library) -> Iterator[Row]:
    """What the person said once and is not asked again."""
    at = ("", "", "")
    while True:
        with library.store.read() as db:
            page = db.execute(
                "SELECT fingerprint, kind, value, at FROM decisions"
                " WHERE (fingerprint, kind, value) > (?, ?, ?)"
                " ORDER BY fingerprint, kind, value LIMIT ?",
                (*at, _PAGE),
            ).fetchall()
        if not page:
            return
        yield from map(dict, page)
        at = (page[-1]["fingerprint"], page[-1]["kind"], page[-1]["value"])


_TABLES = {
    "videos": _Table(_videos, _video_columns),
    "moves": _Table(_moves, lambda _store: _MOVE_COLUMNS),
    "decisions": _Table(_decisions, lambda _store: _DECISION_COLUMNS),
}
