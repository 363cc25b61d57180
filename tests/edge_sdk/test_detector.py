"""Detectors that are plugged in: a tiny exported token classifier, and how what it finds is treated."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from edge_sdk.attributes import Detector, Span
from edge_sdk.attributes.onnx_detector import OnnxDetector
from edge_sdk.errors import ImpliedError, InputError

from .door import released

WORDS = ["[UNK]", "a", "woman", "with", "one", "glass", "eye", "tall", "scar"]
LABELS = {"0": "O", "1": "B-MARK", "2": "I-MARK", "3": "B-OTHER"}
#: What the model says for each word: "glass eye" is one mark, "tall" another label.
SAYS = {"glass": 1, "eye": 2, "scar": 1, "tall": 3}


def export(folder: Path) -> Path:
    """A token classifier that looks each token up: logits[token] of an embedding, in the layout of an export."""
    folder.mkdir(exist_ok=True)
    table = np.full((len(WORDS), len(LABELS)), -4.0, np.float32)
    for i, word in enumerate(WORDS):
        table[i, SAYS.get(word, 0)] = 4.0
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["logits"])]
    ids = [helper.make_tensor_value_info(n, TensorProto.INT64, [1, "n"]) for n in ("input_ids", "attention_mask")]
    out = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "n", len(LABELS)])]
    graph = helper.make_graph(nodes, "tagger", ids, out, [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"id2label": LABELS}))
    return folder


def test_neighbouring_tokens_of_a_label_are_one_span(tmp_path: Path) -> None:
    detector = OnnxDetector(export(tmp_path), {"MARK": "disability"})
    assert isinstance(detector, Detector)
    prompt = "a tall woman with one glass eye"
    assert detector.find(prompt) == [Span("disability", "glass eye", 22, 31, "")]
    assert OnnxDetector(tmp_path, {"MARK": "disability"}, threshold=0.9999).find(prompt) == []


def test_what_a_detector_finds_counts_as_implied(tmp_path: Path) -> None:
    detector = OnnxDetector(export(tmp_path), {"MARK": "disability"})
    with pytest.raises(ImpliedError, match="'scar' gives the disability away"):
        released("a woman with a scar", detector=detector)
    chosen = released("a woman with a scar", detector=detector, on_implied="generalise")
    assert chosen.members == ("a woman", "a man")
    assert len(released("a woman with a scar", detector=detector, on_implied="allow").members) == 2


def test_a_folder_without_an_export_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no model\.onnx"):
        OnnxDetector(tmp_path, {})
    export(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="id2label"):
        OnnxDetector(tmp_path, {})


def test_a_transformers_export_is_read(tmp_path: Path) -> None:
    """A random BERT, exported by PyTorch: names and shapes fit, and the result repeats."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    export(tmp_path)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64, num_labels=len(LABELS), return_dict=False,
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.BertForTokenClassification(config).eval()
    example = torch.ones(1, 5, dtype=torch.int64)
    free = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        torch.onnx.export(
            model, (example, example), str(tmp_path / "model.onnx"), input_names=names, output_names=["logits"],
            dynamic_axes=dict.fromkeys(names, free), dynamo=False,
        )  # fmt: skip
    detector = OnnxDetector(tmp_path, {"MARK": "disability", "OTHER": "body"}, threshold=0.0)
    prompt = "a tall woman with one glass eye"
    found: Sequence[Span] = detector.find(prompt)
    assert found == detector.find(prompt)
    assert all(prompt[s.start : s.end] == s.surface and s.axis in ("disability", "body") for s in found)
