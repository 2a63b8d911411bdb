"""Names for new folders: valid on every system, free, and made of words where there are any."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import chain, count

from sorter_core.errors import InvalidName
from sorter_core.files import judge_new_name, windows_fault

NEW = "New folder"


def name(words: Sequence[str], taken: set[str]) -> str:
    """A folder's name from the first of ``words`` that can be one; without any, "New folder 1".

    ``taken``: names in use, in the form of :func:`folded`; the new one joins them.

    >>> name(["cats", "milo"], {"cats"}), name(["cats"], {"cats"}), name(["a/b"], set())
    ('Milo', 'Cats 2', 'New folder 1')
    """
    found = [one for word in words if _fits(one := word[:1].upper() + word[1:])]
    numbered = (f"{found[0]} {n}" for n in count(2)) if found else (f"{NEW} {n}" for n in count(1))
    chosen = next(one for one in chain(found, numbered) if folded(one) not in taken)
    taken.add(folded(chosen))
    return chosen


def folded(text: str) -> str:
    """What two names share that most disks take for one."""
    return unicodedata.normalize("NFC", text).casefold()


def _fits(one: str) -> bool:
    try:
        return judge_new_name(one) == one and windows_fault(one) is None
    except InvalidName:
        return False
