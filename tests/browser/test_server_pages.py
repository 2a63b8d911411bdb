"""The bare server's own pages in a real browser: the login, and the documentation."""

from playwright.sync_api import expect

from tests.api.test_server import running


def refusals(page):
    """What the browser refuses or misses from now on."""
    found = []
    page.on(
        "console", lambda message: found.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_login(page, tmp_path):
    """A wrong key is told, the right one opens the sorting page and is remembered."""
    with running(tmp_path, HOST="0.0.0.0", API_KEY="a long secret") as (_, port):  # noqa: S104 - behind a key
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_label("The key of this server").fill("wrong")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_have_text("The key is wrong.")
        page.get_by_label("The key of this server").fill("a long secret")
        page.get_by_role("button", name="Open").click()
        expect(page.locator(".player")).to_be_attached()
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator(".player")).to_be_attached()


def test_docs(page, tmp_path):
    """Swagger UI draws every call without anything from elsewhere, and without breaking its policy."""
    with running(tmp_path) as (_, port):
        faults = refusals(page)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{port}/docs")
        expect(page.get_by_text("/api/retrain/status")).to_be_visible()
        assert all(url.startswith((f"http://127.0.0.1:{port}/", "data:")) for url in asked)
        assert faults == []
