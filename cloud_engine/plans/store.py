"""Tuned plans in a cloud bundle: ``plans/NAME.json``, covered by the manifest's hashes like every other file."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from obclip_contract import Bundle, open_bundle, write_bundle
from obclip_contract.swapping import copy_bundle, swap_in

from ..errors import ConfigError
from .plan import PlanError, StepPlan
from .presets import PRESETS
from .validate import validate

__all__ = ["FOLDER", "check_name", "load", "names", "save"]

FOLDER: Final = "plans"
FORMAT: Final = 1
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")

Axes = tuple[tuple[str, int], ...]


def check_name(name: str) -> str:
    """The name, if a tuned plan can have it.

    Raises:
        ConfigError: malformed, or a preset's.
    """
    if not _NAME.fullmatch(name) or name in PRESETS:
        raise ConfigError(
            f"a tuned plan needs a name of its own: lower-case letters and digits, not {', '.join(PRESETS)}"
        )
    return name


def _path(root: Path, name: str) -> Path:
    return root / FOLDER / f"{name}.json"


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        raw = json.loads(path.read_text(encoding="ascii"))
        entries: list[dict[str, Any]] = raw["entries"]
        if raw["format"] != FORMAT or not all(isinstance(e, dict) for e in entries):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise PlanError(f"{path} is no file of tuned plans of format {FORMAT}: tune it again") from None
    return entries


def names(bundle: Bundle) -> tuple[str, ...]:
    """Names of the bundle's tuned plans."""
    folder = bundle.root / FOLDER
    return tuple(sorted(p.stem for p in folder.glob("*.json"))) if folder.is_dir() else ()


def load(bundle: Bundle) -> tuple[StepPlan, ...]:
    """Every tuned plan of a bundle, validated; the engine runs each for the axes, k and T it was made for.

    Raises:
        PlanError: a file is damaged or of another format.
    """
    plans = []
    for name in names(bundle):
        for entry in _read(_path(bundle.root, name)):
            plan = StepPlan.from_json(json.dumps(entry.get("plan")))
            validate(plan)
            if (plan.name, (plan.axes, plan.cloud_steps, plan.steps)) != (name, _key(entry)):
                raise PlanError(f"the tuned plan {name} does not fit the numbers it is stored for: tune it again")
            plans.append(plan)
    return tuple(plans)


def _key(entry: Mapping[str, Any]) -> tuple[Axes, int, int]:
    try:
        return tuple((str(n), int(s)) for n, s in entry["axes"]), int(entry["cloud_steps"]), int(entry["steps"])
    except (KeyError, TypeError, ValueError):
        raise PlanError("a tuned plan's entry is damaged: tune it again") from None


def save(root: Path, name: str, entry: Mapping[str, Any]) -> Path:
    """Add a tuned plan to the bundle, with what the search found (``Front.entry``).

    A new bundle is written and takes the old one's place. Entries of the same name for other axes, k or T stay.
    Equal searches give equal bytes.

    Raises:
        obclip_contract.BundleError: the bundle is damaged.
        ConfigError: the folder cannot be written.
    """
    bundle = open_bundle(root, "cloud")
    path = _path(root, check_name(name))
    entries = _read(path) if path.exists() else []
    entries = [e for e in entries if _key(e) != _key(entry)] + [dict(entry)]
    entries.sort(key=lambda e: json.dumps([e["axes"], e["cloud_steps"], e["steps"]]))
    text = json.dumps({"format": FORMAT, "entries": entries}, indent=1, sort_keys=True) + "\n"
    try:
        _swap(bundle, path.relative_to(root), text)
    except OSError as error:
        raise ConfigError(f"the bundle {root} cannot be written: {error.strerror}") from None
    return path


def _swap(bundle: Bundle, path: Path, text: str) -> None:
    """The bundle with one file more, written beside it and moved into its place when it is whole: an engine that opens
    it meanwhile, or a disk that is full, meets the old one or the new one."""
    root = bundle.root.resolve()
    part = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        copy_bundle(root, part)
        (part / path).parent.mkdir(exist_ok=True)
        (part / path).unlink(missing_ok=True)  # a link to the old bundle's
        (part / path).write_text(text, "ascii")
        write_bundle(part, bundle.manifest)
        part.chmod(root.stat().st_mode)
        swap_in(part, root)
    finally:
        shutil.rmtree(part, ignore_errors=True)
