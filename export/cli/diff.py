"""What differs between two bundles: files by their hashes, manifest fields by their values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obclip_contract import BundleManifest, read_manifest


@dataclass(frozen=True)
class BundleDiff:
    """``changed`` files with (old bytes, new bytes); ``fields`` with (old, new), a field's path as its name."""

    removed: list[str]
    added: list[str]
    changed: dict[str, tuple[int, int]]
    fields: dict[str, tuple[Any, Any]]

    @property
    def equal(self) -> bool:
        """Whether the two are the same, byte for byte."""
        return not (self.removed or self.added or self.changed or self.fields)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"equal": self.equal, **vars(self)}

    def lines(self) -> list[str]:
        """One line per difference, for people."""
        out = [f"- {name}" for name in self.removed] + [f"+ {name}" for name in self.added]
        out += [f"! {name}: {a} -> {b} bytes, another sha256" for name, (a, b) in self.changed.items()]
        out += [f"! {name}: {_brief(a)} -> {_brief(b)}" for name, (a, b) in self.fields.items()]
        return out or ["the bundles are equal"]


def compare(old: Path, new: Path) -> BundleDiff:
    """Compare two bundles by their manifests.

    Raises:
        obclip_contract.BundleError: one of them is no bundle.
    """
    a, b = read_manifest(old), read_manifest(new)
    files_a, files_b = ({f.path: f for f in m.files} for m in (a, b))
    changed = {
        name: (files_a[name].bytes, files_b[name].bytes)
        for name in files_a
        if name in files_b and files_a[name].sha256 != files_b[name].sha256
    }
    flat_a, flat_b = _flat(a), _flat(b)
    fields = {
        name: (flat_a.get(name), flat_b.get(name))
        for name in sorted(flat_a.keys() | flat_b.keys())
        if flat_a.get(name) != flat_b.get(name)
    }
    return BundleDiff(sorted(files_a.keys() - files_b), sorted(files_b.keys() - files_a), changed, fields)


def _flat(manifest: BundleManifest) -> dict[str, Any]:
    """Fields but the files, graphs by role, format and precision, one level deep."""
    data = manifest.model_dump(mode="json", exclude={"files"})
    for graph in data.pop("graphs"):
        data["graph " + " ".join(graph[k] for k in ("role", "format", "precision"))] = graph
    out: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            out.update({f"{name}.{k}": v for k, v in value.items()})
        else:
            out[name] = value
    return out


def _brief(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
