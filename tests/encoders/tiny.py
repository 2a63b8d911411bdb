"""Tiny models with the inputs and outputs of those that are downloaded, put where these would lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

VOCABULARY = [
    "a",
    "photo",
    "video",
    "of",
    "cat",
    "dog",
    "cooking",
    "red",
    "blue",
    "green",
    "football",
]
START, END = "<|startoftext|>", "<|endoftext|>"
LONGEST = 77


def clip(models: Path, seed: int = 0) -> Path:
    """Both towers of CLIP: 3 x 224 x 224 pixels, or tokens, to 512 numbers."""
    vision, text = models / "clip-ViT-B-32-vision", models / "clip-ViT-B-32-text"
    for folder in (vision, text):
        folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    _vision(vision / "model.onnx", rng)
    _preprocessor(vision / "preprocessor_config.json")
    _text(text / "model.onnx", rng)
    _tokenizer(text)
    return models


def _vision(path: Path, rng: np.random.Generator) -> None:
    from onnx import TensorProto, helper

    pool = {"kernel_shape": [56, 56], "strides": [56, 56]}
    nodes = [
        helper.make_node("AveragePool", ["pixel_values"], ["places"], **pool),
        helper.make_node("Flatten", ["places"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["image_embeds"]),
    ]
    given = _value("pixel_values", TensorProto.FLOAT, ["batch", 3, 224, 224])
    answer = _value("image_embeds", TensorProto.FLOAT, ["batch", 512])
    _save(path, nodes, [given], answer, {"weights": rng.normal(size=(48, 512))})


def _text(path: Path, rng: np.random.Generator) -> None:
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["tokens"]),
        helper.make_node("ReduceSum", ["tokens", "axis"], ["text_embeds"], keepdims=0),
    ]
    ids = _value("input_ids", TensorProto.INT64, ["batch", "length"])
    answer = _value("text_embeds", TensorProto.FLOAT, ["batch", 512])
    table = rng.normal(size=(len(VOCABULARY) + 3, 512))
    _save(path, nodes, [ids], answer, {"table": table, "axis": np.array([1], np.int64)})


def _value(name: str, kind: int, shape: list[Any]) -> Any:
    from onnx import helper

    return helper.make_tensor_value_info(name, kind, shape)


def _save(
    path: Path, nodes: list[Any], inputs: list[Any], output: Any, weights: dict[str, Any]
) -> None:
    import onnx
    from onnx import helper, numpy_helper

    tensors = [
        numpy_helper.from_array(a.astype(np.float32) if a.dtype == np.float64 else a, name)
        for name, a in weights.items()
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)


def _preprocessor(path: Path) -> None:
    """As transformers' CLIPImageProcessor writes it."""
    config = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": 224},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": 224, "width": 224},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.25, 0.25, 0.25],
        "do_convert_rgb": True,
    }
    path.write_text(json.dumps(config))


def _tokenizer(folder: Path) -> None:
    """Whole words for CLIP's pieces; the two marks around a text and the 77 tokens are CLIP's."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    ids = {word: number for number, word in enumerate([*VOCABULARY, "<unk>", START, END])}
    tokenizer = Tokenizer(models.WordLevel(ids, "<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [(START, ids[START]), (END, ids[END])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=marks
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"model_max_length": LONGEST, "pad_token": END}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": ids[END]}))


def yamnet(models: Path, seed: int = 0, classes: int = 521) -> Path:
    """YAMNet as MediaPipe offers it: 15,600 samples in, a score 0..1 for each class out."""
    from ai_edge_litert import schema_py_generated as schema

    weights = np.random.default_rng(seed).normal(0, 0.3, (classes, 600)).astype(np.float32)
    graph = _Graph(schema)
    wave = graph.tensor("waveform", [15_600])
    rows = graph.tensor("rows", [26, 600])
    scores = graph.tensor("scores", [26, classes])
    mean = graph.tensor("mean", [1, classes])
    answer = graph.tensor("answer", [1, classes])
    shape = graph.tensor("shape", [2], np.array([26, 600], np.int32))
    axis = graph.tensor("axis", [1], np.array([0], np.int32))
    graph.add("RESHAPE", [wave, shape], [rows])
    dense = graph.tensor("dense", list(weights.shape), weights)
    graph.add("FULLY_CONNECTED", [rows, dense], [scores], schema.FullyConnectedOptionsT())
    keep = schema.ReducerOptionsT()
    keep.keepDims = True
    graph.add("MEAN", [scores, axis], [mean], keep)
    graph.add("LOGISTIC", [mean], [answer])
    models.mkdir(parents=True, exist_ok=True)
    (models / "yamnet.tflite").write_bytes(graph.packed([wave], [answer]))
    return models


class _Graph:
    """Puts a TensorFlow Lite file together, from its schema's own classes."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self.model, self.graph = schema.ModelT(), schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.version, self.model.operatorCodes = 3, []
        self.model.buffers = [schema.BufferT()]  # the first is the empty one, by convention

    def tensor(self, name: str, shape: list[int], content: Any = None) -> int:
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape = name, shape
        kinds = self.schema.TensorType
        whole = content is not None and content.dtype == np.int32
        tensor.type = kinds.INT32 if whole else kinds.FLOAT32
        tensor.buffer = 0
        if content is not None:
            buffer = self.schema.BufferT()
            buffer.data = np.frombuffer(content.tobytes(), np.uint8)
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def add(self, kind: str, inputs: list[int], outputs: list[int], options: Any = None) -> None:
        code = self.schema.OperatorCodeT()
        code.builtinCode = getattr(self.schema.BuiltinOperator, kind)
        code.deprecatedBuiltinCode, code.version = code.builtinCode, 1
        operator = self.schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes)
        operator.inputs, operator.outputs = inputs, outputs
        if options is not None:
            name = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, name)
            operator.builtinOptions = options
        self.model.operatorCodes.append(code)
        self.graph.operators.append(operator)

    def packed(self, inputs: list[int], outputs: list[int]) -> bytes:
        import flatbuffers

        self.graph.inputs, self.graph.outputs = inputs, outputs
        self.model.subgraphs = [self.graph]
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


