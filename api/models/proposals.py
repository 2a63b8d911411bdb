"""Folders that the unsorted videos suggest."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.models.base import Body, Text, example

_FILE = "7301234567890123456.mp4"
_PROPOSAL: dict[str, Any] = {
    "name": "Pizza",
    "words": ["pizza", "oven"],
    "seen": ["pizza"],
    "videos": [_FILE],
    "tightness": 0.61,
}
MOST = 5000
"""File names in one request."""


class ProposalOut(BaseModel):
    """A folder that might be made of `videos`, the most typical first; `name` is free."""

    model_config = example(**_PROPOSAL)
    name: str
    words: list[str] = Field(description="what is written and said in them, the most telling first")
    seen: list[str] = Field(description="what their pictures are taken for")
    videos: list[str]
    tightness: float = Field(description="how alike they are, 0 to 1")


class ProposalsOut(BaseModel):
    """The biggest and tightest first; `none` says why there are none, and what to do."""

    model_config = example(proposals=[_PROPOSAL], none=None)
    proposals: list[ProposalOut]
    none: str | None


class RefuseRequest(Body):
    """Videos that are no folder together; `take_back` forgets that."""

    model_config = example(filenames=[_FILE], take_back=False)
    filenames: Annotated[list[Text], Field(min_length=1, max_length=MOST)]
    take_back: bool = False
