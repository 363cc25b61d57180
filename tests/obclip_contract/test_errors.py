"""One root, and a drawing of the tree that is true."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from obclip_contract.errors import ObclipError

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("obclip_contract", "edge_sdk", "cloud_engine", "export", "attacks", "benchmarks", "models", "testing")
LINE = re.compile(r"(?P<indent>(?:│   |    )*)(?:├── |└── )?(?P<name>\w+) +(?P<code>\d+)")


def _drawn() -> dict[str, tuple[str, int]]:
    """Name to parent and exit code, read from the drawing in the root's docstring."""
    out: dict[str, tuple[str, int]] = {}
    path: list[str] = []
    assert ObclipError.__doc__ is not None
    for line in ObclipError.__doc__.split("::\n")[1].splitlines():
        found = LINE.fullmatch(line[4:])
        if found is None:
            assert not line.strip(), line
            continue
        depth = len(found["indent"]) // 4 + (1 if "── " in line else 0)
        path = [*path[:depth], found["name"]]
        out[found["name"]] = (path[-2] if depth else "", int(found["code"]))
    return out


def _declared() -> dict[str, tuple[str, str]]:
    """Every exception class that our packages define: name to module and first base, from the source alone."""
    out: dict[str, tuple[str, str]] = {}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and node.bases:
                    out[node.name] = (str(file.relative_to(ROOT).with_suffix("")), ast.unparse(node.bases[0]))
    return out


def _is_error(name: str, declared: dict[str, tuple[str, str]]) -> bool:
    while name in declared:
        name = declared[name][1].rpartition(".")[2]
    return name.endswith(("Error", "Exception"))


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    declared = _declared()
    errors = {n: where for n, where in declared.items() if _is_error(n, declared)}
    drawn = _drawn()
    assert drawn.pop("ObclipError") == ("", 1)
    assert declared["ObclipError"][1] == "Exception"
    errors.pop("ObclipError")
    assert {n: parent for n, (parent, _) in drawn.items()} == {n: base for n, (_, base) in errors.items()}


def test_the_exit_codes_in_the_docstring_are_those_of_the_classes() -> None:
    declared = _declared()
    for name, (_, code) in _drawn().items():
        module = declared[name][0].replace("/", ".").removesuffix(".__init__")
        try:
            found = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            pytest.skip(f"{error.name} is not installed here")
        assert issubclass(found, ObclipError)
        assert found.exit_code == code, name
