"""What is known of a video in words."""

from typing import Any, Self

from pydantic import BaseModel, Field

from api.models.base import example
from sorter_core.words import Words

_LINE: dict[str, Any] = {"start": 0.6, "end": 2.1, "text": "Look what she did again."}


class LineOut(BaseModel):
    """A few words, and the seconds of the video at which they are said."""

    model_config = example(**_LINE)
    start: float
    end: float
    text: str


class TextsOut(BaseModel):
    """All that is known; what nobody knows is null, or an empty list."""

    model_config = example(
        filename="7301234567890123456.mp4",
        folder=None,
        caption="My cat learns to open doors #cats",
        author="catlady",
        sound="original sound - catlady",
        hashtags=["cats"],
        transcript=[_LINE],
        screen=["part 2?"],
    )
    filename: str
    folder: str | None = Field(description="where the video lies; null: unsorted")
    caption: str | None
    author: str | None
    sound: str | None = Field(description="the name of the track")
    hashtags: list[str] = Field(description="lower-case, without `#`")
    transcript: list[LineOut] = Field(description="what is said, in its order")
    screen: list[str] = Field(description="the lines that are written in the pictures")

    @classmethod
    def of(cls, words: Words) -> Self:
        """Copy it into an answer."""
        return cls.model_validate(words)


class AgainOut(BaseModel):
    """Videos whose words a lesser model read than the one here now."""

    model_config = example(encoder="speech", model="Whisper base", videos=132, waiting=132)
    encoder: str
    model: str | None = Field(description="the better model; null where there is none here")
    videos: int
    waiting: int = Field(description="of them, those that the next analysis is to read again")
