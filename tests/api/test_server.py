"""``python api_server.py`` as a person starts it: a real process, a real socket."""

import errno
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.server import _why

HOME = Path(__file__).parent.parent.parent
SECONDS = 60


def environment(tmp_path, **given):
    """Settings for a server that knows nothing of this machine's."""
    return {**os.environ, "STATE_DIR": str(tmp_path / "state"), "HOST": "127.0.0.1", "PORT": "0", "API_KEY": "",
            "ALLOWED_ORIGINS": "", "DATA_DIR": "", "PYTHONPATH": os.pathsep.join([str(HOME), os.environ.get("PYTHONPATH", "")]), **given}  # fmt: skip


@contextmanager
def running(tmp_path, **given):
    """A started server: its process, and the port that it printed."""
    server = subprocess.Popen(
        [sys.executable, str(HOME / "api_server.py")],
        env=environment(tmp_path, **given),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = server.stdout.readline()
        yield server, int(re.search(r"http://\S+:(\d+)", line)[1])
    finally:
        server.kill()
        server.wait(SECONDS)
        server.stdout.close()


def refused(tmp_path, **given):
    """A server that does not start: its exit code and what it says."""
    ended = subprocess.run(
        [sys.executable, str(HOME / "api_server.py")],
        env=environment(tmp_path, **given),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr


def ask(port, method, path, body=None, **headers):
    """One request, sent as it is: no client tidies the path up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_script_sorts(tmp_path, root):
    """The whole contract's first lines, over a real socket."""
    with running(tmp_path) as (_, port):
        kind = {"Content-Type": "application/json"}
        assert ask(port, "GET", "/api/folders")[0] == 503
        assert (
            ask(port, "POST", "/api/setup", json.dumps({"data_dir": str(root)}), **kind)[0] == 200
        )
        assert json.loads(ask(port, "GET", "/api/videos")[1])["total"] == 3
        status, body = ask(
            port, "POST", "/api/sort", '{"filename": "1.mp4", "folder": "Cats"}', **kind
        )
        assert (status, json.loads(body)["success"]) == (200, True)
        assert ask(port, "GET", "/videos/1.mp4", Range="bytes=1-") == (206, b"ne")
        for path in (
            "/videos/../../etc/passwd",
            "/videos/..%2f..%2fetc%2fpasswd",
            "/videos/%2e%2e/x",
            "/videos/%ff.mp4",
        ):
            assert ask(port, "GET", path)[0] == 400
        assert ask(port, "GET", "/", Host="evil.example")[0] == 421


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_it_quietly(tmp_path):
    """Exit code 0, at once."""
    with running(tmp_path) as (server, _):
        server.send_signal(signal.SIGINT)
        assert server.wait(SECONDS) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for one process")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_paused_video_does_not_hold_the_stop(tmp_path, root, sent, code):
    """A page that takes no more of a long video keeps its connection; the server ends nevertheless."""
    with (root / "1.mp4").open("wb") as long:
        long.truncate(64 << 20)
    with (
        running(tmp_path, DATA_DIR=str(root), EXTRACTION_TIMEOUT="0.1") as (server, port),
        socket.create_connection(("127.0.0.1", port), SECONDS) as page,
    ):
        page.sendall(b"GET /videos/1.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert page.recv(100).startswith(b"HTTP/1.1 200")
        server.send_signal(sent)
        assert server.wait(SECONDS) == code


def test_a_library_set_elsewhere_is_taken_up(tmp_path, root):
    """Two servers of one person see the same library."""
    with running(tmp_path) as (_, one), running(tmp_path) as (_, other):
        body = json.dumps({"data_dir": str(root)})
        ask(one, "POST", "/api/setup", body, **{"Content-Type": "application/json"})
        assert json.loads(ask(other, "GET", "/api/config/status")[1])["data_dir"] == str(root)


def test_a_taken_port(tmp_path):
    """Exit code 1, the port and the way out named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(tmp_path, PORT=str(port))
    assert code == 1
    assert str(port) in said
    assert "taken" in said


@pytest.mark.parametrize(("port", "other"), [(8000, 8001), (65535, 65534)])
def test_the_port_to_try_instead_is_one_that_there_is(settings, port, other):
    """There is none above the last."""
    taken = OSError(errno.EADDRINUSE, "taken")
    said = _why(taken, settings.model_copy(update={"port": port, "host": "192.0.2.1"}))
    assert said.endswith(f"PORT={other}")


def test_a_port_taken_by_ourselves(tmp_path):
    """It says that the program runs already."""
    with running(tmp_path) as (_, port):
        code, said = refused(tmp_path, PORT=str(port))
    assert code == 1
    assert "runs already" in said


def test_beyond_loopback_without_a_key(tmp_path):
    """Exit code 2, and why (test_security.py has more hosts)."""
    code, said = refused(tmp_path, HOST="0.0.0.0")  # noqa: S104 - it is refused
    assert code == 2
    assert "API_KEY" in said


def test_beyond_loopback_with_a_key(tmp_path):
    """It starts, and wants the key."""
    with running(tmp_path, HOST="0.0.0.0", API_KEY="secret") as (_, port):  # noqa: S104 - behind a key
        assert ask(port, "GET", "/api/config/status")[0] == 401
        assert ask(port, "GET", "/api/config/status", **{"x-api-key": "secret"})[0] == 200


@pytest.mark.parametrize(
    ("given", "word"),
    [({"ALLOWED_ORIGINS": "*"}, "ALLOWED_ORIGINS"), ({"LOG_LEVEL": "loud"}, "LOG_LEVEL")],
)
def test_settings_that_make_no_sense(tmp_path, given, word):
    """Exit code 2, and which."""
    code, said = refused(tmp_path, **given)
    assert code == 2
    assert word in said


def test_an_address_that_is_not_ours(tmp_path):
    """Exit code 1, in words."""
    code, said = refused(tmp_path, HOST="192.0.2.1", API_KEY="secret")
    assert code == 1
    assert "192.0.2.1" in said
