"""The vision model, asked over HTTP by the real SDK: well, badly, late, never."""

from __future__ import annotations

import base64
import logging
import time

import pytest

from sorter_core import Settings
from sorter_core.errors import InvalidInput
from sorter_core.extraction import logs
from sorter_core.extraction.errors import ThumbnailAnalysisFailed
from sorter_core.extraction.health import Checks
from sorter_core.extraction.service import Extractor
from sorter_core.extraction.thumbnails.vision import VisionAnalyser
from tests.extraction.fakes import LINK, FakeSource, jpeg
from tests.extraction.vision_server import GOOD, GOOD_ID, VisionServer


@pytest.fixture
def server():
    made = VisionServer()
    yield made
    made.close()


def analyser(server, seconds=10.0, **given):
    return VisionAnalyser(
        Settings(_env_file=None, openai_base_url=server.url, extraction_timeout=seconds, **given)
    )


def problem(server, **given) -> ThumbnailAnalysisFailed:
    with pytest.raises(ThumbnailAnalysisFailed) as error:
        analyser(server, **given).analyse(jpeg(), "en")
    return error.value


def test_gives_what_the_model_said(server):
    """All fields, and what we measure ourselves."""
    found = analyser(server).analyse(jpeg(), "en")
    assert found.model_dump(include=set(GOOD)) == {**GOOD, "hook_elements": ("food", "question")}
    assert (found.analyser, found.language) == ("vision", "en")
    assert 0 < found.brightness < 1


def test_asks_with_the_picture_the_words_and_a_schema(server):
    """Of the asked language; the model and the key are the settings'."""
    server.replies = [GOOD_ID]
    analyser(server, openai_model="some-model", openai_api_key="sk-1").analyse(jpeg(), "id")
    (asked,) = server.asked
    assert asked["model"] == "some-model"
    assert server.keys == ["Bearer sk-1"]
    schema = asked["response_format"]["json_schema"]["schema"]["properties"]
    assert "dapur" in schema["setting"]["anyOf"][0]["enum"]
    text, image = asked["messages"][1]["content"]
    assert "dapur" in text["text"]
    sent = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
    assert sent.startswith(b"\xff\xd8")


def test_null_is_an_answer(server):
    """A model may say that it does not know."""
    server.replies = [{**GOOD, "setting": None, "people_count": None, "hook_elements": []}]
    found = analyser(server).analyse(jpeg(), "en")
    assert (found.setting, found.people_count, found.hook_elements) == (None, None, ())


BAD = {
    "another word": {**GOOD, "setting": "somewhere nice"},
    "a word of the other language": {**GOOD, "setting": "dapur"},
    "another hook": {**GOOD, "hook_elements": ["food", "magic"]},
    "a number as text": {**GOOD, "people_count": "two"},
    "true as a number": {**GOOD, "people_count": True},
    "half a character": "\ud83d",
    "fewer than none": {**GOOD, "people_count": -1},
    "too sure": {**GOOD, "confidence_score": 1.5},
    "a field missing": {key: value for key, value in GOOD.items() if key != "setting"},
    "no JSON": "It is a kitchen.",
    "no object": "[1, 2]",
    "nothing": "",
    "a flood": {**GOOD, "hook_elements": ["food"] * 50},
}


@pytest.mark.parametrize("reply", BAD.values(), ids=BAD.keys())
def test_a_bad_answer_is_asked_again_once_with_its_faults(server, reply):
    """The second one counts."""
    server.replies = [reply, GOOD]
    assert analyser(server).analyse(jpeg(), "en").setting == "kitchen"
    first, second = server.asked
    assert len(first["messages"]) == 2
    assert [message["role"] for message in second["messages"][2:]] == ["assistant", "user"]
    assert "can't be used" in second["messages"][3]["content"]


def test_two_bad_answers_are_none(server):
    """It is not asked a third time."""
    server.replies = [BAD["another word"]]
    assert "vocabulary" in str(problem(server))
    assert len(server.asked) == 2


def test_the_faults_name_the_field_and_the_words(server):
    """So that the model can do better."""
    server.replies = [BAD["another word"], GOOD]
    analyser(server).analyse(jpeg(), "en")
    said = server.asked[1]["messages"][3]["content"]
    assert "setting" in said
    assert "kitchen" in said


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"<html>",
            b"[" * 100_000,
            b"null",
            b"[]",
            b'{"choices": "abc"}',
            b'{"choices": {"a": 1}}',
        ),
        *(b'{"choices": [{}]}', b'{"choices": [5]}', b'{"choices": [{"message": {"content": 5}}]}'),
        b'{"choices": [{"message": {"content": "\xff"}}]}',
    ],
    ids=lambda body: ascii(body[:40]),
)
def test_an_answer_of_another_form_is_none(server, body):
    """Whatever a server of this kind sends instead of one, it is the model's fault and not ours."""
    server.replies = [body]
    assert "The vision model" in str(problem(server))


def test_an_answer_without_end_is_not_read_to_the_end(server):
    """Its server could fill the memory within the time that it has."""
    server.flood = True
    assert "without end" in str(problem(server))
    assert server.flooded < 100 << 20


