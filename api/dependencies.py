"""What routes are handed."""

from typing import Annotated

from fastapi import Depends, Request

from sorter_core import Settings, Sorter


async def _sorter(request: Request) -> Sorter:  # async: a plain function would cost a thread's turn
    found: Sorter = request.app.state.sorter
    return found


async def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


Core = Annotated[Sorter, Depends(_sorter)]
"""The one object that every route calls."""
Configuration = Annotated[Settings, Depends(_settings)]
"""The settings that the application was made with."""
