"""The Guard, in front of http and websockets: machine, host, page, key."""

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from api import Guard, create_app
from sorter_core import Settings, Sorter
from sorter_core.errors import InvalidInput

HERE = "http://127.0.0.1:8000"
EVIL = "http://evil.example"
ANYWHERE = "0.0.0.0"  # noqa: S104 - no socket is bound here
KEY = "a key of many letters, ключ"


async def page(_request):
    """A page of somebody else's making."""
    return HTMLResponse("hello", headers={"X-Frame-Options": "DENY"})


async def change(_request):
    """Something that must not happen unasked."""
    return PlainTextResponse("changed")


async def talk(websocket):
    """A websocket that greets."""
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


def guarded(base_url=HERE, client=("127.0.0.1", 50000), **given):
    """A small application behind the Guard, as ``client`` sees it."""
    settings = Settings(
        _env_file=None, **{"host": "127.0.0.1", "api_key": None, "allowed_origins": (), **given}
    )
    app = Starlette(
        routes=[
            Route("/", page),
            Route("/change", change, methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
            WebSocketRoute("/talk", talk),
        ],
        middleware=[Middleware(Guard, settings=settings)],
    )
    return TestClient(app, base_url=base_url, client=client)


def exposed(**given):
    """The same, reached from another machine by address."""
    return guarded(
        "http://192.168.1.5:8000",
        ("192.168.1.77", 50000),
        **{"host": ANYWHERE, "api_key": KEY, **given},
    )


def talks(client, **headers):
    """Whether a websocket may be opened."""
    try:
        given = {"Host": client.base_url.netloc.decode(), **headers}
        with client.websocket_connect("/talk", headers=given) as websocket:
            return websocket.receive_text() == "hello"
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "localhost",
        "LocalHost:8000",
        "localhost.",
        "[::1]:8000",
        "127.0.0.2",
        "[::ffff:127.0.0.1]",
    ],
)
def test_answers_to_its_own_names(host):
    """Loopback under each of its names, with any port."""
    client = guarded()
    assert client.get("/", headers={"Host": host}).status_code == 200
    assert talks(client, Host=host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost", "192.168.1.5:8000",
     "0.0.0.0:8000", "[::]:8000", "8.8.8.8", "xlocalhost"],
)  # fmt: skip
def test_refuses_a_rebound_name(host):
    """A page that points its own name at this machine gets nothing (DNS rebinding)."""
    client = guarded()
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert set(answer.json()) == {"detail"}
    assert not talks(client, Host=host)


@pytest.mark.parametrize(
    "host", ["", "a b", "user@localhost", "localhost:x", "localhost/", "[::1", "local\thost"]
)
def test_refuses_a_malformed_host(host):
    """What is no host name is 400."""
    assert guarded().get("/", headers={"Host": host}).status_code == 400


def test_refuses_two_hosts():
    """Two Host headers are two meanings."""
    answer = guarded().get("/", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "origin",
    [EVIL, "null", "http://127.0.0.1:9000", "http://127.0.0.1", "http://localhost:8000", "file://",
     "http://127.0.0.1:8000.evil.example", "chrome-extension://abc", ""],
)  # fmt: skip
def test_refuses_changes_from_other_pages(method, origin):
    """A form or script of another origin changes nothing (CSRF)."""
    assert guarded().request(method, "/change", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:9000", ""])
def test_refuses_websockets_from_other_pages(origin):
    """A websocket knows no same-origin rule of its own."""
    assert not talks(guarded(), Origin=origin)


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": HERE}, {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}]
)
def test_lets_its_own_pages_and_scripts_work(headers):
    """Programs send no Origin; our own page sends ours."""
    client = guarded()
    assert client.post("/change", headers=headers).status_code == 200
    assert talks(client, **headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refuses_what_a_browser_calls_foreign(method, site):
    """Also without Origin: another site can neither change nor embed anything."""
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "video"}
    assert guarded().request(method, "/change", headers=headers).status_code == 403


def test_lets_a_person_follow_a_link():
    """A link from elsewhere opens the page; a frame elsewhere does not."""
    visit = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert guarded().get("/", headers=visit).status_code == 200
    assert guarded().get("/", headers={**visit, "Sec-Fetch-Dest": "iframe"}).status_code == 403
    assert guarded().post("/change", headers=visit).status_code == 403


def test_an_allowed_origin_may_do_all():
    """ALLOWED_ORIGINS names pages that work like our own."""
    client = guarded(allowed_origins=("http://localhost:3000",))
    headers = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/change", headers=headers).status_code == 200
    assert talks(client, **headers)
    assert (
        client.post("/change", headers={**headers, "Origin": "http://localhost:3001"}).status_code
        == 403
    )


def test_an_allowed_origin_names_a_host():
    """Behind a proxy that passes its own name on, that name is ours."""
    client = guarded(allowed_origins=("https://sorter.example",))
    same = {"Host": "sorter.example", "Origin": "https://sorter.example"}
    assert client.post("/change", headers=same).status_code == 200


@pytest.mark.parametrize(
    "address", ["192.168.1.77", "10.0.0.1", "8.8.8.8", "fe80::1%eth0", "::ffff:10.0.0.1"]
)
def test_a_loopback_server_refuses_other_machines(address):
    """Also when uvicorn or Streamlit was told to listen everywhere, and the client lies about Host."""
    client = guarded(client=(address, 50000))
    assert client.get("/").status_code == 403
    assert not talks(client)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8", "::ffff:127.0.0.1"])
