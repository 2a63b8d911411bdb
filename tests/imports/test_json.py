"""JSON that is read piece by piece: where the pieces meet, nothing is lost and no word is changed."""

from __future__ import annotations

import io
import json
import random

import pytest

from sorter_core.imports import _json
from sorter_core.imports._json import objects

HUGE = "9" * 25


class Crumbs:
    """A stream that gives a few bytes at a time."""

    def __init__(self, content: bytes, seed: int) -> None:
        self._stream, self._random = io.BytesIO(content), random.Random(seed)

    def read(self, _size: int = -1, /) -> bytes:
        return self._stream.read(self._random.randrange(1, 12))


def test_a_huge_number_in_a_caption_is_a_word() -> None:
    """Only a number that stands for itself becomes null."""
    text = {"a": f'"so {HUGE} times', "b": f"[1, {HUGE}]", "c": "x 9e999 \\"}
    notes: list[str] = []
    assert list(objects(io.BytesIO(json.dumps(text).encode()), notes, "x")) == [((), text)]
    assert notes == []


@pytest.mark.parametrize("shift", range(-3, 4))
def test_a_huge_number_at_the_end_of_a_block_ends_nothing(shift: int) -> None:
    """What stands behind it is read, wherever the file is cut into blocks."""
    head, tail = '{"p": "', f'", "n": {HUGE},'
    filler = "a" * (_json._BLOCK - len(head) - len(tail) + shift)
    notes: list[str] = []
    document = f'{head}{filler}{tail} "z": [{{"k": 1}}]}}'
    assert (("z",), {"k": 1}) in list(objects(io.BytesIO(document.encode()), notes, "x"))
    assert notes == []


@pytest.mark.parametrize("seed", range(100))
def test_wherever_it_is_cut_the_document_is_the_same(seed: int) -> None:
    """But for the huge numbers, and for these only outside of texts."""
    drawn = random.Random(seed)
    pieces = ['"', "\\", HUGE, " ", "9e999", "a", "é", "\n", ",", ":", "[", "12", "]", "-"]
    texts = ["".join(drawn.choices(pieces, k=drawn.randrange(12))) for _ in range(9)]
    document = json.dumps([[text, int(HUGE), 12.5, -int(HUGE)] for text in texts])
    tamed = _json._Tamed(Crumbs(document.encode(), seed))
    read = b"".join(iter(tamed.read, b""))
    assert json.loads(read) == [[text, None, 12.5, None] for text in texts]
