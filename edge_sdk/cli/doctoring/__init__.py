"""What ``obclip doctor`` looks at, a module for each kind."""

from __future__ import annotations

from pathlib import Path

from ..telling import Voice
from .findings import Finding

__all__ = ["Finding", "examine"]


def examine(
    cloud: str | None, token_file: Path | None, edge_bundle: Path, cloud_bundle: Path, voice: Voice
) -> list[Finding]:
    """All findings, in the order in which they matter. Nothing is raised, and nothing is written.

    Args:
        cloud: the address of the cloud to ask, or ``None``.
        token_file: where its token is, else in the environment.
    """
    from . import bundles, clouds, machine, outbound

    edge, edge_findings = bundles.examine_edge(edge_bundle)
    return [
        machine.examine_installation(),
        *edge_findings,
        *bundles.examine_cloud(cloud_bundle, edge, needed=cloud is None),
        *machine.examine_runtimes(),
        *machine.examine_accelerators(),
        *clouds.examine(cloud, token_file, edge, voice),
        *outbound.examine(),
        machine.examine_ledger(),
    ]
