"""Reads PyTorch's old (non-zip) checkpoints without PyTorch, and without unpickling.

Such a file is five pickles (magic number, protocol, system, the object, the storages' keys) and then
the storages' raw bytes: ``torch.serialization._legacy_save``. A pickle is a program that may call
anything. Here its opcodes are only *listed* (``pickletools.genops`` runs nothing) and walked by a
machine that knows the few needed for a dict of tensors. Any other opcode, name or call is refused.
"""

from __future__ import annotations

import math
import pickletools
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
"""``torch.serialization.MAGIC_NUMBER``."""
PROTOCOL = 1001
"""``torch.serialization.PROTOCOL_VERSION``."""
STORAGES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
DICT = "collections OrderedDict"
TENSOR = "torch._utils _rebuild_tensor_v2"

_MARK = object()


class BadCheckpoint(ValueError):
    """The file is no checkpoint of plain tensors."""


class _Name(NamedTuple):
    text: str


class _Storage(NamedTuple):
    key: str
    dtype: str
    size: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read(data: bytes) -> dict[str, NDArray[Any]]:
    """The tensors of a checkpoint by name, little-endian.

    Raises BadCheckpoint for anything but a dict of dense float32 or int64 tensors.
    """
    file = BytesIO(data)
    if _load(file) != MAGIC or _load(file) != PROTOCOL:
        raise BadCheckpoint("it does not begin like a PyTorch checkpoint")
    _load(file)  # the writer's type sizes: the sizes here are those of STORAGES
    tensors, keys = _load(file), _load(file)
    if not isinstance(tensors, dict) or not isinstance(keys, list):
        raise BadCheckpoint("it holds no dict of tensors")
    if not all(isinstance(tensor, _Tensor) for tensor in tensors.values()):
        raise BadCheckpoint("it holds something that is no tensor")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    if sorted(storages) != sorted(map(str, keys)):
        raise BadCheckpoint("its storages are not those that its tensors lie in")
    raw = {key: _storage(file, storages[key]) for key in keys}
    return {str(name): _array(tensor, raw[tensor.storage.key]) for name, tensor in tensors.items()}


def _load(file: BytesIO) -> Any:
    """Walk one pickle; the file then stands behind it."""
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(file):
            machine.step(opcode.name, argument)
        return machine.stack.pop()
    except BadCheckpoint:
        raise
    except (ValueError, LookupError, TypeError) as error:
        raise BadCheckpoint(f"it is damaged: {error}") from error


class _Machine:
    """The stack of the pickle machine, for dicts, lists, tuples, numbers, strings and tensors."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do one opcode; raise BadCheckpoint for one that a dict of tensors does not need."""
        if name in _PUSH:
            self.stack.append(_PUSH[name](argument))
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = self.stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[argument])
        elif name in _COLLECT:
            _COLLECT[name](self)
        elif name == "GLOBAL":
            self.stack.append(_name(argument))
        elif name not in ("PROTO", "STOP"):
            raise BadCheckpoint(f"the opcode {name} has no place in a dict of tensors")

    def items(self) -> list[Any]:
        """Pop everything above the last mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
        taken = self.stack[at + 1 :]
        del self.stack[at:]
        return taken

    def pop(self, count: int) -> tuple[Any, ...]:
        taken = tuple(self.stack[-count:])
        del self.stack[-count:]
        return taken

    def tuple_of(self, count: int) -> None:
        self.stack.append(self.pop(count))

    def set_items(self, pairs: list[Any] | tuple[Any, ...]) -> None:
        target = self.stack[-1]
        if type(target) is not dict:
            raise BadCheckpoint("items are set on what is no dict")
        target.update(zip(pairs[::2], pairs[1::2], strict=True))

    def append_all(self) -> None:
        values = self.items()
        if type(self.stack[-1]) is not list:
            raise BadCheckpoint("values are appended to what is no list")
        self.stack[-1].extend(values)

    def reduce(self) -> None:
        called, arguments = self.pop(2)
        if called == _Name(DICT) and arguments == ():
            self.stack.append({})
        elif called == _Name(TENSOR):
            self.stack.append(_tensor(*arguments))
        else:
            raise BadCheckpoint("a call is refused")

    def storage(self) -> None:
        kind, scalar, key, _, size, _ = self.stack.pop()
        known = isinstance(scalar, _Name) and scalar.text in STORAGES
        if kind != "storage" or not known or not isinstance(key, str) or not _counts(size):
            raise BadCheckpoint("a storage is refused")
        self.stack.append(_Storage(key, STORAGES[scalar.text], size))

    def build(self) -> None:
        """Drop the state of the dict itself (``_metadata``: versions of modules)."""
        self.stack.pop()


_PUSH: dict[str, Any] = {
    "MARK": lambda _: _MARK,
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_DICT": lambda _: {},
    "EMPTY_LIST": lambda _: [],
    "EMPTY_TUPLE": lambda _: (),
} | dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"), lambda value: value)

_COLLECT: dict[str, Any] = {
    "TUPLE": lambda m: m.stack.append(tuple(m.items())),
    "TUPLE1": lambda m: m.tuple_of(1),
    "TUPLE2": lambda m: m.tuple_of(2),
    "TUPLE3": lambda m: m.tuple_of(3),
    "SETITEM": lambda m: m.set_items(m.pop(2)),
    "SETITEMS": lambda m: m.set_items(m.items()),
    "APPENDS": _Machine.append_all,
    "REDUCE": _Machine.reduce,
    "BINPERSID": _Machine.storage,
    "BUILD": _Machine.build,
}


def _name(text: str) -> _Name:
    if text not in {DICT, TENSOR, *STORAGES}:
        raise BadCheckpoint(f"the name {text!r} has no place in a dict of tensors")
    return _Name(text)


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """What ``_rebuild_tensor_v2`` is called with; gradients and hooks are of no use here."""
    if not isinstance(storage, _Storage) or not _counts(offset, *shape, *strides):
        raise BadCheckpoint("a tensor is refused")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _counts(*numbers: object) -> bool:
    return all(isinstance(number, int) and 0 <= number < 1 << 40 for number in numbers)


def _storage(file: BytesIO, storage: _Storage) -> NDArray[Any]:
    """The next storage: its element count (int64), then the elements."""
    dtype = np.dtype(storage.dtype)
    count = int.from_bytes(file.read(8), "little")
    raw = file.read(storage.size * dtype.itemsize)
    if count != storage.size or len(raw) != storage.size * dtype.itemsize:
        raise BadCheckpoint("it ends too early")
    return np.frombuffer(raw, dtype)


def _array(tensor: _Tensor, values: NDArray[Any]) -> NDArray[Any]:
    """Cut a tensor out of its storage. It may lie there in another order (here TensorFlow's)."""
    shape, strides = tensor.shape, tensor.strides
    if len(shape) != len(strides) or 0 in shape or math.prod(shape) > values.size:
        raise BadCheckpoint("a tensor has an impossible shape")
    reach = sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    if tensor.offset + reach >= values.size:
        raise BadCheckpoint("a tensor reaches beyond its storage")
    steps = [stride * values.itemsize for stride in strides]
    return as_strided(values[tensor.offset :], shape, steps, writeable=False)
