"""The key of a server that other machines can reach: in a header, or in the cookie of a login."""

import base64
import hashlib
import hmac
from http import HTTPStatus

from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from sorter_core.errors import InvalidInput
from sorter_core.settings import Settings

COOKIE = "sorter_key"
COOKIE_SECONDS = 30 * 24 * 3600

_SCRIPT = """
const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = form.elements.key.value;
  const answer = await fetch("/api/login", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({key}),
  });
  if (answer.ok) location.reload();
  else document.querySelector("output").textContent = (await answer.json()).detail;
});
"""
_STYLE = """
body { background: #111; color: #eee; font: 1rem system-ui, sans-serif; display: grid;
       min-height: 90vh; place-content: center; gap: 1rem; }
form { display: flex; gap: .5rem; } input, button { font: inherit; padding: .5rem; }
output { color: #ff8fa3; }
"""
_PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>TikTok Sorter</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>
<body><label for="key">The key of this server (its API_KEY)</label>
<form><input id="key" name="key" type="password" autocomplete="current-password" autofocus required>
<button>Open</button></form><output role="alert"></output>
<script>{_SCRIPT}</script></body></html>
"""


def required_key(settings: Settings) -> str | None:
    """Give the key that requests need; None on a server that only its own machine reaches.

    Raises :class:`InvalidInput` when other machines could reach the server and there is none.

    >>> required_key(Settings(_env_file=None, HOST="0.0.0.0"))
    Traceback (most recent call last):
    sorter_core.errors.InvalidInput: HOST=0.0.0.0 lets other machines in, so API_KEY must be set ...
    """
    if settings.loopback:
        return None
    key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
    if not key:
        raise InvalidInput(
            f"HOST={settings.host} lets other machines in, so API_KEY must be set as well "
            "(to any long secret); or leave HOST at 127.0.0.1."
        )
    return key


def same_key(given: str, key: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), key.encode())


def token(key: str) -> str:
    """Give the login cookie's value, from which the key can't be read; a new API_KEY ends all logins."""
    return hmac.new(key.encode(), b"tiktok-sorter login", hashlib.sha256).hexdigest()


def opens(headers: Headers, key: str) -> bool:
    """Whether a request carries the key, or the cookie of a login with it."""
    given = headers.get("x-api-key")
    if (
        given is not None
    ):  # header values are Latin-1 text to Starlette, UTF-8 to those who set keys
        return hmac.compare_digest(given.encode("latin-1"), key.encode())
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return same_key(cookie, token(key))


def ask_for_key(headers: Headers) -> Response:
    """Answer 401: to a browser with a form, to a program with JSON."""
    if "text/html" in headers.get("accept", ""):
        return HTMLResponse(_PAGE, HTTPStatus.UNAUTHORIZED, {"Content-Security-Policy": _policy()})
    detail = "The key is missing or wrong: send it as the header x-api-key."
    return JSONResponse({"detail": detail}, HTTPStatus.UNAUTHORIZED)


def _policy() -> str:
    return (
        f"default-src 'none'; connect-src 'self'; script-src {source_hash(_SCRIPT)}; "
        f"style-src {source_hash(_STYLE)}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def source_hash(text: str) -> str:
    """Give an inline script's or style's hash as Content Security Policy wants it (CSP3, 2.3.1).

    >>> source_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
