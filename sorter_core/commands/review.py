"""Commands that look closely at the newest training: report, misfilings."""

from pathlib import Path
from typing import Annotated

import typer

from sorter_core.commands.session import Json, Place, session, shown, table


def report(
    *,
    output: Annotated[
        Path, typer.Option("--output", help="The HTML file to write.", dir_okay=False)
    ] = Path("report.html"),
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Write all that the newest training tells as one HTML file, to be read without a network."""
    with session(library, as_json=as_json) as here:
        written = here.sorter.write_report(output)
    here.answer({"output": str(written)}, f"written: {shown(str(written))}")


def misfilings(*, library: Place = None, as_json: Json = False) -> None:
    """List the videos that may lie in the wrong folder, the likeliest first."""
    with session(library, as_json=as_json) as here:
        found = here.sorter.misfilings()
    rows = [(d.filename, d.folder, "->", d.suggested, f"{d.confidence:.0%}") for d in found.videos]
    lines = [table(*rows)] if rows else []
    lines.append(f"{found.total} may be misfiled" if rows else "nothing looks misfiled")
    here.answer(found, "\n".join(lines))
