"""Start and end marks are put on by one rule, whatever a tokenizer's own post-processor does."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from cloud_engine.tokenizer import PromptTokenizer as CloudTokenizer
from edge_sdk import InputError
from edge_sdk.device.tokenizer import PromptTokenizer
from obclip_contract import open_bundle

TEXTS = ["a woman firefighter", "", "a man"]


@pytest.mark.parametrize("post", ["as it is", "none"])
def test_both_sides_read_the_same_rows(random_bundles: Path, tmp_path: Path, post: str) -> None:
    bundle = open_bundle(random_bundles / "edge", "edge")
    spec = bundle.manifest.tokenizer
    raw = json.loads(bundle.path(spec.file).read_text("utf-8"))
    if post == "none":
        raw["post_processor"] = None
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    lent: Any = SimpleNamespace(manifest=bundle.manifest, path=lambda _: file)
    device, cloud = PromptTokenizer(cast(Any, lent)), CloudTokenizer(file, spec)
    rows = device(TEXTS)
    assert np.array_equal(rows, cloud.encode(TEXTS, "prompt"))
    assert (rows[:, 0] == spec.bos_id).all()
    assert rows[1].tolist() == [spec.bos_id, spec.eos_id] + [spec.pad_id] * (spec.max_length - 2)
    assert device.count(TEXTS)[1] == 0


def test_a_text_that_does_not_fit_is_refused(random_bundles: Path) -> None:
    tokenize = PromptTokenizer(open_bundle(random_bundles / "edge", "edge"))
    with pytest.raises(InputError, match="the model reads 30"):
        tokenize(["a " * 31])
