"""A transducer as sherpa-onnx takes it, so small that its words are known: "chào bác"."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TOKENS = ("<blk>", "<unk>", "▁CHÀO", "▁BÁC")
AFTER = {0: 2, 2: 3, 3: 0, 1: 0}
"""Which token follows which: the decoder alone decides."""


def make(folder: Path) -> None:
    """Write encoder, decoder, joiner and tokens into `folder`."""
    size = len(TOKENS)
    (folder / "tokens.txt").write_text(
        "".join(f"{token} {at}\n" for at, token in enumerate(TOKENS)), encoding="utf-8"
    )
    _save(folder / "encoder-epoch-1.onnx", _encoder(size), {"model_type": "zipformer2"})
    _save(folder / "decoder-epoch-1.onnx", _decoder(size), {"vocab_size": str(size), "context_size": "2"})
    _save(folder / "joiner-epoch-1.onnx", _joiner(size), {"joiner_dim": str(size)})


def _value(name: str, kind: int, *shape: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _encoder(size: int) -> onnx.GraphProto:
    """[N, T, 80] → [N, T, size] of nought: what is heard changes nothing."""
    weights = numpy_helper.from_array(np.zeros((80, size), np.float32), "weights")
    return helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "weights"], ["encoder_out"]),
            helper.make_node("Identity", ["x_lens"], ["encoder_out_lens"]),
        ],
        "encoder",
        [_value("x", TensorProto.FLOAT, "N", "T", 80), _value("x_lens", TensorProto.INT64, "N")],
        [
            _value("encoder_out", TensorProto.FLOAT, "N", "T", size),
            _value("encoder_out_lens", TensorProto.INT64, "N"),
        ],
        [weights],
    )


def _decoder(size: int) -> onnx.GraphProto:
    """The last token → a row that wants the next one."""
    table = np.full((size, size), -5.0, np.float32)
    for last, following in AFTER.items():
        table[last, following] = 5.0
    return helper.make_graph(
        [
            helper.make_node("Gather", ["y", "last"], ["token"], axis=1),
            helper.make_node("Gather", ["table", "token"], ["decoder_out"], axis=0),
        ],
        "decoder",
        [_value("y", TensorProto.INT64, "N", 2)],
        [_value("decoder_out", TensorProto.FLOAT, "N", size)],
        [numpy_helper.from_array(np.array(1), "last"), numpy_helper.from_array(table, "table")],
    )


def _joiner(size: int) -> onnx.GraphProto:
    return helper.make_graph(
        [helper.make_node("Add", ["encoder_out", "decoder_out"], ["logit"])],
        "joiner",
        [
            _value("encoder_out", TensorProto.FLOAT, "N", size),
            _value("decoder_out", TensorProto.FLOAT, "N", size),
        ],
        [_value("logit", TensorProto.FLOAT, "N", size)],
    )


def _save(path: Path, graph: onnx.GraphProto, facts: dict[str, str]) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    helper.set_model_props(model, facts)
    onnx.save(model, str(path))
