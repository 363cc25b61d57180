"""The reader's shape: passes that know the document alone, no regular expressions, and one door."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import edge_sdk
import edge_sdk.attributes.passes as passes

PASSES = Path(str(passes.__file__)).parent
PACKAGE = Path(str(edge_sdk.__file__)).parent
NAMES = sorted(p.stem for p in PASSES.glob("*.py") if p.stem != "__init__")


def imported(path: Path) -> set[str]:
    """Every module that a file imports, with its dots, and every name taken from one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "." if node.module else ""
            found |= {module, *(f"{module}{joint}{a.name}" for a in node.names)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_pass_imports_no_other_pass_nor_the_reader(name: str) -> None:
    for module in imported(PASSES / f"{name}.py"):
        last = module.rsplit(".", 1)[-1]
        beside = module.startswith(".") and not module.startswith("..")
        assert not beside, f"{name} imports {module}"
        assert ".passes" not in module, f"{name} imports {module}"
        assert last not in ("reader", "read", "template", "build"), f"{name} imports {module}"


@pytest.mark.parametrize("name", NAMES)
def test_a_pass_is_one_run_without_regular_expressions(name: str) -> None:
    assert not imported(PASSES / f"{name}.py") & {"re", "regex", "locale"}
    tree = ast.parse((PASSES / f"{name}.py").read_text(encoding="utf8"))
    runs = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "run"]
    assert [[a.arg for a in r.args.args] for r in runs] == [["document"]]


def test_every_pass_is_listed_once() -> None:
    listed = [run.__module__.rsplit(".", 1)[-1] for run in (*passes.MARKING, *passes.PASSES)]
    assert sorted(listed) == NAMES


def test_release_is_the_only_way() -> None:
    assert not (PACKAGE / "candidates.py").exists()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf8")
        assert "candidate_set" not in text, path
        assert "CandidateSet" not in text, path


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_door_makes_slots(path: Path) -> None:
    """The way from a prompt to its slots is imported inside ``edge_sdk/privacy`` alone, and by what records the
    reader for other languages, which sends nothing.
    """
    if path.parent.name in ("privacy", "vectors"):
        return
    assert not {m for m in imported(path) if m.split(".")[-2:-1] == ["closing"] or m.endswith("privacy.closing")}
