"""Links that are looked up side by side in the background, and files of what they told."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from sorter_core.errors import SorterError
from sorter_core.extraction.answers import Extraction
from sorter_core.extraction.errors import ExtractionError
from sorter_core.extraction.service import Extractor
from sorter_core.extraction.thumbnails import AnalyserName
from sorter_core.extraction.thumbnails.vocabulary import Language

MOST = 50
"""Links to be looked up at once; whoever has more wants the command line."""
_SIDE = 320
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted beside the metadata."""

    analysis: bool
    captions: bool
    language: Language
    analyser: AnalyserName | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a link told: either an answer, with its thumbnail as JPEG where it could be had, or why not."""

    answer: Extraction | None = None
    picture: bytes | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A link, and what it will have told."""

    url: str
    told: Future[Told]


def links_in(text: str) -> list[str]:
    r"""The links of a text, one by one, each once.

    >>> links_in("vm.tiktok.com/a, vm.tiktok.com/b\nvm.tiktok.com/a")
    ['vm.tiktok.com/a', 'vm.tiktok.com/b']
    """
    return list(dict.fromkeys(text.replace(",", " ").split()))


def start(extractor: Extractor, urls: Sequence[str], wishes: Wishes) -> list[Lookup]:
    """Have all links looked up at the same time; none of the futures ever raises."""
    return [Lookup(url, _threads().submit(_look_up, extractor, url, wishes)) for url in urls]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8, thread_name_prefix="lookups")


def _look_up(extractor: Extractor, url: str, wishes: Wishes) -> Told:
    try:
        order = extractor.order(
            url,
            thumbnail=wishes.analysis,
            transcript=wishes.captions,
            language=wishes.language,
            analyser=wishes.analyser,
            captions=wishes.language,
        )
        answer = Extraction.model_validate_json(extractor.answer(order).json())
    except SorterError as error:
        return Told(problem=str(error))
    return Told(answer, _picture(extractor, answer.thumbnail_url))


def _picture(extractor: Extractor, url: str | None) -> bytes | None:
    """The thumbnail, drawn anew: what the browser gets holds pixels and nothing else."""
    from sorter_core.extraction.thumbnails.picture import decode, encode

    if url is None:
        return None
    try:
        return encode(decode(extractor.source().fetch_thumbnail(url)), _SIDE)
    except ExtractionError:
        return None


def as_json(answers: Sequence[Extraction]) -> str:
    """The answers as one JSON list, for persons too."""
    return json.dumps(
        [answer.model_dump(mode="json") for answer in answers], indent=2, ensure_ascii=False
    )


def as_csv(answers: Sequence[Extraction]) -> str:
    """The answers as a table; lists are written with blanks between, parts of a part by their last name."""
    rows = [_flat(answer) for answer in answers]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(answer: Extraction) -> dict[str, object]:
    fields = answer.model_dump(mode="json", exclude={"thumbnail_analysis", "transcript"})
    if answer.thumbnail_analysis:
        fields |= answer.thumbnail_analysis.model_dump(mode="json")
    if answer.transcript:
        fields["transcript"] = answer.transcript.text
    return {key: _cell(value) for key, value in fields.items()}


def _cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula is told to be text (OWASP, CSV injection)."""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
