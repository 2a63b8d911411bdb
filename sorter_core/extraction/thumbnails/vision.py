"""The analyser that asks a vision model: OpenAI's, or any server that speaks the same, as many local ones do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from sorter_core.errors import InvalidInput
from sorter_core.extraction.errors import ThumbnailAnalysisFailed
from sorter_core.extraction.thumbnails import bounded, colours, vocabulary
from sorter_core.extraction.thumbnails.analysis import ThumbnailAnalysis
from sorter_core.extraction.thumbnails.picture import decode, encode
from sorter_core.extraction.thumbnails.vocabulary import FIELDS, Language, Vocabulary
from sorter_core.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

VERSION = 1
"""Raised with each change of the prompts or of the fields."""
_SIDE = 512
"""Pixels of the longer side that is sent: one tile for OpenAI's models, which are billed by tiles."""
_ATTEMPTS = 2
"""A bad answer is shown its faults and asked for again, once."""
_FENCE = re.compile(r"^\s*```\w*\s*|\s*```\s*$")
_PEOPLE = 10_000
_HOOKS = 16
_PING_SECONDS = 3.0

_STRANGE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What an answer leads to that has another form: the SDK takes it as it comes."""

log = logging.getLogger(__name__)
Messages = list[dict[str, Any]]


class Said(BaseModel):
    """What a model may answer; words outside of the vocabulary are no answer."""

    model_config = ConfigDict(strict=True)  # true is no number of people
    visual_style: str | None
    setting: str | None
    people_count: int | None = Field(ge=0, le=_PEOPLE)
    camera_angle: str | None
    text_overlay_style: str | None
    color_scheme: str | None
    hook_elements: tuple[str, ...] = Field(max_length=_HOOKS)
    confidence_score: float = Field(ge=0, le=1)

    @field_validator(*FIELDS)
    @classmethod
    def _listed(cls, value: str | tuple[str, ...] | None, info: ValidationInfo) -> Any:
        allowed = info.context.allowed(info.field_name) if info.context else ()
        said = (value,) if isinstance(value, str) else value or ()
        if strange := [word for word in said if word not in allowed]:
            raise ValueError(f"{', '.join(strange)[:80]!r} is none of: {', '.join(allowed)}")
        return tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value


class VisionAnalyser:
    """Asks the model that OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL name.

    Raises :class:`~sorter_core.errors.InvalidInput` when the first is malformed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.where = _host(settings.openai_base_url)
        """The host that gets to see the thumbnails."""
        self._seconds = settings.extraction_timeout
        server = hashlib.sha256((settings.openai_base_url or "").encode()).hexdigest()[:12]
        self.identity = f"vision-{VERSION}:{server}:{settings.openai_model}"

    def analyse(self, data: bytes, language: Language) -> ThumbnailAnalysis:
        """See :class:`~sorter_core.extraction.thumbnails.analysis.Analyser`."""
        picture = decode(data)
        words = vocabulary.of(language)
        said = asyncio.run(
            self._in_time(self._ask(_question(encode(picture, _SIDE), words), words))
        )
        measured = colours.measure(picture)
        return ThumbnailAnalysis(
            **said.model_dump(),
            brightness=measured.brightness,
            contrast=min(1.0, measured.contrast),
            analyser="vision",
            language=language,
        )

    def reachable(self) -> bool:
        """Whether the server answers now, and takes the key."""

        async def ask() -> None:
            async with self._client() as client:
                await client.models.list()

        try:
            asyncio.run(asyncio.wait_for(ask(), _PING_SECONDS))
        except Exception as error:  # noqa: BLE001 - whatever it does instead, it does not answer
            log.info("the vision model is not there", extra={"reason": type(error).__name__})
            return False
        return True

    def _client(self) -> AsyncOpenAI:
        key = self._settings.openai_api_key
        return bounded.client(
            key=key.get_secret_value() if key else "none",  # local servers want none
            base_url=self._settings.openai_base_url,
            seconds=self._seconds,
        )

    async def _in_time(self, answer: Any) -> Said:
        """Await ``answer`` for the whole time allowed (a server that dribbles never times out by itself)."""
        import openai

        try:
            return await asyncio.wait_for(answer, self._seconds)
        except (TimeoutError, openai.APITimeoutError) as error:
            raise self._failed(f"did not answer within {self._seconds:g} s") from error
        except openai.APIStatusError as error:
            raise self._failed(_refusal(error.status_code), status=error.status_code) from error
        except bounded.TooMuch as error:
            raise self._failed("gave an answer without end") from error
        except openai.APIConnectionError as error:
            raise self._failed("can't be reached; see OPENAI_BASE_URL") from error
        except (openai.OpenAIError, *_STRANGE) as error:
            raise self._failed("gave an answer that can't be read") from error

    def _failed(self, what: str, **details: Any) -> ThumbnailAnalysisFailed:
        return ThumbnailAnalysisFailed(f"The vision model at {self.where} {what}.", **details)

    async def _ask(self, messages: Messages, words: Vocabulary) -> Said:
        async with self._client() as client:
            for _ in range(_ATTEMPTS):
                text = await self._complete(client, messages, words)
                try:
                    return Said.model_validate_json(_FENCE.sub("", text), context=words)
                except ValidationError as error:
                    messages = [*messages, *_again(text, error, words)]
        raise self._failed("gave no answer within its vocabulary, asked twice")

    async def _complete(self, client: AsyncOpenAI, messages: Messages, words: Vocabulary) -> str:
        """Ask with a schema; servers that know no schemas get the question alone."""
        import openai

        create: Any = client.chat.completions.create
        model = self._settings.openai_model
        try:
            answer = await create(model=model, messages=messages, response_format=_format(words))
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            answer = await create(model=model, messages=messages)
        choices = getattr(answer, "choices", None)
        text = (choices[0].message.content or "") if choices else ""
        return text.encode(errors="replace").decode()  # half a surrogate pair is no text


