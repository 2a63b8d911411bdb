"""Captions, authors, sounds and hashtags of the library's own videos, asked of TikTok in the background."""

from fastapi import APIRouter

from api.dependencies import Core
from api.errors import explain
from api.models.fill import CancelFillAnswer, FillOut, FillRequest

router = APIRouter(prefix="/api/fill", tags=["import"])


@router.post("", responses=explain())
def fill(sorter: Core, body: FillRequest | None = None) -> FillOut:
    """Ask TikTok, once and slowly, for each video that is named after its id; this answers at once.

    While a round runs, that one goes on and nothing is added.
    """
    wanted = body or FillRequest()
    return FillOut.of(sorter.fill(limit=wanted.limit, again=wanted.again))


@router.get("/status", responses=explain())
def fill_status(sorter: Core) -> FillOut:
    """Say how far the newest round has come."""
    return FillOut.of(sorter.fills().status())


@router.post("/cancel", responses=explain())
def cancel_fill(sorter: Core) -> CancelFillAnswer:
    """End the round; what was told stays, and the next round goes on from there."""
    return CancelFillAnswer(status="cancelling" if sorter.fills().cancel() else "not_running")
