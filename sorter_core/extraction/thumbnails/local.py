"""The analyser that is always there: OpenCV, and a small face network; nothing leaves the machine.

Where the ``clip`` encoder's model is on the machine, that says what the picture is about as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sorter_core.extraction.thumbnails import colours, lettering, vocabulary, zero_shot
from sorter_core.extraction.thumbnails.analysis import ThumbnailAnalysis
from sorter_core.extraction.thumbnails.colours import Colours
from sorter_core.extraction.thumbnails.faces import Boxes, FaceFinder
from sorter_core.extraction.thumbnails.lettering import Line
from sorter_core.extraction.thumbnails.picture import decode
from sorter_core.extraction.thumbnails.vocabulary import Language
from sorter_core.extraction.thumbnails.zero_shot import Describer
from sorter_core.types import Frame

VERSION = 1
"""Raised whenever an answer may come out otherwise, so that old ones are not served for it."""

_SHOTS = ((0.5, "extreme_close_up"), (0.22, "close_up"), (0.1, "medium_shot"), (0.0, "wide_shot"))
"""Least height of the largest face, as part of the picture's: a head is an eighth of a figure."""
_GROUP = 3
_BIG_LETTERS, _SMALL_LETTERS = 0.045, 0.03
"""Height of a line as part of the picture's."""
_MANY_LINES = 6
_LOWER = 0.6
"""Where subtitles begin, as part of the picture's height."""
_HARD = 0.6
_CHOSEN = ("visual_style", "setting")
_CERTAINTY = {
    "color_scheme": 1.0,
    "text_overlay_style": 0.8,
    "people_count": 0.9,
    "camera_angle": 0.8,
    "hook_elements": 0.5,
    "visual_style": 0.6,
    "setting": 0.6,
}
"""How far each field can be believed where it is known; unknown ones count 0. Of what CLIP says,
its own probability takes off more."""


class LocalAnalyser:
    """Knows colours and lettering always, people and distance where a face is seen.

    ``describer`` adds style, setting and hooks. What is not on the machine at the start is not used.
    """

    def __init__(self, faces: FaceFinder | None = None, describer: Describer | None = None) -> None:
        self._faces, self._describer = faces or FaceFinder(), describer
        self._sees_faces = self._faces.unavailable() is None
        parts = ["+faces"] if self._sees_faces else []
        parts += [f"+clip-{zero_shot.VERSION}"] if describer and describer.ready else []
        self.identity = f"local-{VERSION}{''.join(parts)}"

    def analyse(self, data: bytes, language: Language) -> ThumbnailAnalysis:
        """See :class:`~sorter_core.extraction.thumbnails.analysis.Analyser`."""
        picture = decode(data)
        measured, lines = colours.measure(picture), lettering.lines(picture)
        heights = self._face_heights(picture)
        seen = self._describer.describe(picture) if self._describer else zero_shot.NOTHING
        keys: dict[str, str | None] = {
            "camera_angle": _shot(heights),
            "text_overlay_style": _overlay(lines),
            "color_scheme": measured.scheme,
            **{field: seen.choices.get(field, (None, 0.0))[0] for field in _CHOSEN},
        }
        hooks = [*_hooks(measured, lines, heights), *seen.hooks]
        known = {name: _CERTAINTY[name] for name, key in keys.items() if key}
        known |= {field: _CERTAINTY[field] * sure for field, (_, sure) in seen.choices.items()}
        known |= {"hook_elements": _CERTAINTY["hook_elements"]}
        known |= {"people_count": _CERTAINTY["people_count"]} if heights else {}
        said = vocabulary.of(language)
        return ThumbnailAnalysis(
            people_count=len(heights) or None,
            **{name: said.word(name, key) if key else None for name, key in keys.items()},
            hook_elements=tuple(said.word("hook_elements", key) for key in hooks),
            confidence_score=round(sum(known.values()) / len(_CERTAINTY), 2),
            brightness=measured.brightness,
            contrast=min(1.0, measured.contrast),
            analyser="local",
            language=language,
        )

    def _face_heights(self, picture: Frame) -> list[float]:
        """As parts of the picture's height, largest first; none says nothing: people may look away."""
        if not self._sees_faces:
            return []
        boxes: Boxes = self._faces.find(picture)
        return sorted(((boxes[:, 3] - boxes[:, 1]) / picture.shape[0]).tolist(), reverse=True)


def _shot(heights: Sequence[float]) -> str | None:
    return next((key for least, key in _SHOTS if heights[0] >= least), None) if heights else None


def _overlay(lines: Sequence[Line]) -> str:
    if not lines:
        return "none"
    if len(lines) >= _MANY_LINES:
        return "text_heavy"
    if max(line.height for line in lines) >= _BIG_LETTERS:
        return "bold_title"
    if len(lines) <= 2 and all(line.top >= _LOWER for line in lines):  # noqa: PLR2004 - subtitles have one or two lines
        return "subtitles"
    return "small_caption"


def _hooks(measured: Colours, lines: Sequence[Line], heights: Sequence[float]) -> Iterator[str]:
    """What can be known to catch the eye; what a picture is about can't."""
    if _shot(heights) in {"extreme_close_up", "close_up"}:
        yield "face_close_up"
    if len(heights) >= _GROUP:
        yield "group_of_people"
    if any(line.height >= _SMALL_LETTERS for line in lines):
        yield "large_text"
    if measured.scheme == "vivid":
        yield "vivid_colors"
    if measured.contrast >= _HARD:
        yield "strong_contrast"
