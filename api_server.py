"""The API alone: ``python api_server.py``, or ``uvicorn api_server:create_app --factory``."""

import sys

from api.app import create_app
from api.server import serve

__all__ = ["create_app"]

if __name__ == "__main__":
    sys.exit(serve())
