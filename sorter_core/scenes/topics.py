"""What the demo's folders hold: where each scene plays, what is seen, heard and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sorter_core.scenes import backdrops, cats, cooking, dance, football, sounds, travel
from sorter_core.scenes.backdrops import Painter, together

if TYPE_CHECKING:
    import numpy as np

Make = Callable[["np.random.Generator"], Painter]


@dataclass(frozen=True, slots=True)
class Topic:
    """One folder. ``usual`` scenes are plain, ``odd`` ones look like another topic's."""

    name: str
    usual: tuple[tuple[Make, ...], ...]
    odd: tuple[tuple[Make, ...], ...]
    tune: sounds.Tune
    lines: tuple[str, ...]
    tags: tuple[str, ...]
    people: tuple[str, ...]


def scene(rng: np.random.Generator, layers: tuple[Make, ...]) -> Painter:
    """Make up one scene of ``layers``, the farthest first."""
    return together(*(make(rng) for make in layers))


TOPICS = (
    Topic(
        "Cats",
        ((backdrops.room, cats.cat),),
        ((backdrops.kitchen, cats.cat), (backdrops.lawn, cats.cat), (backdrops.club, cats.cat)),
        sounds.purring,
        ("she owns this house", "day 3 of asking for food", "he does this every night"),
        ("cat", "catsoftiktok", "kitten", "meow"),
        ("mochi.the.cat", "two_tabbies", "purrfectly.ana"),
    ),
    Topic(
        "Cooking",
        ((backdrops.kitchen, cooking.pan), (backdrops.kitchen, cooking.board)),
        (
            (backdrops.room, backdrops.table, cooking.pan),
            (backdrops.coast, backdrops.table, cooking.pan),
            (backdrops.lawn, backdrops.table, cooking.board),
        ),
        sounds.frying,
        ("15 minute dinner", "my grandma's recipe", "wait for the crunch"),
        ("recipe", "cooking", "easydinner", "foodtok"),
        ("chef_mina", "onepan.omar", "lunchbox.lou"),
    ),
    Topic(
        "Dance",
        ((backdrops.club, dance.dancers),),
        (
            (backdrops.room, dance.dancers),
            (backdrops.coast, backdrops.beach, dance.dancers),
            (backdrops.lawn, dance.dancers),
        ),
        sounds.club,
        ("wait for the drop", "we practised all week", "who taught him this"),
        ("dance", "dancechallenge", "choreo", "duet"),
        ("jay.moves", "studio_nine", "twinsteps"),
    ),
    Topic(
        "Football",
        ((backdrops.lawn, football.match), (backdrops.lawn, football.juggler)),
        (
            (backdrops.coast, backdrops.beach, football.juggler),
            (backdrops.room, football.juggler),
            (backdrops.club, football.juggler),
        ),
        sounds.stadium,
        ("top corner!!", "sunday league be like", "100 in a row"),
        ("football", "goal", "soccer", "skills"),
        ("keeper.kim", "sunday_fc", "freestyle.femi"),
    ),
    Topic(
        "Travel",
        (
            (backdrops.coast, travel.plane),
            (backdrops.coast, travel.boat),
            (backdrops.coast, travel.palms),
            (backdrops.coast, travel.balloons),
        ),
        ((backdrops.lawn, travel.balloons), (backdrops.coast, travel.balloons, travel.palms)),
        sounds.outdoors,
        ("found this place by accident", "48 hours here", "book it now"),
        ("travel", "wanderlust", "hiddengem", "vacation"),
        ("lost.with.lea", "slowboat_sam", "windowseat"),
    ),
)
