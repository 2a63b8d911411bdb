"""What every command shares: its options, the open Sorter, progress, the answer, the exit code."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorter_core.errors import InvalidInput, NoLibrary, NothingToUndo, SorterError
from sorter_core.types import ReportProgress

if TYPE_CHECKING:
    from sorter_core.app import Sorter

FAILED, USAGE, NOTHING, STOPPED = 1, 2, 3, 130

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
Place = Annotated[
    Path | None,
    typer.Option(
        "--library",
        help="The library; by default the one that was set up.",
        exists=True,
        file_okay=False,
    ),
]


@dataclass(frozen=True)
class Session:
    """A running command."""

    sorter: "Sorter"
    as_json: bool

    @contextmanager
    def progress(self, label: str) -> Iterator[ReportProgress]:
        """Show a bar on standard error while it is a terminal; elsewhere nothing."""
        with bar(label) as report:
            yield report

    def answer(self, data: Any, text: str) -> None:
        """Print ``data`` as JSON, or ``text``."""
        typer.echo(json.dumps(data, default=_plain, indent=1) if self.as_json else text)


@contextmanager
def session(library: Path | None, *, as_json: bool) -> Iterator[Session]:
    """Open the Sorter for a command, and turn what it raises into a message and an exit code."""
    from sorter_core.app import Sorter
    from sorter_core.settings import settings

    with reported(as_json=as_json):
        found = settings()
        if library is not None:
            found = found.model_copy(update={"data_dir": library.absolute()})
        yield Session(Sorter(found), as_json)


@contextmanager
def reported(*, as_json: bool) -> Iterator[None]:
    """Turn what the core raises into one line, or one JSON document, and an exit code."""
    try:
        yield
    except SorterError as error:
        if as_json:
            typer.echo(json.dumps({"error": {"code": type(error).__name__, "message": str(error)}}))
        typer.echo(f"error: {shown(str(error))}", err=True)
        raise typer.Exit(_code(error)) from error
    except KeyboardInterrupt as error:
        typer.echo("stopped: nothing is lost, and what was done stays done.", err=True)
        raise typer.Exit(STOPPED) from error


def _code(error: SorterError) -> int:
    if isinstance(error, InvalidInput):
        return USAGE
    return NOTHING if isinstance(error, NoLibrary | NothingToUndo) else FAILED


@contextmanager
def bar(label: str) -> Iterator[ReportProgress]:
    """Draw a progress bar on standard error; nothing when that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task(label, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)


def confirmed(question: str, *, as_json: bool) -> None:
    """Ask a person; without a yes the command ends, and nothing is done.

    Raises :class:`InvalidInput` where nobody can be asked.
    """
    if as_json or not sys.stdin.isatty():
        raise InvalidInput("Nobody can be asked here: add --yes to do it without a question.")
    try:
        agreed = typer.confirm(question)
    except typer.Abort as error:  # Ctrl-C at the question, or the end of what is typed
        raise KeyboardInterrupt from error
    if not agreed:
        typer.echo("Nothing was done.", err=True)
        raise typer.Exit(NOTHING)


def _plain(value: object) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def shown(text: str) -> str:
    r"""Give ``text`` without what a terminal would obey: a file's name may hold escape codes.

    >>> shown("cat\x1b[2J.mp4")
    'cat\ufffd[2J.mp4'
    """
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def table(*rows: tuple[object, ...], right: bool = False) -> str:
    """Align ``rows`` in columns: numbers to the right, text to the left.

    With ``right`` all columns but the first go to the right, headings and written figures too.

    >>> print(table(("Cats", 12), ("Dogs", 7)))
    Cats  12
    Dogs   7
    """
    cells = [[shown(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [
        (right and place > 0) or all(isinstance(cell, int | float) for cell in column)
        for place, column in enumerate(zip(*rows, strict=True))
    ]
    lines = (
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numeric, strict=True)
        )
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)
