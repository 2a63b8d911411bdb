"""Processes that start clean, whatever runs as ``__main__`` here.

``multiprocessing``'s spawned children run the parent's main module again, so that what it defines
can be unpickled (docs.python.org/3/library/multiprocessing, "Safe importing of main module").
Streamlit puts each page's script there while it runs: a worker started in that moment would run
a page. What our workers are given is importable by name, so they go without.
"""

from __future__ import annotations

import threading
from multiprocessing import spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

_lock = threading.Lock()
_prepared = spawn.get_preparation_data


def _without_main(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = _prepared(name)
    return {key: value for key, value in kept.items() if not key.startswith("init_main_from")}


class _Process(SpawnProcess):
    """A spawned process that knows nothing of the parent's main module."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - multiprocessing's own name
        with _lock:
            spawn.get_preparation_data = _without_main
            try:
                return SpawnProcess._Popen(process_obj)  # noqa: SLF001 - the one seam there is
            finally:
                spawn.get_preparation_data = _prepared


class _Context(SpawnContext):
    Process = _Process


def context() -> SpawnContext:
    """What ``multiprocessing.get_context("spawn")`` gives, with processes that start clean."""
    return _Context()
