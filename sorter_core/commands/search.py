"""The command ``search``."""

from typing import Annotated

import typer

from sorter_core.commands.session import Json, Place, session, table


def search(
    words: Annotated[list[str], typer.Argument(help="All of them must be there, in any order.")],
    *,
    limit: Annotated[int, typer.Option(help="How many.", min=0)] = 20,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """Find videos by captions, authors, hashtags, speech, text on screen, and names."""
    with session(library, as_json=as_json) as here:
        found = here.sorter.search(" ".join(words), limit=limit)
    rows = [(hit.folder or "-", hit.filename, hit.kind, hit.excerpt) for hit in found.hits]
    left = found.total - len(rows)
    more = f"\nand {left} more" if left > 0 else ""
    here.answer(found, table(*rows) + more if rows else "Nothing was found.")
