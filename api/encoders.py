"""What of a video is looked at, and the models which that needs."""

from fastapi import APIRouter

from api.dependencies import Core
from api.errors import explain
from api.models.encoders import EncoderChoice, EncoderOut, Encoders, PullAnswer
from api.models.retraining import CancelAnswer
from sorter_core.errors import Conflict, InvalidInput

router = APIRouter(prefix="/api", tags=["encoders"])


@router.get("/encoders")
def encoders(sorter: Core) -> Encoders:
    """List the encoders: what each looks at, whether it is in use, and whether it can run here."""
    return Encoders(encoders=[EncoderOut.of(state) for state in sorter.encoder_states()])


@router.post("/encoders", responses=explain(InvalidInput))
def choose(body: EncoderChoice, sorter: Core) -> Encoders:
    """Use these encoders from the next analysis on; what the others have computed is kept."""
    sorter.choose_encoders(body.names)
    return encoders(sorter)


@router.post("/models/{name}/pull", responses=explain(InvalidInput, Conflict))
def pull(name: str, sorter: Core) -> PullAnswer:
    """Fetch the model of an encoder from the network, in the background; one at a time."""
    return PullAnswer(status=sorter.pull(name))


@router.get("/models/{name}/pull", responses=explain(InvalidInput))
def status(name: str, sorter: Core) -> EncoderOut:
    """Tell how far it is (`done` of `total` bytes), or how it ended."""
    return EncoderOut.of(sorter.encoder_state(name))


@router.post("/models/cancel", responses=explain())
def cancel(sorter: Core) -> CancelAnswer:
    """Stop fetching; what has come is gone on with the next time."""
    return CancelAnswer(status="cancelling" if sorter.cancel_pull() else "not_running")
