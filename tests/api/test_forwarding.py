"""The API inside of Streamlit: the same answers beside the pages, under a real ``streamlit run``."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Match, Mount, NoMatchFound

from api import routes_for_streamlit
from api.forwarding import Forward

HOME = Path(__file__).parent.parent.parent
SECONDS = 60
SCRIPT = """
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from api import front_for_streamlit, routes_for_streamlit
from sorter_core.settings import settings

if get_script_run_ctx(suppress_warning=True):
    st.write("a page")
else:
    app = st.App(__file__, routes=routes_for_streamlit(), middleware=front_for_streamlit(settings()))
"""


@pytest.fixture(scope="module")
def streamlit(tmp_path_factory):
    """The port of a Streamlit that carries the API, over a library of two videos."""
    home = tmp_path_factory.mktemp("streamlit")
    library = home / "library"
    (library / "Cats").mkdir(parents=True)
    (library / "1.mp4").write_bytes(b"0123456789" * 1000)
    (library / "2.mp4").write_bytes(b"two")
    (home / "app.py").write_text(SCRIPT)
    port = _free_port()
    options = {"server.port": port, "server.headless": "true", "server.address": "127.0.0.1",
               "browser.gatherUsageStats": "false", "server.fileWatcherType": "none"}  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *(f"--{key}={value}" for key, value in options.items())],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HOME), os.environ.get("PYTHONPATH", "")]), "DATA_DIR": str(library), "STATE_DIR": str(home / "state"),
             "HOST": "127.0.0.1", "API_KEY": "", "ALLOWED_ORIGINS": ""},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    try:
        _wait_for_start(server)
        yield port
    finally:
        server.kill()
        server.wait(SECONDS)
        server.stdout.close()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _wait_for_start(server):
    said = []
    for line in server.stdout:
        said.append(line)
        if "http://127.0.0.1:" in line:
            return
    raise AssertionError("".join(said))


@pytest.fixture
def ask(streamlit):
    """Send one request over a connection that is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", streamlit, timeout=SECONDS)

    def send(method, path, body=None, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer, answer.read()

    yield send
    connection.close()


def test_streamlit_keeps_its_own_paths(ask):
    """``/`` is Streamlit's page, and its sign of life works."""
    assert b"<title>Streamlit" in ask("GET", "/", Accept="text/html")[1]
    assert ask("GET", "/_stcore/health")[1] == b"ok"


def test_the_api_answers_beside_it(ask):
    """Lists, moves, the document and its page."""
    assert json.loads(ask("GET", "/api/folders")[1]) == {"folders": [{"name": "Cats", "count": 0}]}
    body = json.dumps({"filename": "2.mp4", "folder": "Cats"})
    assert ask("POST", "/api/sort", body, Content_Type="application/json")[0].status == 200
    assert ask("POST", "/api/undo", "{}", Content_Type="application/json")[0].status == 200
    assert "/api/sort" in json.loads(ask("GET", "/openapi.json")[1])["paths"]
    assert ask("GET", "/docs")[0].status == 200
    assert ask("GET", "/player/player.js")[0].headers["content-type"].startswith("text/javascript")
    assert json.loads(ask("GET", "/api/nothing")[1]) == {"detail": "Not Found"}


def test_videos_go_out_in_parts_and_never_compressed(ask):
    """Streamlit's compression leaves videos alone."""
    answer, body = ask("GET", "/videos/1.mp4", Accept_Encoding="gzip", Range="bytes=5-9")
    assert (answer.status, body) == (206, b"56789")
    assert answer.headers["content-range"] == "bytes 5-9/10000"
    answer, body = ask("GET", "/videos/1.mp4", Accept_Encoding="gzip")
    assert (answer.headers["content-encoding"], len(body)) == (None, 10000)
    assert answer.headers["etag"]


def test_what_the_guard_refuses_is_in_the_envelope_for_the_extraction_calls(ask):
    """As on the bare server; one that passes is framed once, and the page of that name stays a page."""
    answer, body = ask("POST", "/extract", "{}", Origin="http://evil.example")
    assert (answer.status, json.loads(body)["error"]["code"]) == (403, "FORBIDDEN")
    answer, body = ask("POST", "/extract", "{}", X_Request_Id="mine")
    assert (answer.status, json.loads(body)["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert json.loads(body)["metadata"]["request_id"] == "mine"
    assert answer.headers.get_all("x-request-id") == ["mine"]
    answer, body = ask("GET", "/extract", Accept="text/html")
    assert (answer.status, b"<title>Streamlit" in body) == (200, True)


def test_the_guard_stands_before_streamlit_too(ask):
    """Another name is refused for pages and calls, a foreign page for both."""
    assert ask("GET", "/", Host="evil.example")[0].status == 421
    assert ask("GET", "/api/folders", Host="evil.example")[0].status == 421
    assert ask("POST", "/api/undo", "{}", Origin="http://evil.example")[0].status == 403
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
               "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    assert ask("GET", "/_stcore/stream", Origin="http://evil.example", **upgrade)[0].status == 403


def test_small_answers_are_not_held_back():
    """Forwarded connections have TCP_NODELAY, though a listener like Streamlit's does not give it."""
    seen = []

    async def app(_scope, receive, send):
        connection = receive.__self__.transport.get_extra_info("socket")
        seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await PlainTextResponse("")(_scope, receive, send)

    routes = [Forward(app), Mount("/plain", app)]
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(Starlette(routes=routes), log_level="error", loop="asyncio")
    server = uvicorn.Server(config)  # uvloop, where it is installed, never delays
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    for path in ("/plain/", "/api/folders"):
        connection = http.client.HTTPConnection(*listener.getsockname(), timeout=SECONDS)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()
    server.should_exit = True
    thread.join(SECONDS)
    assert seen == [0, 1]


def test_only_what_is_ours_is_taken():
    """The route matches http for its paths, and nothing by name."""
    (route,) = routes_for_streamlit()
    assert isinstance(route, Forward)
    for path in ("/", "/_stcore/stream", "/apiary", "/component/x", "/static/x.js"):
        assert route.matches({"type": "http", "path": path})[0] is Match.NONE
    assert route.matches({"type": "websocket", "path": "/api/folders"})[0] is Match.NONE
    assert route.matches({"type": "http", "path": "/api/folders"})[0] is Match.FULL
    with pytest.raises(NoMatchFound):
        route.url_path_for("sort")
