"""The command that suggests new folders: propose."""

from typing import TYPE_CHECKING

from sorter_core.commands.session import Json, Place, session, table

if TYPE_CHECKING:
    from sorter_core.proposals import Proposal


def propose(*, library: Place = None, as_json: Json = False) -> None:
    """Suggest new folders for unsorted videos that are alike, with words; nothing is moved."""
    with session(library, as_json=as_json) as here:
        found = here.sorter.proposals()
        none = None if found else here.sorter.why_no_proposals()
    rows = [
        (one.name, f"{len(one.videos)} videos", _described(one), f"such as {one.videos[0]}")
        for one in found
    ]
    here.answer({"proposals": found, "none": none}, table(*rows) if rows else none or "")


def _described(one: "Proposal") -> str:
    """All that is known to describe it."""
    return ", ".join(dict.fromkeys((*one.words, *one.seen)))
