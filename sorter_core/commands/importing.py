"""Commands that bring things in and out: import, export."""

import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorter_core.commands.session import FAILED, Json, Place, bar, confirmed, session, shown
from sorter_core.errors import InvalidInput
from sorter_core.files import discard, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sorter_core.import_plan import Report
    from sorter_core.importing import Imported, Preview

_LISTED = 50
_SIZES = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))


def import_videos(
    path: Annotated[
        str,
        typer.Argument(help="TikTok's export, a myfaveTT archive, yt-dlp's folder, any folder."),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    lists: Annotated[
        list[str] | None,
        typer.Option("--list", help="Take this list of the source; may be repeated."),
    ] = None,
    folders: Annotated[
        list[str] | None,
        typer.Option("--folder", help="Make this folder of the source a folder; may be repeated."),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy also where a link would do.")] = False,
    move: Annotated[
        bool,
        typer.Option("--move", help="Take the new files out of where they lie, after a question."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --move.")] = False,
    download: Annotated[
        bool, typer.Option("--download", help="Queue what is named and not there for download.")
    ] = False,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Bring in videos and what is known of them, as links or copies; with --move they leave their place."""
    from sorter_core.import_plan import ImportOptions

    options = ImportOptions(
        tuple(lists) if lists else None,
        tuple(folders or ()),
        link=not copy,
        download=download,
        move=move,
    )
    with session(library, as_json=as_json) as here:
        if move and copy:
            raise InvalidInput("Either --copy or --move: a copy leaves the file where it is.")
        seen = None
        if dry_run or (move and not yes):
            with _reporting("Looking") as report:
                seen = here.sorter.preview_import(path, options, report)
        if seen is not None and dry_run:
            here.answer(asdict(seen), _previewed(seen))
            return
        if seen is not None:
            confirmed(f"Move {seen.new} files out of {shown(path)}?", as_json=as_json)
        with _reporting("Importing") as report:
            done = here.sorter.import_from(path, options, report)
        here.answer(asdict(done), _told(done))
    if done.stopped:
        raise typer.Exit(FAILED)


import_videos.__name__ = "import"  # the command's name, which can't be a function's


@contextmanager
def _reporting(label: str) -> "Iterator[Report]":
    with bar(label) as progress:
        yield lambda _stage, done, total: progress(done, total)


def _previewed(seen: "Preview") -> str:
    lines = [f"{seen.title}", f"{seen.new} new videos ({_size(seen.size)}), {seen.known} known"]
    lines += [
        f"list {shown(each.name)}: {each.videos}{'' if each.chosen else ' (not taken)'}"
        for each in seen.lists
    ]
    if seen.folders:
        lines.append("folders: " + ", ".join(map(shown, seen.folders[:_LISTED])))
    if seen.missing:
        lines.append(f"{seen.missing} are named and not there: --download fetches them")
    return "\n".join([*lines, *_left_out(seen), *map(shown, seen.notes)])


def _told(done: "Imported") -> str:
    lines = [f"{done.imported} imported, {done.known} were there, texts for {done.texts}"]
    if done.queued:
        lines.append(f"{done.queued} queued for download")
    if done.batch is not None:
        lines.append(f"undo with: undo --batch {done.batch}")
    if done.stopped:
        lines.append(f"stopped early: {shown(done.stopped)}")
    return "\n".join([*lines, *_left_out(done), *map(shown, done.notes)])


def _left_out(found: "Preview | Imported") -> list[str]:
    lines = [
        f"left out {shown(each.path)}: {shown(each.reason)}" for each in found.left_out[:_LISTED]
    ]
    more = len(found.left_out) - _LISTED
    return [*lines, f"and {more} more left out"] if more > 0 else lines


def _size(count: int) -> str:
    """Bytes for persons.

    >>> _size(3 << 20), _size(12)
    ('3.0 MB', '12 bytes')
    """
    for unit, name in _SIZES:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"


def export(
    what: Annotated[str, typer.Argument(help="videos, moves or decisions.")] = "videos",
    *,
    form: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
    output: Annotated[
        Path | None, typer.Option(help="A new file; by default standard output.")
    ] = None,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Write out all that is known of the videos, or what was moved and decided.

    With ``--json`` and no file, the export itself is JSON.
    """
    with session(library, as_json=as_json) as here:
        blocks = here.sorter.export(what, "json" if as_json and output is None else form)
        if output is None:
            sys.stdout.buffer.writelines(blocks)
            sys.stdout.buffer.flush()
            return
        _write_new(output, blocks)
        here.answer({"written": str(output)}, f"written: {shown(str(output))}")


def _write_new(path: Path, blocks: "Iterable[bytes]") -> None:
    """Write a file that must not exist; half of one is never left."""
    try:
        with path.open("xb") as file:
            file.writelines(blocks)
    except FileExistsError as error:
        raise InvalidInput(f"{path} is there already; nothing is overwritten.") from error
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no folder {path.parent}.") from error
    except BaseException as error:
        discard(path)
        if isinstance(error, OSError):
            raise translated(error, path) from error
        raise
