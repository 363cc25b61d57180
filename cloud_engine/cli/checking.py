"""What can be refused before any graph is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..backends import BackendOptions

__all__ = ["check_bundle", "check_plan"]


def check_bundle(folder: Path, backend: str, options: BackendOptions) -> None:
    """Refuse a bundle that an engine could not be started on here: every file is hashed, no graph is loaded.

    Raises:
        obclip_contract.BundleError: missing, altered, no cloud bundle, or without graphs for this backend.
        ConfigError, GraphError: see ``check_backend``. PlanError: a tuned plan is damaged.
    """
    from obclip_contract import open_bundle

    from ..backends import check_backend
    from ..plans.store import load
    from ..tokenizer import PromptTokenizer

    bundle = open_bundle(folder, "cloud")
    check_backend(backend, bundle, options)
    load(bundle)
    spec = bundle.manifest.tokenizer
    PromptTokenizer(bundle.path(spec.file), spec)


def check_plan(name: str, folder: Path) -> None:
    """Refuse a plan that no request of this bundle can have, before any graph is loaded.

    Raises:
        UnknownPlanError: there is none of this name, or not with these numbers. PlanUnavailableError: the bundle lacks
            its graphs.
    """
    from obclip_contract import Bundle
    from obclip_contract.bundle import read_manifest

    from ..errors import PlanUnavailableError, UnknownPlanError
    from ..planning import NAIVE
    from ..plans import PRESETS, PlanError, preset
    from ..plans.presets import is_preset
    from ..plans.store import load

    if name == NAIVE:
        return
    bundle = Bundle(folder, read_manifest(folder))  # its files are hashed when it is opened
    if not any(graph.role.startswith("step.") for graph in bundle.manifest.graphs):
        raise PlanUnavailableError(f"the bundle {folder} has no step graphs: export it again, or ask for naive")
    if is_preset(name):
        try:
            preset(name, (("any", 2),), 1, 1)
        except PlanError as error:
            raise UnknownPlanError(str(error)) from None
        return
    tuned = sorted({p.name for p in load(bundle)})
    if name not in tuned:
        raise UnknownPlanError(f"there is no step plan of this name; there are: {', '.join([*PRESETS, *tuned])}")
