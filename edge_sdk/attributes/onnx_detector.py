"""A learned detector: a Hugging Face token-classification export, run by ONNX Runtime. Optional, local, no download.

The folder holds ``model.onnx`` (inputs ``input_ids`` and ``attention_mask``, perhaps ``token_type_ids``; output
logits ``[1, tokens, labels]``), ``tokenizer.json`` and ``config.json`` with ``id2label``: what ``optimum-cli export
onnx --task token-classification`` writes. Needs the packages ``onnxruntime`` and ``tokenizers``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .spans import Span

#: Tokens of a prompt; longer ones are refused, never cut.
MAX_TOKENS = 512


class OnnxDetector:
    """:class:`~edge_sdk.attributes.Detector` over an exported model. Deterministic; the words stay on the device.

    Args:
        folder: the export.
        axes: the axis that each label of the model means, without its ``B-`` or ``I-``; others are ignored.
        threshold: least probability of a token's label.

    Raises:
        InputError: a file or package is missing, or the model is no token classifier.
    """

    def __init__(self, folder: str | Path, axes: Mapping[str, str], threshold: float = 0.5) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise InputError(f"the ONNX detector needs the package {error.name}; install it") from None
        root = Path(folder)
        for name in ("model.onnx", "tokenizer.json", "config.json"):
            if not (root / name).is_file():
                raise InputError(f"{root} holds no {name}; export the model as a token classifier first")
        labels = json.loads((root / "config.json").read_text(encoding="utf-8")).get("id2label")
        if not isinstance(labels, dict) or not labels:
            raise InputError(f"{root / 'config.json'} has no id2label, so the model is no token classifier")
        self._labels = {int(i): str(label) for i, label in labels.items()}
        self._axes, self._threshold = dict(axes), threshold
        self._tokenizer: Any = Tokenizer.from_file(str(root / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(root / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {i.name for i in self._session.get_inputs()}
        if unknown := self._inputs - {"input_ids", "attention_mask", "token_type_ids"}:
            raise InputError(f"{root / 'model.onnx'} wants {sorted(unknown)[0]!r}, so the model is no token classifier")

    def find(self, prompt: str) -> list[Span]:
        """Spans of the labels that mean an axis; neighbouring tokens of one label are one span.

        Raises:
            InputError: the prompt has more than 512 tokens.
        """
        encoded = self._tokenizer.encode(prompt)
        if not encoded.ids:
            return []
        if len(encoded.ids) > MAX_TOKENS:
            raise InputError(f"the prompt has {len(encoded.ids)} tokens, the detector reads {MAX_TOKENS}; shorten it")
        arrays = {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        logits = self._session.run(None, {k: v for k, v in arrays.items() if k in self._inputs})[0][0]
        scores = np.exp(logits - logits.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return self._merged(prompt, encoded.offsets, encoded.special_tokens_mask, scores)

    def _merged(self, prompt: str, offsets: list[tuple[int, int]], special: list[int], scores: Any) -> list[Span]:
        found: list[tuple[str, int, int]] = []
        for (start, end), skip, row in zip(offsets, special, scores, strict=True):
            best = int(row.argmax())
            label = self._labels.get(best, "O")
            begins, name = label.startswith("B-"), label.removeprefix("B-").removeprefix("I-")
            axis = self._axes.get(name)
            if skip or start == end or axis is None or row[best] < self._threshold:
                continue
            last = found[-1] if found else None
            if last is not None and last[0] == axis and not begins and not prompt[last[2] : start].strip():
                found[-1] = (axis, last[1], end)
            elif last is not None and last[0] == axis and start == last[2]:
                found[-1] = (axis, last[1], end)  # a word in pieces
            else:
                found.append((axis, start, end))
        return [Span(axis, prompt[start:end], start, end, "") for axis, start, end in found]
