"""The OpenAPI document: complete, with examples, and true."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from api import create_app
from sorter_core import Settings, Sorter
from sorter_core.demo import cast
from tests.conftest import grow

HOST = {"Host": "localhost"}
CALLS = {
    ("get", "/"),
    ("post", "/api/setup"),
    ("post", "/api/demo"),
    ("get", "/api/config/status"),
    ("get", "/api/videos"),
    ("get", "/api/videos/{filename}/texts"),
    ("get", "/api/encoders/{name}/again"),
    ("post", "/api/encoders/{name}/again"),
    ("post", "/api/search/picture"),
    ("get", "/api/folders"),
    ("post", "/api/folders"),
    ("post", "/api/folders/rename"),
    ("post", "/api/sort"),
    ("post", "/api/undo"),
    ("get", "/api/bulk"),
    ("get", "/api/bulk/videos"),
    ("post", "/api/bulk/look"),
    ("post", "/api/sort/bulk"),
    ("get", "/api/posters/{filename}"),
    ("get", "/api/proposals"),
    ("post", "/api/proposals/refuse"),
    ("post", "/api/folders/merge"),
    ("post", "/api/folders/delete"),
    ("get", "/api/batches"),
    ("get", "/api/duplicates"),
    ("post", "/api/duplicates/remove"),
    ("post", "/api/duplicates/distinct"),
    ("get", "/api/history"),
    ("post", "/api/retrain"),
    ("post", "/api/retrain/cancel"),
    ("get", "/api/retrain/status"),
    ("get", "/api/failures"),
    ("get", "/api/runs"),
    ("get", "/api/runs/{run_id}"),
    ("post", "/api/login"),
    ("get", "/videos/{filename}"),
}


@pytest.fixture
def document(client):
    """The document as a client gets it."""
    return client.get("/openapi.json").json()


def test_lists_every_call(document):
    """What the contract names is in it."""
    listed = {(method, path) for path, calls in document["paths"].items() for method in calls}
    assert listed >= CALLS


def test_every_model_has_an_example(document):
    """Requests and answers show what they look like; FastAPI's own two are its own."""
    models = document["components"]["schemas"]
    lacking = [name for name, model in models.items() if not model.get("examples")]
    assert [name for name in lacking if "ValidationError" not in name] == []


def test_every_call_says_what_it_does(document):
    """A summary and a description each."""
    for calls in document["paths"].values():
        for call in calls.values():
            assert call["summary"]
            assert call["description"]


def test_ids_are_unique(document):
    """Generated clients need one name a call."""
    ids = [call["operationId"] for calls in document["paths"].values() for call in calls.values()]
    assert len(ids) == len(set(ids))


@pytest.fixture
def api_schema(tmp_path):
    """The document, bound to an application that can only touch ``tmp_path``."""
    for part in cast(0):
        grow(tmp_path / "demo" / part.folder, {f"{part.id}.mp4": "x"})
    root = grow(tmp_path / "library", {"1.mp4": "one", "Cats": {"4.mp4": "four"}})
    settings = Settings(
        _env_file=None,
        data_dir=root,
        state_dir=tmp_path / "state",
        artifacts_dir=tmp_path / "artifacts",
        demo_dir=tmp_path / "demo",
    )
    return schemathesis.openapi.from_asgi(
        "/openapi.json", create_app(Sorter(settings), settings), headers=HOST
    )


FUZZED = sorted(CALLS - {("post", "/api/retrain")})  # that one takes no input, and starts processes


@pytest.mark.parametrize(("method", "path"), FUZZED)
def test_no_input_makes_the_server_fail(api_schema, tmp_path, method, path):
    """Whatever a client sends, good or bad: no 5xx, and no answer that is not documented."""
    operation = api_schema[path][method]

    @hypothesis_settings(
        max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        case=operation.as_strategy(GenerationMode.POSITIVE)
        | operation.as_strategy(GenerationMode.NEGATIVE)
    )
    def answers(case):
        if (
            path == "/api/setup"
            and isinstance(case.body, dict)
            and isinstance(case.body.get("data_dir"), str)
        ):
            case.body["data_dir"] = (
                f"{tmp_path / 'library'}/{case.body['data_dir'].replace('..', '')}"
            )
        response = case.call(headers=HOST)
        assert response.status_code < 500, response.text
        case.validate_response(
            response, excluded_checks=[positive_data_acceptance]
        )  # names are judged by more than a schema

    answers()
