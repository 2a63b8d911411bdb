"""Words in what is known of the videos: captions, authors, hashtags, transcripts, text on screen, names.

SQLite's FTS5 holds folded text (:func:`folded`): no case, no diacritics, and every letter of a
script that is written without blanks (Chinese, Japanese, Thai, …) as a word of its own, so that any
part of such a text is found as a phrase. Other words are found by their beginning. Triggers note
which videos changed; :func:`refresh` reads them again, at each scan and before each search.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sorter_core.errors import SorterError
from sorter_core.library import Library

LEFT_OUT = ("speech_times", "speech_by")
"""Kinds of text that hold no words."""
MOST_TERMS = 16
MOST_LETTERS = 64
"""Of a query more is not looked at."""
RANKED = 2000
"""With more hits than this the newest come first: ranking them all would take too long."""
AROUND = 60
"""Letters shown on each side of what was found."""
_BATCH = 500

_WITHOUT_BLANKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # CJK, extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),  # CJK, extensions B to H
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A video that was found, where it lies (None: unsorted), and why.

    ``kind``: of the text that holds the words (``caption``, ``author``, ``name``, ``folder``, …), or
    ``likeness``; ``excerpt``: that text around the first of them; ``score``: a cosine, for a
    likeness only.
    """

    filename: str
    folder: str | None
    kind: str
    excerpt: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Some of what was found, and how much there is in all."""

    hits: list[Hit]
    total: int


class _Letters(dict[int, str]):
    """What :meth:`str.translate` puts in place of a letter, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _letter(chr(code))
        return found


def _letter(char: str) -> str:
    kind = unicodedata.category(char)
    if _stands_alone(char) and kind[0] in "LNM":
        return f" {char} "
    if kind in ("Mn", "Me"):
        return ""  # a mark on a letter, or a point of vocalisation
    return char if kind[0] in "LNM" else " "


_LETTERS = _Letters()


def folded(text: str) -> str:
    """``text`` as it is stored and looked for: folded words with single blanks between them.

    Compatibility forms are made plain (NFKC, UAX #15), case goes by full folding, and so do marks
    on letters. Letters of scripts without blanks stand alone.

    >>> folded("Crème BRÛLÉE, Straße! #日本語 ﾃｽﾄ")
    'creme brulee strasse 日 本 語 テ ス ト'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKD", plain).translate(_LETTERS).split())


def _stands_alone(char: str) -> bool:
    code = ord(char)
    return code >= 0x0E00 and any(low <= code <= high for low, high in _WITHOUT_BLANKS)  # noqa: PLR2004 - the table's first


def terms(query: str) -> list[str]:
    """The words of a query, folded; a run of letters of a script without blanks is one, as a phrase.

    >>> terms('  "Cats" AND* 日本語(  ')
    ['cats', 'and', '日 本 語']
    """
    found: dict[str, None] = {}
    for word in query.split():
        run: list[str] = []
        for part in folded(word[:MOST_LETTERS]).split():
            if _stands_alone(part[0]):
                run.append(part)
                continue
            if run:
                found[" ".join(run)] = None
                run = []
            found[part] = None
        if run:
            found[" ".join(run)] = None
    return list(found)[:MOST_TERMS]


def _match(term: str) -> str:
    """``term`` in FTS5's language: letters and digits in quotes, which nothing can break out of."""
    return f'"{term}"' if " " in term or _stands_alone(term[0]) else f'"{term}"*'


def refresh(library: Library) -> int:
    """Read what changed into the index; returns how many videos that were."""
    done = 0
    while True:
        with library.store.read() as db:
            if db.execute("SELECT 1 FROM search_stale LIMIT 1").fetchone() is None:
                return done
        with library.store.write() as db:
            rows = db.execute("SELECT fingerprint FROM search_stale LIMIT ?", (_BATCH,)).fetchall()
            for (mark,) in rows:
                _index(db, mark)
            db.executemany(
                "DELETE FROM search_stale WHERE fingerprint = ?", [tuple(r) for r in rows]
            )
        done += len(rows)


