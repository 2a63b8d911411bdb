"""The models of encoders: ``models list``, ``models pull``."""

from typing import Annotated

import typer

from sorter_core.commands.session import Json, Place, session, table

app = typer.Typer(help="List the encoders, and fetch their models.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the encoders and what each lacks, and fetch their models."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(*, library: Place = None, as_json: Json = False) -> None:
    """List the encoders: whether each is in use, and whether it can run here."""
    with session(library, as_json=as_json) as here:
        found = here.sorter.encoder_states()
    rows = [
        (one.name, "on" if one.on else "off", one.state, one.licence, one.message or one.title)
        for one in found
    ]
    here.answer({"encoders": found}, table(*rows))


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="The encoder: see `models list`.")],
    *,
    job: Annotated[int | None, typer.Option(hidden=True)] = None,
    as_json: Json = False,
) -> None:
    """Fetch the model of an encoder; what came before a stop is gone on with the next time."""
    from sorter_core import pulls

    with session(None, as_json=as_json) as here, here.progress(f"Fetching {name}") as progress:
        folder = pulls.pull(here.sorter.settings, name, progress, job)
    here.answer(
        {"success": True, "name": name, "folder": str(folder)},
        f"{name} is ready. Use it: add it to ENCODERS, or switch it on on the Train page.",
    )
