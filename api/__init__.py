"""The HTTP face: one FastAPI application over one :class:`sorter_core.Sorter`."""

from api.app import create_app
from api.forwarding import front_for_streamlit, routes_for_streamlit
from api.security import Guard

__all__ = ["Guard", "create_app", "front_for_streamlit", "routes_for_streamlit"]
