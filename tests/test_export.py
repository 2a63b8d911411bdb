"""Export: everything known, as a stream, safe for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from sorter_core.errors import InvalidInput
from sorter_core.export import export
from sorter_core.library import Library
from tests.conftest import grow

ID = "7301234567890123456"


@pytest.fixture
def sorter(settings: Settings, root: Path) -> Sorter:
    grow(root, {f"{ID}.mp4": "x", "Cats": {"=cmd|'x'!A1.mp4": "y"}})
    sorter = Sorter(settings)
    sorter.scan()
    return sorter


def rows(blocks: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(blocks).decode("utf-8-sig"))))  # type: ignore[call-overload]


def known(sorter: Sorter, name: str, **texts: str) -> None:
    with sorter.library.store.write() as db:
        [mark] = db.execute("SELECT fingerprint FROM files WHERE name = ?", (name,)).fetchone()
        db.executemany(
            "INSERT INTO texts VALUES (?, ?, ?)", [(mark, k, v) for k, v in texts.items()]
        )
        db.execute(
            "INSERT INTO predictions (fingerprint, run, folder, confidence, guesses) VALUES (?, 1, 'Cats', 0.75, ?)",
            (mark, '[{"folder": "Cats", "confidence": 0.75}]'),
        )


def test_every_video_is_there_with_what_is_known(sorter: Sorter) -> None:
    """Folder, guesses, texts, dates; the id as text, its time even when nobody told it."""
    known(sorter, f"{ID}.mp4", caption="Hello\n“you”", speech="a word")
    found = {row["video"]: row for row in json.loads(b"".join(sorter.export("videos", "json")))}
    assert len(found) == 6
    row = found[f"{ID}.mp4"]
    assert (row["id"], row["folder"], row["uploaded"]) == (ID, None, "2023-11-14T08:39:03Z")
    assert row["predictions"] == [{"folder": "Cats", "confidence": 0.75}]
    assert (row["caption"], row["speech"], row["author"]) == ("Hello\n“you”", "a word", None)
    assert found["4.mp4"]["folder"] == "Cats"


def test_the_table_holds_the_same(sorter: Sorter) -> None:
    """Kinds of text that are not always there get their columns, too."""
    known(sorter, f"{ID}.mp4", caption="Hello\n“you”", speech="a word")
    found = {row["video"]: row for row in rows(sorter.export("videos", "csv"))}
    assert found[f"{ID}.mp4"]["caption"] == "Hello\n“you”"
    assert found[f"{ID}.mp4"]["speech"] == "a word"
    assert found[f"{ID}.mp4"]["confidence"] == "0.75"


@pytest.mark.parametrize(
    "start",
    ["\uff1d", "\u3000\uff0b", "\xa0=", "\u200b@", "=", "+", "-", "@", "\t=", "\r=", "\n=", "  ="],
)
def test_a_cell_that_a_spreadsheet_would_run_is_told_to_be_text(sorter: Sorter, start: str) -> None:
    """Captions and names are strangers' words."""
    known(sorter, f"{ID}.mp4", caption=f'{start}HYPERLINK("http://evil","x")')
    found = {row["video"]: row for row in rows(sorter.export("videos", "csv"))}
    assert found[f"{ID}.mp4"]["caption"].startswith("'")
    assert "'=cmd|'x'!A1.mp4" in found


def test_moves_and_decisions_are_there(sorter: Sorter) -> None:
    """The journal from its beginning, and what the person said."""
    sorter.sort("1.mp4", "Cats")
    with sorter.library.store.write() as db:
        db.execute("INSERT INTO decisions (fingerprint, kind, value) VALUES ('f', 'k', '=v')")
    [move] = rows(sorter.export("moves", "csv"))
    assert (move["source"], move["target"], move["state"]) == ("1.mp4", "Cats/1.mp4", "done")
    [decision] = json.loads(b"".join(sorter.export("decisions", "json")))
    assert (decision["fingerprint"], decision["value"]) == ("f", "=v")
    assert rows(sorter.export("decisions", "csv"))[0]["value"] == "'=v"


def test_nothing_known_is_an_empty_list(settings: Settings, tmp_path: Path) -> None:
    """And a table with its head."""
    empty = Sorter(settings.model_copy(update={"data_dir": grow(tmp_path / "empty", {})}))
    assert json.loads(b"".join(empty.export("videos", "json"))) == []
    assert b"".join(empty.export("videos", "csv")).startswith(b"\xef\xbb\xbfvideo,folder,id")


@pytest.mark.parametrize(("what", "form"), [("all", "csv"), ("videos", "xml"), ("", "")])
def test_another_name_is_refused_at_once(sorter: Sorter, what: str, form: str) -> None:
    """Before the first byte."""
    with pytest.raises(InvalidInput):
        sorter.export(what, form)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_large_library_is_streamed(tmp_path: Path, form: str) -> None:
    """Memory stays that of a page, and nobody is missing at a page's edge."""
    library = Library(grow(tmp_path / "large", {}))
    count = 20_000
    with library.store.write() as db:
        db.executemany(
            "INSERT INTO files VALUES (?, ?, 1, 1, ?, NULL)",
            ((("", "Cats")[n % 2], f"{n}.mp4", f"{n // 2:032x}") for n in range(count)),
        )
        db.executemany(
            "INSERT INTO texts VALUES (?, 'caption', ?)",
            ((f"{n:032x}", "word " * 100) for n in range(count // 2)),
        )
    tracemalloc.start()
    lines = size = 0
    for block in export(library, "videos", form):
        lines += block.count(b".mp4")
        size += len(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines == count
    assert size > 10_000_000
    assert peak < 8_000_000
