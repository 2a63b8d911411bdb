"""Importing: preview, doing, undoing; crashes, full disks, clashes, cancelling."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, import_runs
from sorter_core.errors import (
    Busy,
    DiskFull,
    InvalidInput,
    JobCancelled,
    NothingToUndo,
    TargetExists,
    VideoNotFound,
)
from sorter_core.import_plan import ImportOptions
from sorter_core.library import Library
from tests.conftest import grow, look

HERE = str(Path(import_runs.__file__).parent.parent)
A, B, C = (f"730123456789012345{n}" for n in range(3))


@pytest.fixture
def sorter(settings: Settings) -> Sorter:
    return Sorter(settings)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A foreign folder: two new videos, one that the library has, one whose name it has."""
    return grow(
        tmp_path / "archive",
        {f"dance {A}.webm": "new", "holiday.mp4": "too", "same.mp4": "one", "2.mp4": "other"},
    )


def test_a_preview_tells_all_and_changes_nothing(sorter: Sorter, archive: Path, root: Path) -> None:
    """What is new, what is there already, what is left out and why."""
    before = look(root), look(archive)
    seen = sorter.preview_import(str(archive))
    assert (seen.source, seen.new, seen.known, seen.size) == ("folder", 2, 1, 6)
    assert seen.examples == (f"{A}.webm", "holiday.mp4")
    assert [(Path(line.path).name, "other content" in line.reason) for line in seen.left_out] == [
        ("2.mp4", True)
    ]
    assert (look(root), look(archive)) == before
    assert sorter.history() == []


@pytest.mark.parametrize("link", [True, False])
def test_an_import_does_what_the_preview_said(
    sorter: Sorter, archive: Path, root: Path, *, link: bool
) -> None:
    """The originals stay; the new ones are there under their ids, as links or as copies."""
    before, foreign = look(root), look(archive)
    done = sorter.import_from(archive, ImportOptions(link=link))
    assert (done.imported, done.known, done.stopped) == (2, 1, None)
    assert look(root) == before | {f"{A}.webm": b"new", "holiday.mp4": b"too"}
    assert look(archive) == foreign
    assert (root / "holiday.mp4").samefile(archive / "holiday.mp4") is link
    assert {move.actor for move in sorter.history()} == {"import"}


def test_one_undo_takes_the_whole_import_back(sorter: Sorter, archive: Path, root: Path) -> None:
    """Also after a restart, and nothing but the copies."""
    before = look(root)
    done = sorter.import_from(archive)
    undone = Sorter(sorter.settings).undo(done.batch)
    assert len(undone) == 2
    assert look(root) == before
    assert len(look(archive)) == 4
    with pytest.raises(NothingToUndo):
        sorter.undo()


def test_importing_again_brings_nothing(sorter: Sorter, archive: Path) -> None:
    """What is there by content is known, whatever its name."""
    sorter.import_from(archive)
    done = sorter.import_from(archive)
    assert (done.imported, done.known, done.batch) == (0, 3, None)