def _host(base_url: str | None) -> str:
    """The host in OPENAI_BASE_URL; never the whole, which may hold a password."""
    if not base_url:
        return "OpenAI"
    try:
        parts = urlsplit(base_url)
        sound = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not parts.hostname:
        raise InvalidInput("OPENAI_BASE_URL is no address; it looks like http://localhost:1234/v1")
    return parts.hostname


def _question(jpeg: bytes, words: Vocabulary) -> Messages:
    choices = "\n".join(f"{field}: {' | '.join(words.allowed(field))}" for field in FIELDS)
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return [
        {"role": "system", "content": words.prompts["system"]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": words.prompts["user"].format(choices=choices)},
                {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
            ],
        },
    ]


def _again(text: str, error: ValidationError, words: Vocabulary) -> Messages:
    problems = "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'JSON'}: {fault['msg']}" for fault in error.errors()
    )
    return [
        {"role": "assistant", "content": text[:2000]},
        {"role": "user", "content": words.prompts["again"].format(problems=problems[:2000])},
    ]


def _format(words: Vocabulary) -> dict[str, Any]:
    """Give the JSON schema of :class:`Said` with the words as enumerations, as OpenAI's strict mode wants it."""
    fields: dict[str, Any] = {field: _one_of(words.allowed(field)) for field in FIELDS}
    fields["hook_elements"] = {
        "type": "array",
        "items": {"type": "string", "enum": list(words.allowed("hook_elements"))},
    }
    fields["people_count"] = {"type": ["integer", "null"]}
    fields["confidence_score"] = {"type": "number"}
    schema = {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
    return {
        "type": "json_schema",
        "json_schema": {"name": "thumbnail", "strict": True, "schema": schema},
    }


def _one_of(allowed: Sequence[str]) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "enum": list(allowed)}, {"type": "null"}]}


def _refusal(status: int) -> str:
    if status in {401, 403}:
        return "refused the key; see OPENAI_API_KEY"
    if status == 404:  # noqa: PLR2004 - HTTP
        return "does not know the model; see OPENAI_MODEL"
    if status == 429:  # noqa: PLR2004 - HTTP
        return "has had too many requests, or its credit is used up"
    return f"answered with the error {status}"
