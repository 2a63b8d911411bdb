"""EfficientNet-Lite0 as an ONNX graph, from the tensors of its PyTorch checkpoint.

The network is EfficientNet-B0 (Tan & Le 2019, arXiv:1905.11946) without squeeze-and-excitation, with
ReLU6 for swish: the "Lite" variant of TensorFlow's TPU repository (``efficientnet/lite``). The
weights were trained there, so convolutions pad as TensorFlow's "SAME" does (more at the end) and
batch norm adds 1e-3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

INPUT = "frames"
"""(n, 3, 224, 224): RGB, -1..1."""
FEATURES = "features"
"""(n, 1280): the last feature map, averaged over the picture."""
REGIONS = "regions"
"""(n, 2, 1280): the same map, averaged over the middle of the picture, and over the rest."""
LOGITS = "logits"
"""(n, 1000): ImageNet's classes in their usual order, before softmax."""
SIDE = 224
DIM = 1280
CLASSES = 1000
PLACES = 7
"""The last feature map is 7 x 7."""
MIDDLE = slice(2, 5)

OPSET = 17
IR_VERSION = 8
"""Old enough for every onnxruntime that the requirements allow."""
EPSILON = 1e-3
BLOCKS = 16
STRIDED = (1, 3, 5, 11)
"""The blocks that halve the picture (the paper's table 1)."""
RESIDUAL = (2, 4, 6, 7, 9, 10, 12, 13, 14)
"""The blocks whose output is as big as their input, so that the input can be added."""

Tensors = Mapping[str, NDArray[Any]]


def build(tensors: Tensors) -> Any:
    """The ``onnx.ModelProto``: INPUT -> FEATURES, REGIONS and LOGITS."""
    from onnx import checker, helper

    graph = _Graph(tensors)
    network = helper.make_graph(
        graph.network(),
        "efficientnet-lite0",
        [_tensor(INPUT, 3, SIDE, SIDE)],
        [_tensor(FEATURES, DIM), _tensor(REGIONS, 2, DIM), _tensor(LOGITS, CLASSES)],
        graph.weights,
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(network, opset_imports=[opset], ir_version=IR_VERSION)
    checker.check_model(model)
    return model


def folded(tensors: Tensors, conv: str, norm: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """(kernel, bias) of a convolution that does its batch norm's work too."""
    scale = tensors[f"{norm}.weight"] / np.sqrt(tensors[f"{norm}.running_var"] + EPSILON)
    bias = tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale
    return tensors[f"{conv}.weight"] * scale[:, None, None, None], bias


def pooling() -> NDArray[np.float32]:
    """(49, 2): what each place of the feature map adds to the middle, and to the rest."""
    middle = np.zeros((PLACES, PLACES), np.float32)
    middle[MIDDLE, MIDDLE] = 1
    both = np.stack([middle.ravel(), 1 - middle.ravel()], axis=1)
    return np.asarray(both / both.sum(axis=0), np.float32)


def _tensor(name: str, *shape: int) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])


class _Graph:
    """Nodes and weights in the making; a method adds some and gives its output's name."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def network(self) -> list[Any]:
        """The nodes of the whole network."""
        self._constant("zero", 0.0)
        self._constant("six", 6.0)
        x = self._convolve(INPUT, "_conv_stem", "_bn0", stride=2)
        for index in range(BLOCKS):
            x = self._block(x, index)
        x = self._convolve(x, "_conv_head", "_bn1")
        features = self._add("Flatten", self._add("GlobalAveragePool", x), output=FEATURES)
        weight, bias = (self._constant(name, self.tensors[name]) for name in _CLASSIFIER)
        self._add("Gemm", features, weight, bias, output=LOGITS, transB=1)
        shape = self._constant("shape", [0, DIM, PLACES * PLACES], np.int64)
        places = self._add("Reshape", x, shape)
        regions = self._add("MatMul", places, self._constant("pooling", pooling()))
        self._add("Transpose", regions, output=REGIONS, perm=[0, 2, 1])
        return self.nodes

    def _block(self, x: str, index: int) -> str:
        """An inverted residual block: widen, filter each channel, narrow, add the input."""
        here = f"_blocks.{index}"
        y = x
        if f"{here}._expand_conv.weight" in self.tensors:
            y = self._convolve(y, f"{here}._expand_conv", f"{here}._bn0")
        stride = 2 if index in STRIDED else 1
        y = self._convolve(y, f"{here}._depthwise_conv", f"{here}._bn1", stride=stride)
        y = self._convolve(y, f"{here}._project_conv", f"{here}._bn2", relu=False)
        return self._add("Add", x, y) if index in RESIDUAL else y

    def _convolve(self, x: str, conv: str, norm: str, *, stride: int = 1, relu: bool = True) -> str:
        """A convolution with its batch norm folded in, and ReLU6 behind it."""
        kernel, bias = folded(self.tensors, conv, norm)
        x = self._add(
            "Conv",
            x,
            self._constant(f"{conv}.weight", kernel),
            self._constant(f"{conv}.bias", bias),
            kernel_shape=kernel.shape[2:],
            strides=[stride, stride],
            auto_pad="SAME_UPPER",
            group=kernel.shape[0] if kernel.shape[1] == 1 else 1,
        )
        return self._add("Clip", x, "zero", "six") if relu else x

    def _add(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        output = output or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def _constant(self, name: str, values: Any, dtype: type = np.float32) -> str:
        from onnx import numpy_helper

        array = np.ascontiguousarray(values, dtype).reshape(np.shape(values))
        self.weights.append(numpy_helper.from_array(array, name))
        return name


_CLASSIFIER = ("_fc.weight", "_fc.bias")
