"""How many replicas, and what each has."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Arguments"]


class Arguments(BaseModel):
    """Arguments of ``cloud_engine.serve_app:build``; Ray's own file may set any option of the deployment.

    Args:
        settings: TOML file of the service's settings (docs/SERVICE.md), read here and by no replica.
        replicas: how many; with ``max_replicas`` the least.
        max_replicas: the most; none: always ``replicas``.
        gpus: of each replica; a fraction where several small models fit on one. None: 1 on ``cuda`` and
            ``tensorrt``, else 0.
        cpus: of each replica; none: the settings' ``threads``, else 1.
        revision: another number replaces the replicas though nothing else changed, as for a bundle on disk.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    settings: Path | None = None
    replicas: int = Field(1, ge=1)
    max_replicas: int | None = Field(None, ge=1)
    gpus: float | None = Field(None, ge=0)
    cpus: float | None = Field(None, gt=0)
    revision: int = 0
