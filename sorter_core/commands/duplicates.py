"""The command ``duplicates``: what is there twice, and the copies into the system's trash."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sorter_core.commands.session import FAILED, NOTHING, Json, Place, confirmed, session, shown

if TYPE_CHECKING:
    from sorter_core import Sorter
    from sorter_core.duplicates import Copy, Group

_LISTED = 50


def duplicates(
    *,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove", help="Keep the best of each exact group; the others go to the trash."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what --remove would do, and remove nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --remove.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="First look at videos that were not compared yet.")
    ] = False,
    library: Place = None,
    as_json: Json = False,
) -> None:
    """List videos that are there twice, byte for byte or to the eye and ear; remove exact copies.

    Those that only look the same are listed and never removed here: a person looks at them on the
    page. The trash is the system's own: what went there is taken back there.
    """
    with session(library, as_json=as_json) as here:
        with here.progress("Comparing") as progress:
            if compare:
                here.sorter.compare(progress)
            else:
                here.sorter.scan(progress)
        found = here.sorter.duplicates()
        exact = [group for group in found.groups if group.kind == "exact"]
        going = [copy for group in exact for copy in group.copies[1:]]
        told: dict[str, Any] = {"groups": found.groups, "unseen": found.unseen}
        if dry_run or not remove:
            told |= {"would_remove": list(map(_place, going))} if dry_run else {}
            here.answer(told, _listed(found.groups, found.unseen, going if dry_run else None))
            return
        if going and not yes:
            typer.echo(_listed(exact, 0, going), err=True)
            confirmed(f"Put {len(going)} into the system's trash?", as_json=as_json)
        removed, failed = _remove(here.sorter, exact)
        here.answer(
            {**told, "removed": removed, "failed": failed},
            "\n".join(
                [
                    f"{len(removed)} put into the system's trash",
                    *(f"stays: {shown(_name(place))}: {shown(why)}" for place, why in failed),
                ]
            ),
        )
    if failed:
        raise typer.Exit(FAILED)
    if not removed:
        raise typer.Exit(NOTHING)


def _remove(
    sorter: "Sorter", groups: "list[Group]"
) -> tuple[list[dict[str, Any]], list[tuple[dict[str, Any], str]]]:
    """Group by group; all bytes of each are compared with those of the one that stays."""
    removed, failed = [], []
    for group in groups:
        keep, *others = [(copy.filename, copy.folder) for copy in group.copies]
        done = sorter.remove_duplicates(keep, others, exact=True)
        removed += [{"filename": name, "folder": folder} for name, folder in done.removed]
        failed += [({"filename": p[0], "folder": p[1]}, reason) for p, reason in done.failed]
    return removed, failed


def _place(copy: "Copy") -> dict[str, Any]:
    return {name: value for name, value in asdict(copy).items() if name in ("filename", "folder")}


def _name(place: dict[str, Any]) -> str:
    return f"{place['folder']}/{place['filename']}" if place["folder"] else place["filename"]


def _listed(groups: "list[Group]", unseen: int, going: "list[Copy] | None") -> str:
    lines: list[str] = []
    for number, group in enumerate(groups[:_LISTED], start=1):
        alike = "the same" if group.kind == "exact" else "look the same"
        lines.append(f"{number}. {len(group.copies)} files, {alike}")
        lines += [
            f"   {'goes ' if going and copy in going else ''}{shown(_name(_place(copy)))}"
            for copy in group.copies
        ]
    if len(groups) > _LISTED:
        lines.append(f"and {len(groups) - _LISTED} more; --json lists all")
    if not groups:
        lines.append("Nothing is there twice.")
    if unseen:
        lines.append(f"{unseen} videos were not compared by their pictures yet: --compare does it")
    if going is not None:
        lines.append(f"{len(going)} would go to the system's trash")
    return "\n".join(lines)
