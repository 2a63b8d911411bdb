"""The one door: what it opens to, and to whom."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from sorter_core.extraction.addresses import Refused, judge_name
from sorter_core.extraction.egress import Egress, direct, through
from tests.extraction.standin import StandIn


@pytest.fixture
def trusted(standin: StandIn) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=standin.ca_file)


@pytest.fixture
def egress(standin: StandIn, trusted: ssl.SSLContext) -> Iterator[Egress]:
    """A door that leads to the stand-in and admits every public name."""
    made = Egress(through(standin.proxy, trusted), seconds=5)
    made.admit = lambda _host: True
    yield made
    made.close()


def ask(
    egress: Egress, host: str, *, port: int = 443, key: str | None = None, trust: ssl.SSLContext
) -> int:
    """The status of a page behind the door."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", egress.server_port, timeout=5, context=trust
    )
    headers = {"Proxy-Authorization": key or egress.authorization}
    connection.set_tunnel(host, port, headers=headers)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_opens_to_what_is_admitted(egress: Egress, trusted: ssl.SSLContext) -> None:
    """The traffic is TikTok's own, encrypted end to end."""
    assert ask(egress, "www.tiktok.com", trust=trusted) == 200


def test_it_opens_to_its_worker_only(egress: Egress, trusted: ssl.SSLContext) -> None:
    """Another program of this machine has no key."""
    with pytest.raises(OSError, match="407"):
        ask(egress, "www.tiktok.com", key="Basic d29ya2VyOmd1ZXNz", trust=trusted)


@pytest.mark.parametrize(
    ("host", "port"),
    [("127.0.0.1", 443), ("localhost", 443), ("[::1]", 443), ("www.tiktok.com", 80), ("evil", 443)],
)
def test_it_refuses_what_is_not_public(
    egress: Egress, standin: StandIn, trusted: ssl.SSLContext, host: str, port: int
) -> None:
    """Before anybody is asked, and it can tell why."""
    standin.connects.clear()
    with pytest.raises(OSError, match="403"):
        ask(egress, host, port=port, trust=trusted)
    assert standin.connects == []
    assert host.strip("[]") in egress.refused[-1]


def test_it_refuses_what_is_not_admitted(egress: Egress, trusted: ssl.SSLContext) -> None:
    """While a page is read, only TikTok's own hosts are."""
    egress.admit = lambda host: host == "www.tiktok.com"
    with pytest.raises(OSError, match="403"):
        ask(egress, "p16-sign.tiktokcdn.com", trust=trusted)


def test_it_refuses_what_is_not_encrypted(egress: Egress) -> None:
    """A library asks a proxy for plain http in another way."""
    connection = http.client.HTTPConnection("127.0.0.1", egress.server_port, timeout=5)
    connection.request("GET", "http://169.254.169.254/latest/meta-data")
    assert connection.getresponse().status == 403
    connection.close()
    assert "169.254.169.254" in egress.refused[-1]


def test_a_name_that_leads_to_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system's resolver (a hosts file, a poisoned cache) says."""
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(Refused, match=r"127\.0\.0\.1"):
        direct("www.tiktok.com", 443, 1)


def test_a_name_that_nobody_knows(trusted: ssl.SSLContext) -> None:
    """That is broken, not refused; it may pass."""
    egress = Egress(seconds=5)
    egress.admit = lambda _host: True
    try:
        with pytest.raises(OSError, match="502"):
            ask(egress, "no-such-host.tiktok.com.nxdomain-zz", trust=trusted)
    finally:
        egress.close()
    assert egress.broken
    assert not egress.refused


def test_a_proxy_behind_tls(standin: StandIn, trusted: ssl.SSLContext) -> None:
    """``https://`` before a proxy's name: the way to it is encrypted too."""
    listener = socket.create_server(("127.0.0.1", 0))
    front = threading.Thread(target=_terminate_tls, args=(listener, standin), daemon=True)
    front.start()
    port = listener.getsockname()[1]
    dial = through(f"https://www.tiktok.com:{port}", trusted)
    with listener, pytest.MonkeyPatch.context() as patched:
        _look_up_here(patched)
        egress = Egress(dial, seconds=5)
        egress.admit = lambda _host: True
        try:
            assert ask(egress, "www.tiktok.com", trust=trusted) == 200
        finally:
            egress.close()


def _look_up_here(patched: pytest.MonkeyPatch) -> None:
    """Let the proxy's name lead to this machine, as a person's DNS would."""
    real = socket.getaddrinfo

    def found(host: str, *rest: object, **more: object) -> object:
        return real("127.0.0.1" if host == "www.tiktok.com" else host, *rest, **more)

    patched.setattr(socket, "getaddrinfo", found)


def _terminate_tls(listener: socket.socket, standin: StandIn) -> None:
    """Take TLS off one connection and pass it on to the stand-in's plain proxy."""
    from sorter_core.extraction.egress import _relay

    raw, _ = listener.accept()
    inside = standin.tls.wrap_socket(raw, server_side=True)
    with inside, socket.create_connection(("127.0.0.1", standin.server_port)) as outside:
        _relay(inside, outside)


def test_names_are_judged_without_case() -> None:
    """DNS has none."""
    assert judge_name("WWW.TikTok.COM.") == "www.tiktok.com"
