"""The command line, one file a subject; ``python -m sorter_core`` runs :func:`run`.

Exit codes: 0 done; 1 it failed; 2 what was asked for makes no sense; 3 nothing to do, or no library
is set; 130 stopped with Ctrl-C, nothing is lost.
"""

import json
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import typer

from sorter_core.commands import (
    duplicates,
    extraction,
    fill,
    folders,
    importing,
    job,
    learning,
    library,
    machine,
    models,
    proposing,
    review,
    search,
)
from sorter_core.commands.session import STOPPED, USAGE

COMMANDS = (
    library.setup,
    library.scan,
    learning.extract,
    learning.train,
    learning.predict,
    proposing.propose,
    job.retrain,
    learning.evaluate,
    review.report,
    review.misfilings,
    search.search,
    folders.merge,
    folders.delete,
    duplicates.duplicates,
    library.undo,
    library.history,
    extraction.info,
    extraction.download,
    fill.fill,
    importing.import_videos,
    importing.export,
    machine.demo,
    machine.doctor,
)


def application() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        name="sorter_core",
        help="Sort a pile of saved videos into your own folders.",
        epilog="Exit codes: 0 done, 1 failed, 2 bad input, 3 nothing to do or no library, 130 stopped (Ctrl-C).",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for command in COMMANDS:
        app.command()(command)
    app.add_typer(folders.app, name="folders")
    app.add_typer(models.app, name="models")
    app.command("run-job", hidden=True)(job.run_job)
    app.command("run-downloads", hidden=True)(extraction.run_downloads)
    app.command("run-fill", hidden=True)(fill.run_fill)
    return app


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, TextIOWrapper
        ):  # a name that the terminal can't show is no reason to fail
            stream.reconfigure(errors="replace")
    asked = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code = application()(asked, prog_name="python -m sorter_core", standalone_mode=False)
    except KeyboardInterrupt:  # so early, or so late, that no command could say it
        return STOPPED
    except Exception as error:
        if not hasattr(
            error, "format_message"
        ):  # typer's own errors, whatever module its version keeps them in
            raise
        return _misused(error.format_message(), as_json="--json" in asked)
    return code if isinstance(code, int) else 0


def _misused(message: str, *, as_json: bool) -> int:
    if as_json:
        typer.echo(json.dumps({"error": {"code": "Usage", "message": message}}))
    typer.echo(f"error: {message} See: python -m sorter_core --help", err=True)
    return USAGE
