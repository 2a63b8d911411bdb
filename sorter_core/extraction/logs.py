"""One JSON object a line, with the request's id and without secrets.

Everything below ``sorter_core.extraction`` logs through the standard library; :func:`configure`
gives these loggers their form. What a person must never find in a log is taken out of the finished
line, so that it makes no difference who wrote it there: a URL of a proxy in an error text of
yt-dlp, say.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from pydantic import SecretStr

from sorter_core.settings import Settings

ROOT = "sorter_core.extraction"
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that is being answered; tasks and threads started for it inherit it."""

_TALKATIVE = ("httpx", "httpx2")
"""Libraries that log each address they ask, with the password that may stand in it."""
_USERINFO = re.compile(r"(?<=://)[^/@\s\"']+(?=@)")
_PASSWORD = re.compile(r"://[^/@\s]*?:([^/@\s]+)@")
_HIDDEN = "***"
_SHORTEST = 4
"""Characters; shorter secrets would tear holes into ordinary words, and protect nothing."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Takes secrets out of a text: those of the settings, and passwords within addresses.

    >>> Redactor(Settings(_env_file=None, API_KEY="swordfish"))("key swordfish, http://me:pw@proxy:1")
    'key ***, http://***@proxy:1'
    """

    def __init__(self, settings: Settings) -> None:
        said = {form for secret in _secrets(settings) for form in _forms(secret)}
        # the longest first: one may contain another
        self._secrets = sorted((form for form in said if len(form) >= _SHORTEST), key=len)[::-1]

    def __call__(self, text: str) -> str:
        """Give the text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _USERINFO.sub(_HIDDEN, text) if "://" in text else text


def _secrets(settings: Settings) -> Iterable[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()


def _forms(secret: str) -> Iterable[str]:
    """A secret as it may stand in a line: as it is, within JSON, within an address; of an address its password."""
    yield from (secret, secret.strip(), json.dumps(secret, ensure_ascii=False)[1:-1])
    if "://" not in secret:
        yield quote(secret, safe="")
    elif (found := _PASSWORD.search(secret)) is not None:
        yield from (found[1], unquote(found[1]))


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, event, request_id, and what ``extra`` gave."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write the line; a traceback is one of its fields, so that it stays one line."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "request_id": request_id.get(),
            **{key: value for key, value in vars(record).items() if key not in _STANDARD},
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        said = {key: value for key, value in fields.items() if value is not None}
        return self._redact(_ENCODER.encode(said))


def configure(settings: Settings) -> None:
    """Send the log lines of this package to standard error, from LOG_LEVEL up; once more replaces it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(Redactor(settings)))
    logger = logging.getLogger(ROOT)
    logger.handlers = [handler]
    logger.setLevel(settings.log_level.upper())
    logger.propagate = False
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
