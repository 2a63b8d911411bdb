"""Folders that the unsorted videos suggest; `POST /api/sort/bulk` with `new_folder` makes one."""

from fastapi import APIRouter

from api.dependencies import Core
from api.errors import explain
from api.models.base import Success
from api.models.proposals import ProposalOut, ProposalsOut, RefuseRequest
from sorter_core.errors import InvalidInput, StorageError

router = APIRouter(prefix="/api/proposals", tags=["bulk"])


@router.get("", responses=explain(InvalidInput))
def proposals(sorter: Core) -> ProposalsOut:
    """List groups of unsorted videos that would make a folder; the first call takes a second."""
    found = sorter.proposals()
    return ProposalsOut(
        proposals=[ProposalOut.model_validate(one) for one in found],
        none=None if found else sorter.why_no_proposals(),
    )


@router.post("/refuse", responses=explain(InvalidInput, StorageError))
def refuse(body: RefuseRequest, sorter: Core) -> Success:
    """Remember for good that these videos are no folder: they are not proposed together again."""
    sorter.refuse_proposal(body.filenames, take_back=body.take_back)
    return Success()