def _index(db: sqlite3.Connection, mark: str) -> None:
    places = db.execute(
        "SELECT folder, name FROM files WHERE fingerprint = ? ORDER BY folder", (mark,)
    ).fetchall()
    row = db.execute("SELECT id FROM search_videos WHERE fingerprint = ?", (mark,)).fetchone()
    if row is not None:
        db.execute("DELETE FROM search_words WHERE rowid = ?", (row[0],))
    if not places:
        db.execute("DELETE FROM search_videos WHERE fingerprint = ?", (mark,))
        return
    number = db.execute(
        "INSERT INTO search_videos (fingerprint, folder) VALUES (?, ?)"
        " ON CONFLICT (fingerprint) DO UPDATE SET folder = excluded.folder RETURNING id",
        (mark, places[0]["folder"]),
    ).fetchone()[0]
    names = dict.fromkeys(place["name"] for place in places)
    words = " | ".join(folded(text) for text in [*names, *_texts(db, mark).values()])
    db.execute("INSERT INTO search_words (rowid, words) VALUES (?, ?)", (number, words))


def _texts(db: sqlite3.Connection, mark: str) -> dict[str, str]:
    rows = db.execute("SELECT kind, text FROM texts WHERE fingerprint = ? ORDER BY kind", (mark,))
    return {kind: text for kind, text in rows if kind not in LEFT_OUT}


def find(library: Library, query: str, *, limit: int = 50, offset: int = 0) -> Hits:
    """The videos that have all words of ``query``, in their texts, their names or their folder's.

    Any text is a query; one without a letter finds nothing. The best come first (BM25), or, of many,
    the newest. Copies of a video are one hit.
    """
    asked = terms(query)
    if not asked:
        return Hits([], 0)
    with suppress(SorterError):  # where it can't be written now, what is known is still found
        refresh(library)
    places = {folder.name: folded(folder.name) for folder in library.folders()}
    chosen, values = _chosen(asked, places)
    with library.store.read() as db:
        total = int(db.execute(f"SELECT count(*) FROM ({chosen})", values).fetchone()[0])
        # one match alone can be ranked; put together with folders, there is nothing to rank by
        ranked = total <= RANKED and len(values) == 1
        order = "rank" if ranked else "rowid DESC"
        page = f"{chosen} ORDER BY {order} LIMIT ? OFFSET ?"
        numbers = [row[0] for row in db.execute(page, (*values, limit, offset)).fetchall()]
        found = (_hit(db, number, asked) for number in numbers)
        return Hits([hit for hit in found if hit is not None], total)


def _chosen(asked: Sequence[str], places: dict[str, str]) -> tuple[str, list[str]]:
    """SQL that gives the numbers of the videos with all words, and its values.

    A word is in the index, or in the folder's name, which is no part of the index: a move leaves
    the index as it is.
    """
    match = "SELECT rowid FROM search_words WHERE search_words MATCH ?"
    plain: list[str] = []
    conditions: list[str] = []
    values: list[str] = []
    for term in asked:
        folders = [name for name, words in places.items() if _has(words, term)]
        if not folders:
            plain.append(_match(term))
            continue
        conditions.append(f"(folder IN ({','.join('?' * len(folders))}) OR id IN ({match}))")
        values += [*folders, _match(term)]
    if not conditions:
        return match, [" AND ".join(plain)]
    if plain:
        conditions.append(f"id IN ({match})")
        values.append(" AND ".join(plain))
    return f"SELECT id AS rowid FROM search_videos WHERE {' AND '.join(conditions)}", values


def _has(words: str, term: str) -> bool:
    """Whether ``term`` is in folded text, at the beginning of a word."""
    return f" {term}" in f" {words}"


def _hit(db: sqlite3.Connection, number: int, asked: Sequence[str]) -> Hit | None:
    row = db.execute(
        "SELECT fingerprint, f.folder, name FROM search_videos v JOIN files f USING (fingerprint)"
        " WHERE id = ? ORDER BY f.folder <> v.folder, f.folder LIMIT 1",
        (number,),
    ).fetchone()
    if row is None:  # it left the library a moment ago
        return None
    mark, folder, name = row
    texts = {**_texts(db, mark), "name": name, "folder": folder}
    for kind, text in texts.items():
        words = folded(text)
        for term in asked:
            if _has(words, term):
                return Hit(name, folder or None, kind, excerpt(text, term))
    return Hit(name, folder or None, "name", name)


def excerpt(text: str, term: str) -> str:
    """``text`` around the first place where ``term`` is, on one line.

    >>> excerpt("a " * 80 + "Crème brûlée", "creme")
    '…a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a Crème brûlée'
    """
    line = " ".join(text.split())
    first = term.replace(" ", "")
    at = next(
        (
            word.start() + max(word[0].casefold().find(first), 0)
            for word in re.finditer(r"\S+", line)
            if _has(folded(word[0]), term)
        ),
        0,
    )
    start, end = max(0, at - AROUND), at + len(first) + AROUND
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")
