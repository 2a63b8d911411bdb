"""A training's report as text."""

from typing import Any


def described(report: dict[str, Any]) -> str:
    return str(report)
