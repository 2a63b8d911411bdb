"""``GET /docs``: Swagger UI from the package ``fastapi-swagger``, so that nothing comes from elsewhere."""

from importlib.resources import files

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_FILES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_START = """
SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
                 tryItOutEnabled: true});
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>TikTok Sorter: HTTP calls</title>
<link rel="icon" href="/player/icon.svg"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
_POLICY = (  # Swagger UI writes styles into its elements
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


@router.get("/docs")
async def docs() -> Response:
    """Show the OpenAPI document."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    """Start Swagger UI without an inline script."""
    return Response(_START, media_type="text/javascript")


@router.get("/docs/{name}")
def asset(name: str) -> Response:
    """Send a file of Swagger UI."""
    if name not in _FILES:
        raise HTTPException(404, "There is no such file.")
    content = files("fastapi_swagger").joinpath("resources", name).read_bytes()
    return Response(content, media_type=_FILES[name], headers={"Cache-Control": "max-age=86400"})
