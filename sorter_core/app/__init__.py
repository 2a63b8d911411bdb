"""The one object that the app, the server and the command line hold, a file a subject."""

from __future__ import annotations

from functools import lru_cache

from sorter_core.app._asking import Asking
from sorter_core.app._base import child_environment
from sorter_core.app._exchange import Exchange
from sorter_core.app._finding import Finding
from sorter_core.app._jobs import Background
from sorter_core.app._moving import Moving
from sorter_core.app._proposing import Proposing
from sorter_core.app._reviewing import Reviewing
from sorter_core.app._twins import Twins
from sorter_core.app._types import BatchResult, News, Summary
from sorter_core.app._wording import Wording

__all__ = ["BatchResult", "News", "Sorter", "Summary", "child_environment", "shared"]


class Sorter(Moving, Twins, Exchange, Proposing, Finding, Wording, Reviewing, Asking, Background):
    """A person's library and all that can be done with it; may be used from several threads.

    Every method but :meth:`setup` and :meth:`doctor` raises :class:`NoLibrary` before one is set.
    """


@lru_cache(maxsize=1)
def shared() -> Sorter:
    """The one Sorter of this process, which pages and routes share."""
    return Sorter()
