"""Commands that need no library: demo, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from sorter_core.commands.session import FAILED, Json, Place, session, shown, table


def demo(
    directory: Annotated[
        Path, typer.Argument(help="A folder that does not exist yet, or is empty.")
    ],
    *,
    seed: Annotated[int, typer.Option(help="Another number draws other clips.")] = 0,
    as_json: Json = False,
) -> None:
    """Draw a demo library: some 60 short clips with sound, in 5 folders and unsorted ones."""
    from sorter_core import demo as drawing

    with session(None, as_json=as_json) as here, here.progress("Drawing") as progress:
        drawing.write(directory, seed=seed, progress=progress)
    where = directory.absolute()
    text = f"The demo library is in {shown(str(where))}. Next: python -m sorter_core setup {shown(str(where))}"
    here.answer({"success": True, "data_dir": str(where)}, text)


def doctor(*, library: Place = None, as_json: Json = False) -> None:
    """Look whether this machine and the library have what they need; says what to do where not."""
    with session(library, as_json=as_json) as here:
        checks = here.sorter.doctor()
    rows = [("ok" if check.ok else "NOT OK", check.name, check.message) for check in checks]
    here.answer({"checks": checks}, table(*rows))
    if not all(check.ok for check in checks):
        raise typer.Exit(FAILED)
