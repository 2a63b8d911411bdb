"""A training's report in the folders' names of today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

_NAMED = {"out_of_fold": ("true", "predicted"), "suspects": ("folder", "suggested")}
"""Entries of a report with a line for each video, and what in it names folders."""


def relabelled(report: Mapping[str, Any], now: Mapping[str, str | None]) -> dict[str, Any]:
    """``report`` with its folders as they are called ``now``, so that it names no stranger.

    A folder that is gone, or that was merged with another of the report, keeps its old name: its
    figures are its own.

    >>> relabelled({"folders": [{"name": "Cats", "videos": 3}], "small_folders": ["Cats"]}, {"Cats": "Tigers"})
    {'folders': [{'name': 'Tigers', 'videos': 3}], 'small_folders': ['Tigers']}
    """
    names = _apart(report, now)
    if all(old == new for old, new in names.items()):
        return dict(report)
    told = dict(report)
    told["folders"] = [one | {"name": names[one["name"]]} for one in report["folders"]]
    told["small_folders"] = [names[name] for name in report["small_folders"]]
    if "per_folder" in report:
        told["per_folder"] = {names[name]: one for name, one in report["per_folder"].items()}
    if report.get("confusion"):
        folders = [names[name] for name in report["confusion"]["folders"]]
        told["confusion"] = report["confusion"] | {"folders": folders}
    for entry, kinds in _NAMED.items():
        if entry in report:
            told[entry] = [
                line | {kind: names[line[kind]] for kind in kinds} for line in report[entry]
            ]
    return told


def folders(report: Mapping[str, Any]) -> list[str]:
    """The folders that a report tells of."""
    return [one["name"] for one in report.get("folders", ())]


def _apart(report: Mapping[str, Any], now: Mapping[str, str | None]) -> dict[str, str]:
    """The new name of each folder; the old ones where two would have the same."""
    names = {name: now.get(name) or name for name in folders(report)}
    shared = Counter(names.values())
    names = {old: new if shared[new] == 1 else old for old, new in names.items()}
    return names if len(set(names.values())) == len(names) else {name: name for name in names}
