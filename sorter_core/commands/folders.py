"""The folders: ``folders``, ``folders create``, ``folders rename``."""

from typing import Annotated

import typer

from sorter_core.commands.session import Json, Place, session, table

app = typer.Typer(help="List, make and rename folders.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="The folder's name.")]


@app.callback(invoke_without_command=True)
def list_folders(context: typer.Context, *, library: Place = None, as_json: Json = False) -> None:
    """List, make and rename folders; without a word after it, list them."""
    if context.invoked_subcommand is None:
        with session(library, as_json=as_json) as here:
            found = here.sorter.folders()
        rows = [(folder.name, folder.count) for folder in found]
        here.answer({"folders": found}, table(*rows) if rows else "There are no folders yet.")


@app.command()
def create(name: Name, *, library: Place = None, as_json: Json = False) -> None:
    """Make a folder."""
    with session(library, as_json=as_json) as here:
        made = here.sorter.create_folder(name)
    here.answer(made, f"made {made.name}")


@app.command()
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(help="What it is to be called.")],
    *,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Rename a folder; nothing has to be analysed again for it."""
    with session(library, as_json=as_json) as here:
        renamed = here.sorter.rename_folder(name, new_name)
    here.answer(renamed, f"renamed {name} to {renamed.name}")
