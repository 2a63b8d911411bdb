"""The folders: ``folders``, ``folders create``, ``folders rename``; ``merge`` and ``delete``."""

from typing import Annotated

import typer

from sorter_core.commands.session import FAILED, Json, Place, session, shown, table

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


def merge(
    name: Name,
    into: Annotated[str, typer.Argument(help="The folder that takes its videos.")],
    *,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Move all videos of a folder to another and remove the emptied one; one `undo` takes it back."""
    with session(library, as_json=as_json) as here:
        done = here.sorter.merge_folder(name, into)
    lines = [f"{len(done.moved)} moved from {shown(name)} to {shown(into)}"]
    if done.batch is not None:
        lines.append(f"undo with: undo --batch {done.batch}")
    lines += [f"not {shown(video)}: {shown(reason)}" for video, reason in done.failed]
    here.answer(done, "\n".join(lines))
    if done.failed:
        raise typer.Exit(FAILED)


def delete(name: Name, *, library: Place = None, as_json: Json = False) -> None:
    """Remove an empty folder; `undo` makes it again."""
    with session(library, as_json=as_json) as here:
        here.sorter.delete_folder(name)
    here.answer({"deleted": name}, f"deleted {shown(name)}")
