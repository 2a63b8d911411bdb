"""The service itself."""

from pydantic import BaseModel

from api.models.base import example


class LoginRequest(BaseModel):
    """The key of a server that other machines can reach."""

    model_config = example(key="the value of API_KEY")
    key: str


class ServiceStatus(BaseModel):
    """What answers here."""

    model_config = example(
        service="tiktok-sorter",
        version="0.1.0",
        configured=True,
        data_dir="/home/me/Videos/tiktok",
        docs="/docs",
    )
    service: str
    version: str
    configured: bool
    data_dir: str | None
    docs: str
