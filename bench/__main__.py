"""``make bench``: every figure beside its baseline, measured in the same run.

``make bench ARGS="library decode"`` runs some; ``BENCH_DATA=FOLDER`` names a folder of labelled sets
(``SET/CLASS/*.mp4``) for the figures of accuracy.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time

from rich.console import Console
from rich.table import Table

import bench
from bench._rows import Row


def parts() -> list[str]:
    """The names of the benchmarks: one module each."""
    found = [module.name for module in pkgutil.iter_modules(bench.__path__)]
    return [name for name in found if not name.startswith("_")]


def table(name: str, rows: list[Row]) -> Table:
    """The rows of one benchmark, for a terminal."""
    drawn = Table("what", "figure", "baseline", "target", "", title=name, title_justify="left")
    for row in rows:
        mark = {True: "met", False: "MISSED", None: ""}[row.ok]
        baseline = "" if row.baseline is None else f"{row.baseline:.4g} {row.unit}"
        drawn.add_row(
            row.name,
            f"{row.value:.4g} {row.unit}",
            f"{row.baseline_name} {baseline}".strip(),
            row.target,
            mark,
        )
    return drawn


def main(chosen: list[str]) -> int:
    """Run ``chosen``, or all; the exit code is 1 when a target was missed."""
    console = Console(width=160 if not sys.stdout.isatty() else None)
    missed = 0
    for name in chosen or parts():
        started = time.perf_counter()
        rows = importlib.import_module(f"bench.{name}").run()
        console.print(table(f"{name} ({time.perf_counter() - started:.0f} s)", rows))
        missed += sum(row.ok is False for row in rows)
    console.print(f"{missed} of the targets missed" if missed else "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
