"""The one door through which a worker reaches the network: a proxy on loopback, inside the worker.

yt-dlp, libcurl and we ourselves are told to use it, so that every connection, also the one that a
redirect opens, is judged here, whatever program opened it: HTTPS only, public names only, and the
address that was judged is the one that is dialled. The traffic itself stays encrypted end to end.
"""

from __future__ import annotations

import base64
import secrets
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from sorter_core.extraction.addresses import Refused, judge_name, public_addresses

HTTPS = 443
_BLOCK = 1 << 16

Dial = Callable[[str, int, float], socket.socket]
"""From a judged host, a port and seconds to a connection; raises :class:`Refused`, ``OSError``."""


def direct(host: str, port: int, seconds: float) -> socket.socket:
    """Connect to ``host``, whose addresses must all be public."""
    error: OSError = OSError(f"{host} has no address")
    for address in public_addresses(host, port):
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as failed:
            error = failed
    raise error


def through(proxy: str, trusted: ssl.SSLContext) -> Dial:
    """Connect by way of the proxy that the person set: ``http``, ``https``, ``socks4`` or ``socks5``.

    The proxy looks the names up, so only the names can be judged here.
    """
    from python_socks import ProxyError
    from python_socks.sync.v2 import Proxy

    scheme, _, rest = proxy.partition("://")
    plain = {"https": "http", "socks5h": "socks5", "socks4a": "socks4"}.get(scheme, scheme)
    tls = trusted if scheme == "https" else None
    try:
        upstream = Proxy.from_url(f"{plain}://{rest}", rdns=True, proxy_ssl=tls)
    except ValueError:
        upstream = None  # said at the first call: the rest of the program has no need of it

    def dial(host: str, port: int, seconds: float) -> socket.socket:
        if upstream is None:
            raise OSError("PROXY_URL is no proxy's address; it looks like http://host:port")
        try:
            stream = upstream.connect(judge_name(host), port, timeout=seconds)
        except ProxyError as error:
            raise OSError(f"the proxy refused: {error}") from error
        return cast("socket.socket", stream.socket)  # TLS in TLS, which is none, never stands here

    return dial


class Egress(ThreadingHTTPServer):
    """The door; runs in threads of its own until :meth:`close`.

    ``admit`` says which host names may pass at the moment; ``refused`` and ``broken`` tell why the
    last connections were not made.
    """

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, dial: Dial = direct, *, seconds: float = 20) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.dial, self.seconds = dial, seconds
        self.admit: Callable[[str], bool] = lambda _host: False
        self.refused: list[str] = []
        self.broken: list[str] = []
        self._token = secrets.token_urlsafe(16)
        threading.Thread(target=self.serve_forever, name="egress", daemon=True).start()

    @property
    def url(self) -> str:
        """The proxy's address; the password keeps other programs of this machine out."""
        return f"http://worker:{self._token}@127.0.0.1:{self.server_port}"

    @property
    def authorization(self) -> str:
        """The header ``Proxy-Authorization`` that goes with it."""
        return "Basic " + base64.b64encode(f"worker:{self._token}".encode()).decode()

    def open(self, host: str, port: int) -> socket.socket:
        """Judge a target and connect to it; raises :class:`Refused`, ``OSError``."""
        if port != HTTPS or not self.admit(judge_name(host)):
            raise Refused(f"{host}:{port} is not spoken to")
        return self.dial(host, port, self.seconds)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hung up is no fault."""

    def close(self) -> None:
        """Let no more connections through."""
        self.shutdown()
        self.server_close()


class _Door(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: Egress
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Refuse what is not encrypted; libraries ask a proxy for it in this way."""
        self.server.refused.append(f"{self.path[:100]!a} is not https")
        self.send_error(HTTPStatus.FORBIDDEN)

    do_HEAD = do_POST = do_GET  # noqa: N815 - the base class's spelling

    def do_CONNECT(self) -> None:
        """Open a tunnel (RFC 9110, section 9.3.6)."""
        self.close_connection = True
        given = self.headers.get("Proxy-Authorization", "")
        if not secrets.compare_digest(given.encode(), self.server.authorization.encode()):
            self.send_error(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)
            return
        host, _, port = self.path.rpartition(":")
        try:
            outside = self.server.open(host.strip("[]"), int(port))
        except (Refused, ValueError) as error:
            self.server.refused.append(str(error))
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        except OSError as error:
            self.server.broken.append(str(error) or type(error).__name__)
            self.send_error(HTTPStatus.BAD_GATEWAY)
            return
        with outside:
            outside.settimeout(None)
            self.send_response_only(HTTPStatus.OK)
            self.end_headers()
            _relay(self.connection, outside)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing: addresses are nobody's business."""


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes on in both directions until one side ends."""
    other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in ready.select():
                source: Any = key.fileobj
                if not _pass(source, key.data):
                    return


def _pass(source: Any, target: socket.socket) -> bool:
    """Pass on what has come; False at the end."""
    while data := source.recv(_BLOCK):
        target.sendall(data)
        # what TLS (to a proxy) has decrypted already makes no socket readable
        if not getattr(source, "pending", lambda: 0)():
            return True
    return False