SAYS = ["<|0.00|>", "ĠHello", "Ġcats", "<|1.00|>", "<|endoftext|>"]
"""What the tiny Whisper hears in whatever sounds like a voice, step by step."""


def whisper(models: Path, size: str = "base") -> Path:
    """Whisper as faster-whisper reads it: one layer each, saying the same whatever it hears."""
    from ctranslate2.specs import WhisperSpec
    from tokenizers import pre_tokenizers

    marks = "startoftranscript translate transcribe startoflm startofprev nospeech notimestamps"
    named = [f"<|{mark}|>" for mark in marks.split()]
    times = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = ["ĠHello", "Ġcats", *letters, "<|endoftext|>", *named, *times]
    spec = WhisperSpec(1, 2, 1, 2)
    _fill_whisper(spec, tokens)
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    folder = models / f"faster-whisper-{size}"
    folder.mkdir(parents=True)
    spec.validate()
    spec.save(str(folder))
    _whisper_tokenizer(folder / "tokenizer.json", tokens)
    return models


def _fill_whisper(spec: Any, tokens: list[str], wide: int = 16) -> None:
    """Layers that pass on what they get; each place in the text asks for its own token."""
    places = np.zeros((448, wide), np.float32)
    places[: len(SAYS)] = np.eye(len(SAYS), wide)
    wanted = np.zeros((len(tokens), wide), np.float32)
    for place, token in enumerate(SAYS):
        wanted[tokens.index(token), place] = 20
    encoder, decoder = spec.encoder, spec.decoder
    for conv, depth in ((encoder.conv1, 80), (encoder.conv2, wide)):
        conv.weight, conv.bias = np.zeros((wide, depth, 3), np.float32), np.zeros(wide, np.float32)
    encoder.position_encodings.encodings = np.zeros((1500, wide), np.float32)
    decoder.position_encodings.encodings = places
    decoder.embeddings.weight = np.zeros((len(tokens), wide), np.float32)
    decoder.projection.weight = wanted
    for half in (encoder, decoder):
        _norm(half.layer_norm, wide)
        for layer in half.layer:
            for attention, sizes in _attentions(layer, wide):
                _norm(attention.layer_norm, wide)
                for linear, size in zip(attention.linear, sizes, strict=True):
                    _zero(linear, size, wide)
            _norm(layer.ffn.layer_norm, wide)
            _zero(layer.ffn.linear_0, wide, wide)
            _zero(layer.ffn.linear_1, wide, wide)


def _attentions(layer: Any, wide: int) -> list[tuple[Any, list[int]]]:
    found = [(layer.self_attention, [3 * wide, wide])]
    if hasattr(layer, "attention"):
        found.append((layer.attention, [wide, 2 * wide, wide]))
    return found


def _norm(norm: Any, wide: int) -> None:
    norm.gamma, norm.beta = np.ones(wide, np.float32), np.zeros(wide, np.float32)


def _zero(linear: Any, size: int, wide: int) -> None:
    linear.weight, linear.bias = np.zeros((size, wide), np.float32), np.zeros(size, np.float32)


def _whisper_tokenizer(path: Path, tokens: list[str]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    ids = {token: number for number, token in enumerate(tokens)}
    words = {token: number for token, number in ids.items() if not token.startswith("<|")}
    tokenizer = Tokenizer(models.BPE(words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in tokens if t not in words])
    tokenizer.save(str(path))
