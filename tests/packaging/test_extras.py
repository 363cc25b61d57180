"""The extras that the page on installing lists are those that there are."""

from __future__ import annotations

import ast
import re

from testing.watching import ROOT


def _extras() -> set[str]:
    call = next(
        n
        for n in ast.walk(ast.parse((ROOT / "setup.py").read_text()))
        if isinstance(n, ast.keyword) and n.arg == "extras_require"
    )
    assert isinstance(call.value, ast.Dict)
    return {ast.literal_eval(key) for key in call.value.keys if key is not None}


def test_the_table_lists_every_extra_and_no_other() -> None:
    rows = [line for line in (ROOT / "docs/INSTALL.md").read_text().splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])]
    assert sorted(listed) == sorted(_extras())


def test_every_extra_that_a_message_names_is_one() -> None:
    for folder in ("edge_sdk", "cloud_engine", "export", "benchmarks", "attacks", "obclip_contract", "models"):
        for path in (ROOT / folder).rglob("*.py"):
            for names in re.findall(r"obclip\[([a-z,-]+)\]", path.read_text(encoding="utf-8")):
                assert set(names.split(",")) <= _extras(), path
