"""The golden vectors are what the reader gives."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

from edge_sdk.privacy import vectors

#: All of them with OBCLIP_VECTORS_ALL=1: about a minute.
EVERY = 1 if "OBCLIP_VECTORS_ALL" in os.environ else 9


def test_the_code_gives_the_vectors() -> None:
    differences = vectors.check(every=EVERY)
    assert differences == [], "if they are meant, run python -m edge_sdk.privacy.vectors"


def test_there_are_enough_of_every_kind() -> None:
    made = [json.loads(line) for line in vectors.read_lines()]
    assert len({v["prompt"] for v in made}) >= 3000
    assert sum("refused" in v for v in made) < len(made) / 4
    assert sum(bool(v["findings"]) for v in made) > 300
    assert sum("options" in v for v in made) > 300
    assert sum(len(v.get("axes", ())) > 2 for v in made) > 300


def test_a_change_is_seen(tmp_path: Path) -> None:
    lines = vectors.read_lines()[:18]
    changed = json.loads(lines[0])
    changed["template"] = "changed"
    path = tmp_path / "reader.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join([json.dumps(changed), *lines[1:]]).encode()))
    assert vectors.check(path, every=10**6)[0].endswith(f"the code gives {json.loads(lines[0])['template']:.80}")
    assert "cannot be read" in vectors.check(tmp_path / "none.gz", every=10**6)[0]
