"""The line of the benchmark's table."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One figure, beside what it is measured against in the same run.

    ``ok``: whether ``target`` was met; None where there is none to meet.
    """

    name: str
    value: float
    unit: str
    baseline_name: str
    baseline: float | None
    target: str
    ok: bool | None
