"""What a thumbnail shows, in words: by the analyser on this machine, or by a vision model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from sorter_core.extraction.thumbnails.analysis import Analyser, AnalyserName, ThumbnailAnalysis
from sorter_core.settings import Settings

if TYPE_CHECKING:
    from sorter_core.extraction.thumbnails.zero_shot import Describer, Eyes

__all__ = ["Analyser", "AnalyserName", "ThumbnailAnalysis", "available", "default"]


def available(settings: Settings) -> Mapping[AnalyserName, Analyser]:
    """Give the analysers that the settings allow; the vision model needs a key or an address.

    >>> list(available(Settings(_env_file=None, OPENAI_BASE_URL="http://127.0.0.1:1234/v1")))
    ['local', 'vision']
    """
    from sorter_core.extraction.thumbnails.local import LocalAnalyser
    from sorter_core.extraction.thumbnails.vision import VisionAnalyser

    found: dict[AnalyserName, Analyser] = {"local": LocalAnalyser(describer=_describer(settings))}
    if settings.openai_api_key or settings.openai_base_url:
        found["vision"] = VisionAnalyser(settings)
    return found


def _describer(settings: Settings) -> Describer | None:
    """By the model of the ``clip`` encoder, where that is on this machine; nothing is fetched."""
    from sorter_core import encoders
    from sorter_core.extraction.thumbnails.zero_shot import Describer

    clip = encoders.make("clip", settings.cache_dir, settings.models_dir)
    return Describer(cast("Eyes", clip)) if clip.unavailable() is None else None


def default(analysers: Mapping[AnalyserName, Analyser]) -> AnalyserName:
    """Give the analyser for those who name none: who set a vision model up wants it used."""
    return "vision" if "vision" in analysers else "local"
