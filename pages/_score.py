"""What a report says, in words (its entries: :mod:`sorter_core.diagnostics`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages import _ui

Report = Mapping[str, Any]


def percent(share: float) -> str:
    """A share as a whole per cent.

    >>> percent(0.834)
    '83 %'
    """
    return f"{100 * share:.0f} %"


def hundredths(share: float | None) -> float | None:
    """A share for a table; what was never counted stays empty.

    >>> hundredths(0.5), hundredths(None)
    (50.0, None)
    """
    return None if share is None else 100 * share


def between(interval: tuple[float, float] | None) -> str:
    """An interval of shares.

    >>> between((0.75, 0.884)), between(None)
    ('75 to 88 %', '')
    """
    return f"{100 * interval[0]:.0f} to {100 * interval[1]:.0f} %" if interval else ""


def sentence(report: Report) -> str:
    """How good the model is, for somebody who has never heard of accuracy.

    >>> sentence({"accuracy": 0.8, "interval": [0.7, 0.9], "scored": 50, "dummies": {"majority": 0.25}})
    'Of every 100 videos it had not seen, 80 went where you had put them (95 % sure: 70 to 90 %). Always naming the biggest folder would get 25 right.'
    """
    if report.get("accuracy") is None:
        return _ui.escape(report.get("why_no_score") or "There is no score yet.")
    return (
        f"Of every 100 videos it had not seen, {100 * report['accuracy']:.0f} went where you had put them"
        f" (95 % sure: {between(report['interval'])})."
        f" Always naming the biggest folder would get {100 * report['dummies']['majority']:.0f} right."
    )


def mixed_up(report: Report, most: int = 12) -> list[tuple[str, str, int]]:
    """(lies in, would go to, videos): the cells beside the diagonal, the largest first.

    >>> mixed_up({"confusion": {"folders": ["A", "B"], "counts": [[5, 2], [0, 5]]}})
    [('A', 'B', 2)]
    """
    names, counts = report["confusion"]["folders"], report["confusion"]["counts"]
    cells = [
        (names[i], names[j], count)
        for i, row in enumerate(counts)
        for j, count in enumerate(row)
        if count and i != j
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:most]


def in_use(name: str, report: Report) -> bool:
    """Whether a line of the candidates is what the model uses: a classifier, or the combination.

    >>> report = {"chosen": "knn+lda", "candidates": [{"name": "knn"}, {"name": "blend"}]}
    >>> in_use("knn", report), in_use("blend", report)
    (False, True)
    """
    lines = [one["name"] for one in report["candidates"]]
    return name == (report["chosen"] if report["chosen"] in lines else "blend")


@st.cache_data(max_entries=500, show_spinner=False)
def interval(library: str, number: int, finished_at: str) -> str:  # noqa: ARG001 - they make the key
    """The interval of a training, which never changes: its report may hold thousands of lines."""
    return between(_ui.sorter().run(number).report.get("interval"))
