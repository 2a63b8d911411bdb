"""The reader of PyTorch's checkpoints: it takes tensors, and nothing that could run."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter_core.encoders._checkpoint import BadCheckpoint, read

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
PROTOCOL = b"\x80\x02M\xe9\x03."
SYSTEM = b"\x80\x02}."
HEAD = MAGIC + PROTOCOL + SYSTEM
NO_KEYS = b"\x80\x02]."


def text(value: str) -> bytes:
    """The opcode that pushes a string."""
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def numbers(values: tuple[int, ...]) -> bytes:
    """The opcodes that push a tuple of numbers."""
    return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"


def tensor(
    size: int = 6,
    shape: tuple[int, ...] = (2, 3),
    strides: tuple[int, ...] = (3, 1),
    offset: int = 0,
    scalar: bytes = b"ctorch\nFloatStorage\n",
) -> bytes:
    """The opcodes that push a tensor lying in the storage ``0``."""
    storage = b"(" + text("storage") + scalar + text("0") + text("cpu")
    storage += b"J" + struct.pack("<i", size) + b"NtQ"
    hooks = b"ccollections\nOrderedDict\n)R"
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + (storage + b"J" + struct.pack("<i", offset) + numbers(shape) + numbers(strides))
        + b"\x89"
        + hooks
        + b"tR"
    )


def checkpoint(value: bytes, count: int = 6) -> bytes:
    """A file with one tensor ``w`` in a storage of the numbers from 0 on."""
    content = b"\x80\x02ccollections\nOrderedDict\n)R(" + text("w") + value + b"u."
    keys = b"\x80\x02](" + text("0") + b"e."
    raw = struct.pack("<q", count) + np.arange(count, dtype="<f4").tobytes()
    return HEAD + content + keys + raw


def test_tensors_come_out_by_name() -> None:
    """In their shape, also where they lie in another order or in the middle of a storage."""
    assert read(checkpoint(tensor()))["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read(checkpoint(tensor(strides=(1, 2))))["w"].tolist() == [[0, 2, 4], [1, 3, 5]]
    assert read(checkpoint(tensor(shape=(2,), strides=(1,), offset=3)))["w"].tolist() == [3, 4]


EVIL = {
    "system": b"cposix\nsystem\n" + text("touch RAN") + b"\x85R",
    "eval": b"cbuiltins\neval\n" + text("open('RAN', 'w')") + b"\x85R",
    "inst": b"(" + text("touch RAN") + b"iposix\nsystem\n",
    "obj": b"(cposix\nsystem\n" + text("touch RAN") + b"o",
    "newobj": b"csubprocess\nPopen\n" + text("touch RAN") + b"\x85\x81",
    "stack_global": text("posix") + text("system") + b"\x93" + text("touch RAN") + b"\x85R",
    "extension": b"\x82\x01)R",
    "loader": b"ctorch\nload\n" + text("http://localhost") + b"\x85R",
    "dotted": b"ccollections\nOrderedDict.fromkeys\n" + text("ab") + b"\x85R",
    "dict with content": b"ccollections\nOrderedDict\n(]tR",
}


@pytest.mark.parametrize("code", EVIL.values(), ids=EVIL.keys())
def test_a_program_is_refused_and_not_run(
    code: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a pickle can call is refused by name, in each of the ways to call it."""
    monkeypatch.chdir(tmp_path)
    for data in (checkpoint(code), HEAD + b"\x80\x02" + code + b"." + NO_KEYS):
        with pytest.raises(BadCheckpoint):
            read(data)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "value",
    [
        tensor(shape=(3, 3)),
        tensor(offset=1),
        tensor(offset=-1),
        tensor(strides=(-3, 1)),
        tensor(strides=(4, 1)),
        tensor(shape=(1000, 1000), strides=(0, 0)),
        tensor(shape=(0, 3)),
        tensor(shape=(2, 3), strides=(1,)),
        tensor(size=7),
        tensor(size=-1),
        tensor(scalar=b"ctorch\nHalfStorage\n"),
        tensor(scalar=text("torch FloatStorage")),
        text("no tensor"),
        b"N",
    ],
)
def test_what_is_no_dense_tensor_is_refused(value: bytes) -> None:
    """Above all one that would read memory beyond its storage."""
    with pytest.raises(BadCheckpoint):
        read(checkpoint(value))


def test_half_a_file_is_refused() -> None:
    """Cut off at any byte."""
    whole = checkpoint(tensor())
    for end in range(len(whole)):
        with pytest.raises(BadCheckpoint):
            read(whole[:end])


@given(st.binary(max_size=200))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    """With the one error, whatever the bytes."""
    with pytest.raises(BadCheckpoint):
        read(HEAD + b"\x80\x02" + rubbish + NO_KEYS)


@given(st.data())
def test_a_flipped_byte_is_refused_or_gives_a_tensor(data: st.DataObject) -> None:
    """It never breaks out of the one error."""
    whole = bytearray(checkpoint(tensor()))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        tensors = read(bytes(whole))
    except BadCheckpoint:
        return
    assert all(isinstance(value, np.ndarray) for value in tensors.values())
