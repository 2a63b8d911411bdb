"""The page, the status, the player's files and the documentation."""

import re

import pytest

from sorter_core import __version__, player


@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
def test_a_program_gets_the_status(client, root, accept):
    """JSON unless HTML is asked for."""
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.json() == {
        "service": "tiktok-sorter",
        "version": __version__,
        "configured": True,
        "data_dir": str(root),
        "docs": "/docs",
    }
    assert answer.headers["vary"] == "Accept"


def test_a_browser_gets_the_page(client):
    """The sorting page, which may load nothing from elsewhere."""
    answer = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.text == player.page()


def test_the_page_needs_nothing_that_is_not_served(client):
    """Each file that the page names is there, and none is of another server."""
    for page in ("/", "/docs"):
        text = client.get(page, headers={"Accept": "text/html"}).text
        for link in re.findall(r'(?:src|href)="([^"]+)"', text):
            assert link.startswith("/")
            assert client.get(link).status_code == 200


@pytest.mark.parametrize(("name", "kind"), player.FILES.items())
def test_player_files(client, name, kind):
    """As they are, with their type, asked for again each time."""
    answer = client.get(f"/player/{name}")
    assert (answer.status_code, answer.text) == (200, player.text(name))
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["__init__.py", "nothing.js", "..%2F__init__.py", "../settings.py"]
)
def test_other_files_are_not_served(client, name):
    """Only what the page is made of."""
    assert client.get(f"/player/{name}").status_code == 404
    assert client.get(f"/docs/{name}").status_code == 404


def test_docs(client):
    """Swagger UI, all of it from here."""
    assert client.get("/docs").status_code == 200
    assert "SwaggerUIBundle" in client.get("/docs/swagger-ui-bundle.js").text
    assert "/openapi.json" in client.get("/docs/start.js").text
    assert client.get("/docs/swagger-ui.css").headers["content-type"].startswith("text/css")