def test_json_in_a_fence_is_json(server):
    """Many small models can't help it."""
    server.replies = [
        '```json\n{"visual_style": null, "setting": null, "people_count": 0, "camera_angle": null, "text_overlay_style": null, "color_scheme": null, "hook_elements": [], "confidence_score": 0.1}\n```'
    ]
    assert analyser(server).analyse(jpeg(), "en").people_count == 0


def test_a_word_said_twice_counts_once(server):
    """A list of hooks is a set."""
    server.replies = [{**GOOD, "hook_elements": ["food", "question", "food"]}]
    assert analyser(server).analyse(jpeg(), "en").hook_elements == ("food", "question")


def test_a_server_without_schemas_is_asked_without(server):
    """Its words are judged all the same."""
    server.schemas = False
    server.replies = [BAD["another word"], GOOD]
    assert analyser(server).analyse(jpeg(), "en").setting == "kitchen"
    assert ["response_format" in asked for asked in server.asked] == [True, False, True, False]


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "OPENAI_API_KEY"), (403, "OPENAI_API_KEY"), (404, "OPENAI_MODEL"), (400, "400")],
)
def test_says_what_to_do_about_a_refusal(server, status, words):
    """Which setting it is."""
    server.replies = [status]
    error = problem(server)
    assert words in str(error)
    assert error.details == {"status": status}


def test_a_passing_fault_is_tried_again(server):
    """Once, by the SDK; one that stays is told."""
    server.replies = [503, GOOD]
    assert analyser(server).analyse(jpeg(), "en").setting == "kitchen"
    server.replies = [503]
    assert "503" in str(problem(server))


@pytest.mark.parametrize("dribble", [False, True], ids=["never", "a byte now and then"])
def test_who_does_not_answer_in_time_is_left(server, dribble):
    """The time is for the whole, also where bytes keep coming."""
    server.late, server.dribble = (0, True) if dribble else (60, False)
    began = time.monotonic()
    assert "did not answer within 0.5 s" in str(problem(server, seconds=0.5))
    assert time.monotonic() - began < 30, "late by a minute, and a byte each 50 ms takes as long"


def test_a_server_that_is_not_there(server):
    """Says which setting to look at, and names no key."""
    server.close()
    error = problem(server, openai_api_key="sk-secret")
    assert "OPENAI_BASE_URL" in str(error)
    assert "sk-secret" not in str(error)


def test_a_password_in_its_address_is_not_logged(server, caplog):
    """The SDK's HTTP library writes each address down that it asks."""
    secret = server.url.replace("http://", "http://me:s3cret@")
    given = Settings(_env_file=None, openai_base_url=secret)
    logs.configure(given)
    with caplog.at_level(logging.DEBUG):
        assert VisionAnalyser(given).analyse(jpeg(), "en").setting == "kitchen"
        assert VisionAnalyser(given).reachable()
    assert "s3cret" not in caplog.text


def test_a_damaged_picture_is_not_sent(server):
    """It is looked at here first."""
    with pytest.raises(ThumbnailAnalysisFailed):
        analyser(server).analyse(b"nonsense", "en")
    assert server.asked == []


def test_the_service_uses_it_and_health_asks_it(server):
    """Set up by its address alone; unhealthy once it is gone."""
    settings = Settings(_env_file=None, openai_base_url=server.url)
    extractor = Extractor(settings, FakeSource())
    assert extractor.extract(LINK).thumbnail_analysis.analyser == "vision"
    assert extractor.order(LINK).key("a", 600) == extractor.order(LINK).key("a", 600)
    assert Checks(extractor).now().dependencies["openai"] == "healthy"
    server.replies = [BAD["another word"]]
    assert "vocabulary" in extractor.extract(LINK, language="id").warnings[0]
    server.close()
    assert Checks(extractor).now().dependencies["openai"] == "unhealthy"
    extractor.close()


@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000, b"null"], ids=["page", "deep", "null"])
def test_a_server_that_talks_nonsense_is_not_healthy(server, body):
    """And health says so, instead of failing itself."""
    server.models = body
    assert not analyser(server).reachable()


@pytest.mark.parametrize(
    "base",
    ["localhost:1234/v1", "me:s3cret@host/v1", "http://[bad", "http://a:99999/v1", "http://"],
)
def test_a_malformed_address_is_said_at_once(base):
    """Not at the first picture; and without its password."""
    with pytest.raises(InvalidInput, match="OPENAI_BASE_URL") as error:
        Extractor(Settings(_env_file=None, openai_base_url=base), FakeSource())
    assert "s3cret" not in str(error.value)
    asked = VisionAnalyser(Settings(_env_file=None, openai_base_url="http://me:s3cret@host:1/v1"))
    assert asked.where == "host"


def test_another_model_or_server_is_another_key(server):
    """What one model said is not served for the other."""
    plain = analyser(server)
    assert analyser(server, openai_model="other").identity != plain.identity
    elsewhere = VisionAnalyser(Settings(_env_file=None, openai_base_url="http://127.0.0.1:9/v1"))
    assert elsewhere.identity != plain.identity
    assert elsewhere.where == "127.0.0.1"