def test_undo_leaves_what_was_changed_moved_or_is_the_only_one(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """Only an unchanged copy of a file that still exists may go; for the rest it is said why not."""
    place = grow(tmp_path / "in", {f"{n}.mp4": n for n in ("changed", "moved", "only", "plain")})
    done = sorter.import_from(place, ImportOptions(link=False))
    (root / "changed.mp4").write_text("edited")
    sorter.sort("moved.mp4", "Cats")
    (place / "only.mp4").unlink()
    [undone] = sorter.undo(done.batch)
    assert undone.source == "plain.mp4"
    assert not (root / "plain.mp4").exists()
    assert (root / "changed.mp4").read_text() == "edited"
    assert (root / "Cats" / "moved.mp4").exists()
    assert (root / "only.mp4").read_text() == "only"
    reasons = " ".join(move.error or "" for move in sorter.history())
    assert all(part in reasons for part in ("changed since", "moved on", "only one"))
    assert sorter.undo()[0].target == "moved.mp4"  # nothing of the import stands in its way


def test_an_undo_of_which_all_must_stay_says_why(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """It does not pretend."""
    place = grow(tmp_path / "in", {"only.mp4": "only"})
    sorter.import_from(place)
    (place / "only.mp4").unlink()
    with pytest.raises(TargetExists, match="only one"):
        sorter.undo()
    assert (root / "only.mp4").exists()


def test_copies_of_a_disk_that_is_not_there_can_be_undone_when_it_is(
    sorter: Sorter, archive: Path, root: Path
) -> None:
    """Without the originals the copies are the only ones: they stay, and nothing is forgotten."""
    before = look(root)
    batch = sorter.import_from(archive, ImportOptions(link=False)).batch
    archive.rename(archive.with_name("away"))
    with pytest.raises(TargetExists, match="the only one"):
        sorter.undo(batch)
    assert sorter.can_undo(batch)
    archive.with_name("away").rename(archive)
    sorter.undo(batch)
    assert look(root) == before


def test_folders_are_made_when_asked_and_undone_with_the_rest(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """A sub-folder's videos go into the folder of its name, the others to the unsorted pile."""
    before = look(root)
    place = grow(tmp_path / "in", {"x.mp4": "x", "Cats": {"y.mp4": "y"}, "Birds": {"z.mp4": "z"}})
    seen = sorter.preview_import(place, ImportOptions(folders=("Birds", "Cats")))
    assert set(seen.examples) == {"x.mp4", "Cats/y.mp4", "Birds/z.mp4"}
    done = sorter.import_from(place, ImportOptions(folders=("Birds", "Cats")))
    assert done.folders == ["Birds"]
    assert (root / "Birds" / "z.mp4").read_text() == "z"
    assert (root / "Cats" / "y.mp4").read_text() == "y"
    sorter.undo()
    assert look(root) == before


def test_a_folder_that_a_mac_wrote_in_two_code_points_is_the_same(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """What came out of its archive goes where a person sees that name, and no twin is made."""
    grow(root, {"Café": {}})
    place = grow(tmp_path / "in", {"Cafe\u0301": {"n1.mp4": "n1"}, "The\u0301": {"n2.mp4": "n2"}})
    names = sorter.preview_import(place).folders
    done = sorter.import_from(place, ImportOptions(folders=names))
    assert (done.imported, done.folders) == (2, ["The\u0301"])
    assert look(root)["Café"] == {"n1.mp4": b"n1"}


def test_a_folder_in_use_by_then_stays(sorter: Sorter, tmp_path: Path, root: Path) -> None:
    """Undo takes the copies away and leaves a folder that holds something else."""
    place = grow(tmp_path / "in", {"Birds": {"z.mp4": "z"}})
    done = sorter.import_from(place, ImportOptions(folders=("Birds",)))
    sorter.sort("1.mp4", "Birds")
    sorter.undo(done.batch)
    assert look(root / "Birds") == {"1.mp4": b"one"}


@pytest.mark.parametrize(
    "options", [ImportOptions(lists=("Nope",)), ImportOptions(folders=("../x",)),
                ImportOptions(folders=("Nope",)), ImportOptions(folders=("",))]
)  # fmt: skip
def test_what_the_source_has_not_is_refused(
    sorter: Sorter, archive: Path, root: Path, options: ImportOptions
) -> None:
    """Before anything is changed."""
    before = look(root)
    with pytest.raises(InvalidInput):
        sorter.import_from(archive, options)
    assert look(root) == before


@pytest.mark.parametrize("path", ["", "  ", "\0", "/no/such/place", '"', "~nobody-of-that-name/x"])
def test_a_path_that_is_none_is_said(sorter: Sorter, path: str) -> None:
    """As a sentence."""
    with pytest.raises(InvalidInput):
        sorter.preview_import(path)


def test_quotes_and_blanks_around_a_path_are_forgiven(sorter: Sorter, archive: Path) -> None:
    """As file managers paste them."""
    assert sorter.preview_import(f' "{archive}" ').new == 2


def test_an_archive_around_the_library_is_no_trap(sorter: Sorter, root: Path) -> None:
    """What lies in the library is known, and nothing is imported into itself."""
    assert sorter.preview_import(root.parent).new == 0


def test_the_same_video_in_another_version_is_left_out(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """By its id, wherever it was sorted to."""
    grow(root, {"Cats": {f"{A}.mp4": "sorted"}})
    seen = sorter.preview_import(grow(tmp_path / "in", {f"x {A}.mp4": "re-encoded"}))
    assert seen.new == 0
    assert f"Cats/{A}.mp4" in seen.left_out[0].reason


def test_empty_and_clashing_files_are_left_out(sorter: Sorter, tmp_path: Path) -> None:
    """Names are compared as a file system would that ignores case."""
    place = grow(tmp_path / "in", {"0.mp4": "", "a": {"X.mp4": "1"}, "b": {"x.MP4": "2"}})
    seen = sorter.preview_import(place)
    assert seen.examples == ("X.mp4",)
    assert {Path(line.path).name for line in seen.left_out} == {"0.mp4", "x.MP4"}


def test_texts_and_dates_are_kept_by_content(sorter: Sorter, tmp_path: Path) -> None:
    """They are the caption encoder's, and the search's, whatever the file is called later."""
    info = {"description": "Dance\u0000 #Cat", "uploader": "luna", "timestamp": 1700000000}
    place = grow(tmp_path / "in", {f"{A}.mp4": "new", f"{A}.info.json": json.dumps(info)})
    done = sorter.import_from(place)
    assert done.texts == 1
    sorter.sort(f"{A}.mp4", "Cats")
    [row] = [row for row in json.loads(b"".join(sorter.export("videos", "json")))
             if row["video"] == f"{A}.mp4"]  # fmt: skip
    assert (row["caption"], row["author"], row["hashtags"]) == ("Dance  #Cat", "luna", "cat")
    assert row["uploaded"] == "2023-11-14T22:13:20Z"


def export_of(tmp_path: Path, *ids: str) -> Path:
    entries = [
        {"Date": "2024-01-31 09:30:00", "Link": f"https://www.tiktokv.com/share/video/{i}/"}
        for i in ids
    ]
    path = tmp_path / "user_data_tiktok.json"
    collections = {"FavoriteCollectionList": [{"FavoriteCollection": "Recipes"}]}
    path.write_text(
        json.dumps(
            {
                "Activity": {
                    "Favorite Videos": {"FavoriteVideoList": entries},
                    "Favorite Collection": collections,
                }
            }
        )
    )
    return path


def test_an_export_of_names_dates_what_is_there_and_queues_the_rest(
    sorter: Sorter, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A date for the video that the library has, a download for the one it has not."""
    queued: list[str] = []
    monkeypatch.setattr("sorter_core.importing.Here.queue", lambda _here, urls: queued.extend(urls))
    grow(root, {"Cats": {f"{A}.mp4": "a"}})
    path = export_of(tmp_path, A, B, C)
    assert sorter.preview_import(path).missing == 2
    done = sorter.import_from(path, ImportOptions(folders=("Recipes",), download=True))
    assert (done.imported, done.known, done.queued, done.folders) == (0, 1, 2, ["Recipes"])
    assert queued == [f"https://www.tiktok.com/@/video/{i}" for i in (B, C)]
    exported = json.loads(b"".join(sorter.export("videos", "json")))
    assert "2024-01-31T09:30:00Z" in {row["saved"] for row in exported}


def test_a_date_alone_is_no_text_to_be_read(sorter: Sorter, tmp_path: Path, root: Path) -> None:
    """Else the caption encoder would complain about each video of an export."""
    grow(root, {f"{A}.mp4": "a"})
    sorter.import_from(export_of(tmp_path, A))
    with sorter.library.store.read() as db:
        [(count,)] = db.execute("SELECT count(*) FROM texts WHERE kind = 'saved'").fetchall()
    assert count == 1
    sorter.choose_encoders(["caption"])
    assert sorter.extract().computed == 0


def test_a_cancel_keeps_what_came_in_and_says_so(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """From any face, through the store; the rest comes with the next import."""
    place = grow(tmp_path / "in", {f"n{i}.mp4": f"n{i}" for i in range(20)})

    def cancel_at_five(stage: str, done: int, _total: int) -> None:
        if stage == "copy" and done == 5:
            raise JobCancelled("The import was cancelled.")

    done = sorter.import_from(place, report=cancel_at_five)
    assert (done.imported, done.stopped) == (5, "The import was cancelled.")
    assert len([name for name in look(root) if name.startswith("n")]) == 5
    assert sorter.import_from(place).imported == 15
    assert sorter.undo()
    assert sorter.undo(done.batch)
    assert not [name for name in look(root) if name.startswith("n")]


@pytest.mark.parametrize("move", [False, True])
def test_a_disk_that_is_taken_out_ends_it(
    sorter: Sorter, tmp_path: Path, root: Path, *, move: bool
) -> None:
    """One sentence, not one for each of its files; what came in by then stays."""
    place = grow(tmp_path / "in", {f"n{i}.mp4": f"n{i}" for i in range(9)})

    def take_out(stage: str, done: int, _total: int) -> None:
        if stage == "copy" and done == 3:
            place.rename(tmp_path / "out")

    done = sorter.import_from(place, ImportOptions(move=move), take_out)
    assert (done.imported, done.left_out) == (3, [])
    assert done.stopped == "'in' is not there any more. Is its disk connected?"
    assert len([name for name in look(root) if name.startswith("n")]) == 3


def test_a_disk_that_is_taken_out_while_it_is_looked_through(
    sorter: Sorter, tmp_path: Path
) -> None:
    """Nothing comes in, and the reason is one."""
    place = grow(tmp_path / "in", {f"n{i}.mp4": f"n{i}" for i in range(60)})

    def take_out(stage: str, _done: int, _total: int) -> None:
        if stage == "compare" and place.exists():
            place.rename(tmp_path / "out")

    with pytest.raises(InvalidInput, match="Is its disk connected"):
        sorter.import_from(place, report=take_out)


def test_progress_and_cancel_go_through_the_store(library: Library) -> None:
    """One import at a time; another process sees it and stops it."""
    with import_runs.running(library.store) as run:
        run.report("copy", 3, 10)
        status = import_runs.status(library.store)
        assert (status.running, status.stage, status.done, status.total) == (True, "copy", 3, 10)
        with pytest.raises(Busy), import_runs.running(library.store):
            pass
        assert import_runs.cancel(library.store)
        with pytest.raises(JobCancelled):
            run.report("end", 10, 10)
        run.finish({"imported": 3}, "The import was cancelled.")
    assert not import_runs.cancel(library.store)
    assert import_runs.status(library.store).result == {"imported": 3}


def test_one_stopped_by_its_keys_says_so_in_words(library: Library) -> None:
    """Ctrl-C is no fault, and its name in the program nothing to read."""
    with pytest.raises(KeyboardInterrupt), import_runs.running(library.store):
        raise KeyboardInterrupt
    assert str(import_runs.status(library.store).error).startswith("The program was stopped")


def test_an_import_in_a_thread_is_seen_to_its_end(sorter: Sorter, archive: Path) -> None:
    """Started at once; its result stands in the status."""
    sorter.start_import(archive)
    for _ in range(3000):
        if not (status := sorter.import_status()).running:
            break
        time.sleep(0.01)
    assert status.result is not None
    assert status.result["imported"] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small file system of its own")
def test_a_full_disk_ends_it_and_keeps_what_came_in(
    small_disk: Path,
    tmp_path: Path,
) -> None:
    """Nothing half is left; what is there can be undone."""
    root = grow(small_disk / "library", {})
    settings = Settings(
        _env_file=None,
        data_dir=root,
        artifacts_dir=tmp_path / "artifacts",
        state_dir=tmp_path / "s",
    )
    space = os.statvfs(small_disk)
    size = space.f_bavail * space.f_frsize // 2 - 4096
    place = grow(tmp_path / "in", {f"{n}.mp4": n.encode() * size for n in ("a", "b", "c")})
    done = Sorter(settings).import_from(place)
    assert 1 <= done.imported < 3
    assert done.stopped is not None
    assert "full" in done.stopped
    assert len([p for p in root.iterdir() if p.suffix]) == done.imported
    Sorter(settings).undo()
    assert look(root) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small file system of its own")
@pytest.mark.parametrize("stage", ["read", "compare", "copy"])
def test_where_not_even_its_end_can_be_written_the_next_import_begins(
    settings: Settings, small_disk: Path, tmp_path: Path, stage: str
) -> None:
    """Another program fills the disk that holds the store: the end is told, and written down later."""
    sorter = Sorter(settings.model_copy(update={"artifacts_dir": small_disk / "artifacts"}))
    place = grow(tmp_path / "in", {f"n{i}.mp4": f"n{i}" for i in range(9)})
    filler = small_disk / "filler"

    def fill(now: str, done: int, _total: int) -> None:
        if now == stage and (done or stage != "copy"):
            with suppress(OSError), filler.open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(4096))

    with suppress(DiskFull):  # while it only reads
        assert "full" in str(sorter.import_from(place, report=fill).stopped)
    status = sorter.import_status()
    assert (status.running, "full" in str(status.error)) == (False, True)
    filler.unlink()
    assert sorter.import_status().error == status.error
    with sorter.library.store.read() as db:  # as other processes see it
        assert json.loads(db.execute("SELECT value FROM meta WHERE key = 'import'").fetchone()[0])[
            "error"
        ]
    sorter.import_from(place)
    assert len([name for name in look(sorter.library.root) if name.startswith("n")]) == 9


def killed(dying: str, place: Path, options: str, root: Path, state: Path) -> None:
    """Import in a process of its own, in which ``dying`` has put what kills it in its place."""
    script = f"""
import os, signal
from pathlib import Path
from sorter_core import Settings, Sorter, copying, files, journal
from sorter_core.import_plan import ImportOptions
{dying}
settings = Settings(_env_file=None, data_dir=Path({str(root)!r}), state_dir=Path({str(state)!r}))
Sorter(settings).import_from({str(place)!r}, ImportOptions({options}))
"""
    child = subprocess.run(
        [sys.executable, "-c", script], check=False, env={**os.environ, "PYTHONPATH": HERE}
    )
    assert child.returncode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such signal")
@pytest.mark.parametrize("moment", ["planned", "copied"])
def test_a_killed_import_is_settled_at_the_next_start(
    tmp_path: Path, root: Path, moment: str
) -> None:
    """Whatever step it had come to: nothing half is there, and what is there can be undone."""
    before = look(root)
    place = grow(tmp_path / "in", {"a.mp4": "a" * 1000, "b.mp4": "b" * 1000})
    dying = f"""
real = copying.bring
def dying(source, target, scratch, mark, *, link):
    if source.name == "b.mp4":
        if {moment == "copied"}:
            real(source, target, scratch, mark, link=link)
        else:
            scratch.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
    real(source, target, scratch, mark, link=link)
journal.bring = dying
"""
    killed(dying, place, "link=False", root, tmp_path)
    settings = Settings(_env_file=None, data_dir=root, state_dir=tmp_path)
    sorter = Sorter(settings)
    assert not sorter.import_status().running
    assert "stopped" in (sorter.import_status().error or "")
    came = {"a.mp4", "b.mp4"} if moment == "copied" else {"a.mp4"}
    assert look(root).keys() - before.keys() == came
    assert not [p for p in root.iterdir() if p.name.endswith(".part")]
    assert sorter.import_from(place).imported == 2 - len(came)
    while look(root) != before:
        sorter.undo()


def test_a_file_that_changes_meanwhile_is_left_out(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """What comes in is what was looked at, or nothing."""
    place = grow(tmp_path / "in", {"a.mp4": "a", "b.mp4": "b"})

    def change(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("copy", 1):
            (place / "b.mp4").write_text("growing")

    done = sorter.import_from(place, report=change)
    assert done.imported == 1
    assert "changed while" in done.left_out[0].reason
    assert not (root / "b.mp4").exists()


def test_a_name_taken_meanwhile_is_not_overwritten(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """Another program's file stays, and the video is left out."""
    place = grow(tmp_path / "in", {"a.mp4": "a"})

    def take(stage: str, _done: int, _total: int) -> None:
        if stage == "copy":
            (root / "a.mp4").write_text("mine")

    done = sorter.import_from(place, report=take)
    assert done.imported == 0
    assert "nothing was overwritten" in done.left_out[0].reason
    assert (root / "a.mp4").read_text() == "mine"


MOVE = ImportOptions(move=True)


def test_files_are_moved_only_when_that_is_asked_for(
    sorter: Sorter, archive: Path, root: Path
) -> None:
    """The new ones leave; what the library has, or can't take, stays; undo puts them back."""
    before, foreign = look(root), look(archive)
    done = sorter.import_from(archive, MOVE)
    assert (done.imported, done.known, done.stopped) == (2, 1, None)
    assert look(root) == before | {f"{A}.webm": b"new", "holiday.mp4": b"too"}
    assert look(archive) == {"2.mp4": b"other", "same.mp4": b"one"}
    assert {move.kind for move in sorter.history()} == {"import_move"}
    assert len(Sorter(sorter.settings).undo(done.batch)) == 2
    assert (look(root), look(archive)) == (before, foreign)
    assert sorter.scan().missing == 0  # what left is known to have left
    assert sorter.import_from(archive, MOVE).imported == 2


def test_what_was_moved_in_and_sorted_goes_back_step_by_step(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """The sorting first; before that the import can't be undone, which is said, and can be later."""
    before = look(root)
    place = grow(tmp_path / "in", {"a.mp4": "a"})
    batch = sorter.import_from(place, MOVE).batch
    sorter.sort("a.mp4", "Cats")
    with pytest.raises(VideoNotFound, match="not there any more"):
        sorter.undo(batch)
    assert look(root)["Cats"] == {"4.mp4": b"four", "a.mp4": b"a"}
    sorter.undo()
    sorter.undo()
    assert (look(root), look(place)) == (before, {"a.mp4": b"a"})


def test_what_can_t_go_back_stays_and_the_rest_goes(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """A name that is taken at home by now; nothing is overwritten, and it can be tried again."""
    before = look(root)
    place = grow(tmp_path / "in", {"a.mp4": "a", "b.mp4": "b"})
    batch = sorter.import_from(place, MOVE).batch
    (place / "a.mp4").write_text("mine")
    undone = sorter.undo(batch)
    assert [move.source for move in undone] == ["b.mp4"]
    assert [path for path, _ in sorter.stayed(undone[0].batch)] == ["a.mp4"]
    assert look(place) == {"a.mp4": b"mine", "b.mp4": b"b"}
    assert (root / "a.mp4").read_text() == "a"
    with pytest.raises(TargetExists, match="nothing was overwritten"):
        sorter.undo(batch)
    (place / "a.mp4").unlink()
    sorter.undo(batch)
    assert (look(root), look(place)) == (before, {"a.mp4": b"a", "b.mp4": b"b"})


def test_a_home_that_is_gone_is_not_made_again(sorter: Sorter, tmp_path: Path, root: Path) -> None:
    """It may be a disk that is not connected: the file stays in the library until it is."""
    place = grow(tmp_path / "in", {"a.mp4": "a"})
    sorter.import_from(place, MOVE)
    place.rmdir()
    with pytest.raises(TargetExists, match="is its disk connected"):
        sorter.undo()
    assert (root / "a.mp4").read_text() == "a"
    assert not place.exists()
    place.mkdir()
    sorter.undo()
    assert look(place) == {"a.mp4": b"a"}


def test_a_file_that_changes_before_it_is_moved_stays(
    sorter: Sorter, tmp_path: Path, root: Path
) -> None:
    """Somebody is still writing it."""
    place = grow(tmp_path / "in", {"a.mp4": "a"})

    def change(stage: str, _done: int, _total: int) -> None:
        if stage == "copy":
            (place / "a.mp4").write_text("growing")

    done = sorter.import_from(place, MOVE, report=change)
    assert "changed while" in done.left_out[0].reason
    assert look(place) == {"a.mp4": b"growing"}
    assert not (root / "a.mp4").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small file system of its own")
def test_a_full_disk_leaves_what_was_to_be_moved(small_disk: Path, tmp_path: Path) -> None:
    """From disk to disk the copy is whole, or the file is where it was; each is in one place."""
    root = grow(small_disk / "library", {})
    settings = Settings(
        _env_file=None,
        data_dir=root,
        artifacts_dir=tmp_path / "artifacts",
        state_dir=tmp_path / "s",
    )
    space = os.statvfs(small_disk)
    size = space.f_bavail * space.f_frsize // 2 - 4096
    layout = {f"{n}.mp4": n.encode() * size for n in ("a", "b", "c")}
    place = grow(tmp_path / "in", layout)
    done = Sorter(settings).import_from(place, MOVE)
    assert 1 <= done.imported < 3
    assert "full" in (done.stopped or "")
    assert look(root) | look(place) == layout
    assert len(look(root)) + len(look(place)) == 3
    Sorter(settings).undo()
    assert (look(root), look(place)) == ({}, layout)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system of its own")
def test_from_a_read_only_place_nothing_is_moved(
    small_disk: Path, sorter: Sorter, root: Path
) -> None:
    """It is said, and no second copy is left in the library."""
    before = look(root)
    place = grow(small_disk / "in", {"a.mp4": "a"})
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = sorter.import_from(place, MOVE)
    assert "No right to take files out of 'in'" in (done.stopped or "")
    assert (look(root), look(place)) == (before, {"a.mp4": b"a"})


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such signal")
@pytest.mark.parametrize("moment", ["planned", "half", "copied", "moved"])
def test_a_killed_move_leaves_each_file_in_one_place(
    tmp_path: Path, small_disk: Path, root: Path, moment: str
) -> None:
    """From disk to disk, killed at each of its steps; undo then puts back what came."""
    before = look(root)
    layout = {"a.mp4": b"a" * 1000, "b.mp4": b"b" * 1000}
    place = grow(small_disk / "in", layout)
    dying = f"""
real = files.move
def dying(source, target, scratch):
    if source.name == "b.mp4":
        if {moment == "half"}:
            scratch.write_bytes(b"b" * 10)
        if {moment == "copied"}:
            files.copy_whole(source, scratch)
            files.rename_exclusive(scratch, target)
        if {moment == "moved"}:
            real(source, target, scratch)
        os.kill(os.getpid(), signal.SIGKILL)
    real(source, target, scratch)
journal.move = dying
"""
    killed(dying, place, "move=True", root, tmp_path)
    sorter = Sorter(Settings(_env_file=None, data_dir=root, state_dir=tmp_path))
    assert sorter.library.journal.recover() == []  # opening has settled it
    came = {"a.mp4"} | ({"b.mp4"} if moment in ("copied", "moved") else set())
    assert look(root).keys() - before.keys() == came
    assert look(place) == {name: data for name, data in layout.items() if name not in came}
    assert not [p for p in root.iterdir() if p.name.endswith(".part")]
    sorter.undo()
    assert (look(root), look(place)) == (before, layout)
