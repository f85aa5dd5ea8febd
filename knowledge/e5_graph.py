"""A transformer of multilingual-e5-small's shape as ONNX Runtime runs it, on eight-bit numbers.

Run by the package's own engine, the same weights take four times as long (docs/decisions/0016).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from knowledge.e5_file import Sizes

# Seven bits, so that sums of products of bytes never overflow on processors without VNNI.
MOST = 2**6 - 1
# How many numbers of a state lie far beyond the others (up to fifty times): after a norm, those it
# brings furthest from the mean; in the inner layer, the one whose weights are the largest.
FAR_GAINS, FAR_INNER = 2, 1
OPSET, IR_VERSION = 17, 9
CONTRIB = "com.microsoft"

Floats = NDArray[np.float32]


class Weights(Protocol):
    """Where the weights of a model are read."""

    sizes: Sizes

    def read_floats(self, name: str) -> Floats:
        """The tensor `name`: shape (n,)."""
        ...

    def read_matrix(self, name: str, columns: int) -> Floats:
        """The matrix `name`, shape (rows, columns)."""
        ...


def open_session(weights: Weights, marked_at: int | None = None) -> onnxruntime.InferenceSession:
    """The model of these weights: from embedded words, (1, n, width), to their last states.

    With `marked_at`, a second input of that shape, `marks`, is added to what this layer reads.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # The graph is already as it should run: what ORT would merge of it is slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    graph = _Graph(weights, marked_at).to_bytes()
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class _Graph:
    """A model as an ONNX graph: from embedded words, (1, n, width), to their last states."""

    def __init__(self, file: Weights, marked_at: int | None) -> None:
        self._file = file
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []
        sizes = file.sizes
        state = self._normalise("emb.ln", ["input"])
        for layer in range(sizes.layers):
            if layer == marked_at:
                self._nodes.append(helper.make_node("Add", [state, "marks"], ["marked"]))
                state = "marked"
            state = self._add_layer(f"l{layer}", state)
        floats = TensorProto.FLOAT
        shape = [1, "n", sizes.width]
        inputs = ["input"] if marked_at is None else ["input", "marks"]
        self._graph = helper.make_graph(
            self._nodes, "e5",
            [helper.make_tensor_value_info(name, floats, shape) for name in inputs],
            [helper.make_tensor_value_info(state, floats, shape)],
            self._weights,
        )  # fmt: skip

    def to_bytes(self) -> bytes:
        """The graph as ONNX Runtime reads it."""
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(self._graph, opset_imports=opsets)
        model.ir_version = IR_VERSION
        return model.SerializeToString()

    def _add_layer(self, name: str, state: str) -> str:
        """Attention among the words, then the inner layer, each added to what came in."""
        width, inner = self._file.sizes.width, self._file.sizes.inner
        parts = [f"{name}.{part}" for part in "qkv"]
        together = self._project(parts, state, width)
        self._nodes.append(helper.make_node("Split", [together], parts, axis=-1))
        heads = self._file.sizes.heads
        mixed = self._add("MultiHeadAttention", parts, f"{name}.mixed", num_heads=heads)
        attended = self._project([f"{name}.ao"], mixed, width)
        state = self._normalise(f"{name}.aln", [attended, state])
        gains = np.abs(self._file.read_floats(f"{name}.aln.w"))
        inside = self._project_apart(f"{name}.fi", state, width, np.argsort(-gains)[:FAR_GAINS])
        wide = self._add("Gelu", [inside], f"{name}.wide")
        leaving = np.linalg.norm(self._file.read_matrix(f"{name}.fo.w", inner), axis=0)
        narrow = self._project_apart(f"{name}.fo", wide, inner, np.argsort(-leaving)[:FAR_INNER])
        return self._normalise(f"{name}.oln", [narrow, state])

    def _project_apart(self, name: str, state: str, columns: int, far: NDArray[np.intp]) -> str:
        """`state` by the matrix `name`, its numbers at `far` kept as floats.

        All numbers of a state share one scale of eight bits: those far beyond would leave the
        others a few steps only.
        """
        near = np.ones(columns, np.float32)
        near[far] = 0
        weights = self._file.read_matrix(f"{name}.w", columns)[:, far].T
        kept = [state, self._store(f"{name}.near", near)]
        picked = [state, self._store(f"{name}.far", far.astype(np.int64))]
        few = [f"{name}.few", self._store(f"{name}.few.weights", weights)]
        self._nodes += [
            helper.make_node("Mul", kept, [f"{name}.kept"]),
            helper.make_node("Gather", picked, [f"{name}.few"], axis=-1),
            helper.make_node("MatMul", few, [f"{name}.added"]),
        ]
        most = self._project([name], f"{name}.kept", columns)
        self._nodes.append(helper.make_node("Add", [most, f"{name}.added"], [f"{name}.whole"]))
        return f"{name}.whole"

    def _project(self, names: list[str], state: str, columns: int) -> str:
        """`state` by the matrices `names` side by side, on eight bits with a scale by output."""
        name = names[0]
        rows = np.concatenate([self._file.read_matrix(f"{one}.w", columns) for one in names])
        bias = np.concatenate([self._file.read_floats(f"{one}.b") for one in names])
        scales = np.maximum(np.abs(rows).max(axis=1), np.finfo(np.float32).tiny) / MOST
        whole = np.rint(rows / scales[:, None]).astype(np.int8)
        weights = [
            self._store(f"{name}.weights", whole.T),
            self._store(f"{name}.scales", scales.astype(np.float32)),
            self._store(f"{name}.zeros", np.zeros(len(rows), np.int8)),
            self._store(f"{name}.bias", bias),
        ]
        return self._add("DynamicQuantizeMatMul", [state, *weights], f"{name}.out")

    def _normalise(self, name: str, states: list[str]) -> str:
        """The sum of `states`, each place brought to the model's mean and spread.

        Twice as fast as the one operation that does both (`SkipLayerNormalization`).
        """
        gain = self._store(f"{name}.gain", self._file.read_floats(f"{name}.w"))
        shift = self._store(f"{name}.shift", self._file.read_floats(f"{name}.b"))
        if len(states) > 1:
            self._nodes.append(helper.make_node("Add", states, [f"{name}.sum"]))
            states = [f"{name}.sum"]
        made = helper.make_node(
            "LayerNormalization", [*states, gain, shift], [f"{name}.out"],
            epsilon=self._file.sizes.epsilon,
        )  # fmt: skip
        self._nodes.append(made)
        return f"{name}.out"

    def _add(self, kind: str, inputs: list[str], output: str, **settings: float) -> str:
        made = helper.make_node(kind, inputs, [output], domain=CONTRIB)
        made.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items())
        self._nodes.append(made)
        return output

    def _store(self, name: str, values: NDArray[np.generic]) -> str:
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