def test_a_loopback_server_answers_its_own_machine(address):
    """By each way there is."""
    assert guarded(client=(address, 50000)).get("/").status_code == 200


def test_headers_that_make_browsers_careful():
    """On each answer, on refusals too; what the page itself says stays."""
    for answer in (guarded().get("/change"), guarded().get("/", headers={"Host": "evil.example"})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert guarded().get("/").headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", [ANYWHERE, "::", "192.168.1.5", "my-laptop"])
@pytest.mark.parametrize("key", [None, "", "   "])
def test_an_exposed_server_needs_a_key(host, key):
    """Without one nothing is made that could be started."""
    settings = Settings(_env_file=None, host=host, api_key=key)
    with pytest.raises(InvalidInput, match="API_KEY"):
        Guard(page, settings=settings)
    with pytest.raises(InvalidInput, match="API_KEY"):
        create_app(Sorter(settings), settings)


@pytest.mark.parametrize(
    "origins",
    ["*", "http://*", "http://a.example,*", "null", "localhost:3000", "http://a.example/x"],
)
def test_origins_that_are_none_stop_the_start(origins):
    """``*`` would let every website use the person's library."""
    settings = Settings(_env_file=None, ALLOWED_ORIGINS=origins)
    with pytest.raises(InvalidInput, match="ALLOWED_ORIGINS"):
        create_app(Sorter(settings), settings)


def test_beyond_loopback_everything_needs_the_key():
    """401 as JSON to programs, and no websocket."""
    client = exposed()
    for answer in (
        client.get("/"),
        client.post("/change"),
        client.get("/", headers={"x-api-key": "wrong"}),
    ):
        assert answer.status_code == 401
        assert set(answer.json()) == {"detail"}
    assert not talks(client)
    assert client.get("/", headers={"x-api-key": KEY.encode()}).status_code == 200


def test_beyond_loopback_a_browser_is_asked_for_the_key():
    """401 as a page with a form, which may run only its own script."""
    answer = exposed().get("/", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 401
    assert 'type="password"' in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "host", ["192.168.1.5:8000", "[fd00::5]:8000", "8.8.8.8", "localhost:8000"]
)
def test_beyond_loopback_addresses_are_names(host):
    """No address can be rebound; the key decides."""
    assert exposed().get("/", headers={"Host": host, "x-api-key": KEY.encode()}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", ANYWHERE, "[::]"])
def test_beyond_loopback_other_names_stay_refused(host):
    """The key does not help a page that rebinds its name."""
    assert exposed().get("/", headers={"Host": host, "x-api-key": KEY.encode()}).status_code == 421


def test_a_preflight_needs_no_key():
    """A browser can't send one with it; it reads nothing."""
    asks = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    client = exposed(allowed_origins=("http://localhost:3000",))
    assert client.options("/change", headers=asks).status_code == 200
    assert client.options("/change").status_code == 401


@pytest.fixture
def published(root, tmp_path):
    """The whole application, reached from another machine."""
    settings = Settings(
        _env_file=None,
        data_dir=root,
        state_dir=tmp_path,
        host=ANYWHERE,
        api_key=KEY,
    )
    app = create_app(Sorter(settings), settings)
    return TestClient(app, base_url="http://192.168.1.5:8000", client=("192.168.1.77", 50000))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/videos",
        "/api/config/status",
        "/videos/1.mp4",
        "/docs",
        "/openapi.json",
        "/player/player.js",
    ],
)
def test_login_opens_everything(published, path):
    """The key, sent once, stays in a cookie that scripts can't read and other sites don't send."""
    assert published.get(path).status_code == 401
    answer = published.post("/api/login", json={"key": KEY})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert KEY not in cookie
    assert published.get(path).status_code == 200


def test_login_with_a_wrong_key(published):
    """401, and no cookie."""
    answer = published.post("/api/login", json={"key": "wrong"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert published.get("/api/videos").status_code == 401


def test_a_made_up_cookie_opens_nothing(published):
    """Neither the key itself nor anything else will do."""
    for value in ("x", "", "a%20key"):
        assert (
            published.get("/api/videos", headers={"Cookie": f"sorter_key={value}"}).status_code
            == 401
        )


def test_login_on_loopback_is_no_matter(client):
    """Where no key is needed, any will do."""
    assert client.post("/api/login", json={"key": "x"}).json() == {"success": True}


def test_no_cors_unless_asked(client):
    """Other origins may not read answers."""
    answer = client.get("/api/folders", headers={"Origin": EVIL})
    assert "access-control-allow-origin" not in answer.headers


def test_cors_for_named_origins(root, settings):
    """A named origin gets its own name back, never ``*``; a preflight tells what it may send."""
    named = settings.model_copy(update={"allowed_origins": ("http://localhost:3000",)})
    client = TestClient(create_app(Sorter(named), named), base_url=HERE)
    asks = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    preflight = client.options("/api/sort", headers=asks)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:3000"
    answer = client.get("/api/folders", headers={"Origin": "http://localhost:3000"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert (
        "access-control-allow-origin"
        not in client.get("/api/folders", headers={"Origin": EVIL}).headers
    )
