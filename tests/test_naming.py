"""Names for new folders."""

from __future__ import annotations

import pytest

from sorter_core.naming import folded, name


@pytest.mark.parametrize(
    "word", ["a/b", "..", ".hidden", "con", "a?b", "x" * 300, "ends.", "", "\x00", "\ud800"]
)
def test_what_is_no_name_for_a_folder_is_passed_over(word: str) -> None:
    """On no system; the next word is taken."""
    assert name([word, "cats"], set()) == "Cats"
    assert name([word], set()) == "New folder 1"


def test_names_are_free_and_differ() -> None:
    """Whatever the case; each name that was given is taken from then on."""
    taken = {folded("CATS"), folded("new FOLDER 2")}
    given = [name(words, taken) for words in ([], [], ["cats"], ["cats", "milo"], ["cats"])]
    assert given == ["New folder 1", "New folder 3", "Cats 2", "Milo", "Cats 3"]
    assert name(["cafe\u0301"], {folded("Caf\u00e9")}) != "Cafe\u0301"
