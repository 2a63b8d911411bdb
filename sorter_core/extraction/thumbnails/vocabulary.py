"""The words that an analysis may use, and the questions put to a vision model, by language."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Language = Literal["en", "id"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FIELDS = (
    "visual_style",
    "setting",
    "camera_angle",
    "text_overlay_style",
    "color_scheme",
    "hook_elements",
)
PROMPTS = ("system", "user", "again")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``words[field][key]`` is what is shown; ``prompts`` are format strings."""

    language: Language
    words: Mapping[str, Mapping[str, str]]
    prompts: Mapping[str, str]
    digest: str
    """Of the file: with other words there are other answers."""

    def word(self, field: str, key: str) -> str:
        """Give the word for a key.

        >>> of("id").word("color_scheme", "warm")
        'hangat'
        """
        return self.words[field][key]

    def allowed(self, field: str) -> tuple[str, ...]:
        """Give all words of a field."""
        return tuple(self.words[field].values())


@cache
def of(language: Language) -> Vocabulary:
    """Read the file of a language, once."""
    import yaml

    text = files(__package__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    read = yaml.safe_load(text)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Vocabulary(language, read["words"], read["prompts"], digest)
