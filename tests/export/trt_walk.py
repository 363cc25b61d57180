"""Holds source code that uses the ``tensorrt`` module against a list of its names: an AST walk with types.

Every value that comes from TensorRT must have a known class: by a name in `KNOWN`, or inferred from the signatures
in the list. Then each attribute must exist there, and each call must fit one of the signatures (number of arguments
and keywords).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from export.tensorrt.api import Api

#: Names (also behind ``self._`` and ``self.``) and the class that they have wherever they occur.
KNOWN = {
    "builder": "Builder",
    "config": "IBuilderConfig",
    "context": "IExecutionContext",
    "engine": "ICudaEngine",
    "logger": "Logger",
    "network": "INetworkDefinition",
    "refitter": "Refitter",
    "runtime": "Runtime",
    "runtime_config": "IRuntimeConfig",
}
MODULE = "module tensorrt"
_CLASS = "class "
_PREFIX = re.compile(r"tensorrt(_rtx)?_bindings\.tensorrt(_rtx)?\.")
#: Where a signature shows the C++ class instead of the Python one.
_CPLUSPLUS = {"nvonnxparser::IParserError": "ParserError", "nvinfer1::IRuntimeCache": "IRuntimeCache"}
#: Functions that use what one library alone has begin with this; the other's list does not hold them.
_ONLY = {"tensorrt": "full_", "tensorrt_rtx": "rtx_"}


@dataclass
class Walk:
    """``used``: every (class, attribute) that was looked up; ``faults``: what is not there."""

    api: Api
    used: set[tuple[str, str]] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def file(self, text: str, where: str) -> None:
        """Check one file."""
        foreign = tuple(prefix for library, prefix in _ONLY.items() if library != self.api.library)
        for function in _functions(ast.parse(text)):
            if function.name.startswith(foreign):
                continue
            names = dict(KNOWN)
            for node in _in_order(function):
                if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                    kind = self._type(node.value, names, where)
                    name = node.targets[0].id
                    if kind is not None:
                        if name in KNOWN and kind not in (KNOWN[name], MODULE):
                            self._fault(node, where, f"{name} is a {kind}, by its name a {KNOWN[name]}")
                        names[name] = kind
                    else:
                        names.pop(name, None)
                elif isinstance(node, ast.Attribute):
                    self._type(node, names, where)
                elif isinstance(node, ast.Call):
                    self._call(node, names, where)

    def _fault(self, node: Any, where: str, text: str) -> None:
        fault = f"{where}:{node.lineno}: {text}"
        if fault not in self.faults:
            self.faults.append(fault)

    def _type(self, node: ast.expr, names: dict[str, str], where: str) -> str | None:
        """The TensorRT class of an expression's value, or ``None`` where it is not TensorRT's."""
        if isinstance(node, ast.Name):
            return MODULE if node.id == "trt" else names.get(node.id)
        if isinstance(node, ast.Call):
            return self._returned(node, names, where)
        if not isinstance(node, ast.Attribute):
            return None
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            name = node.attr.lstrip("_")
            return MODULE if name == "trt" else KNOWN.get(name)
        if isinstance(node.value, ast.Name) and node.value.id == "ready" and node.attr == "context":
            return KNOWN["context"]  # a field of our own dataclass
        owner = self._type(node.value, names, where)
        return None if owner is None else self._member(owner, node, where)

    def _member(self, owner: str, node: ast.Attribute, where: str) -> str | None:
        name = node.attr
        if owner == MODULE:
            if name == "__version__":
                return None
            if name not in self.api.classes:
                self._fault(node, where, f"tensorrt {self.api.version} has no {name} that the list knows")
                return None
            self.used.add(("", name))
            return _CLASS + name
        cls = owner.removeprefix(_CLASS)
        entry = self.api.classes[cls]
        self.used.add((cls, name))
        if name in entry["members"]:
            return cls
        if name in entry["properties"]:
            kind, settable = entry["properties"][name]
            if isinstance(node.ctx, ast.Store) and not settable:
                self._fault(node, where, f"{cls}.{name} cannot be set")
            return self._class(str(kind))
        if name in entry["methods"]:
            return None
        self._fault(node, where, f"{cls} of tensorrt {self.api.version} has no {name}")
        return None

    def _signatures(self, call: ast.Call, names: dict[str, str], where: str) -> list[tuple[str, str]] | None:
        if not isinstance(call.func, ast.Attribute):
            return None
        owner = self._type(call.func.value, names, where)
        if owner is None:
            return None
        if owner == MODULE:
            entry = self.api.classes.get(call.func.attr)
            made = [(args, call.func.attr) for args, _ in entry["methods"].get("__init__", [])] if entry else []
            return made or None
        found = self.api.classes[owner.removeprefix(_CLASS)]["methods"].get(call.func.attr)
        return [(args, result) for args, result in found] if found else None

    def _returned(self, call: ast.Call, names: dict[str, str], where: str) -> str | None:
        signatures = self._signatures(call, names, where)
        return self._class(signatures[0][1]) if signatures else None

    def _call(self, call: ast.Call, names: dict[str, str], where: str) -> None:
        signatures = self._signatures(call, names, where)
        if not signatures or any(isinstance(a, ast.Starred) for a in call.args):
            return
        given = {k.arg for k in call.keywords}
        if not any(_fits(args, len(call.args), given) for args, _ in signatures):
            shown = " or ".join(args for args, _ in signatures)
            self._fault(call, where, f"{ast.unparse(call.func)} takes {shown}")

    def _class(self, kind: str) -> str | None:
        name = _PREFIX.sub("", _CPLUSPLUS.get(kind, kind), count=1)
        return name if name in self.api.classes else None


def _fits(signature: str, positional: int, keywords: set[str | None]) -> bool:
    parts = [p for p in re.split(r", (?=\w+:)", signature) if p and not p.startswith("self:")]
    names = [p.split(":")[0] for p in parts]
    needed = {n for n, p in zip(names, parts, strict=True) if " = " not in p}
    given = set(names[:positional]) | keywords
    return positional <= len(names) and given <= set(names) and needed <= given


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Assign):
            yield child
        yield from _in_order(child)
        if not isinstance(child, ast.Assign):
            yield child
