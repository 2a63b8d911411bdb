"""What is asked for: judged and complete, so that equal orders have equal keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sorter_core.extraction.cache import key_of
from sorter_core.extraction.links import Link
from sorter_core.extraction.thumbnails import AnalyserName
from sorter_core.extraction.thumbnails.vocabulary import Language

FORM = 1
"""Of the answers: raised when their fields change, so that a new program reads no old ones."""


@dataclass(frozen=True, slots=True)
class Order:
    """One video, and what is wanted of it.

    ``analyser`` is None where no analysis is wanted; ``captions`` the language of the transcript
    (None: the video's own). Answers up to ``max_age`` seconds old will do.
    """

    kind: Literal["extraction", "transcript", "thumbnail"]
    link: Link
    max_age: float
    language: Language = "en"
    analyser: AnalyserName | None = None
    transcript: bool = False
    captions: str | None = None

    def key(self, analysis: str | None, longest: int) -> str:
        """Everything that changes the answer.

        ``analysis`` identifies the analyser and its words; ``longest`` is the limit of a video in
        seconds, since an answer in Redis may be of another program's making.
        """
        # a page tells a video's true address, captions do not: theirs is the link itself
        by_id = None if self.kind == "transcript" else self.link.video_id
        return key_of(
            form=FORM,
            kind=self.kind,
            video=by_id or self.link.url,
            longest=longest,
            analysis=analysis,
            transcript=self.transcript,
            captions=self.captions if self.transcript else None,
        )
