"""What is asked of an engine: kinds of requests with their shares and measured times."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ConfigError

__all__ = ["Kind", "Workload", "read_measured"]

#: Quartiles of a normal distribution lie this many deviations apart.
_QUARTILES: Final = 1.349


@dataclass(frozen=True)
class Kind:
    """Requests of one (plan, N, k): all of them do the same work.

    Attributes:
        ms: the median of its time on an engine that does nothing else.
        deviation_ms: of that time from run to run.
        cache_bytes: of the plan's caches while it runs.
    """

    plan: str
    candidates: int
    cloud_steps: int
    ms: float
    deviation_ms: float = 0.0
    cache_bytes: int = 0

    @property
    def name(self) -> str:
        return f"{self.plan}, N = {self.candidates}, k = {self.cloud_steps}"


@dataclass(frozen=True)
class Workload:
    """Kinds by share; shares sum to 1."""

    shares: tuple[tuple[Kind, float], ...]

    @property
    def mean_ms(self) -> float:
        return sum(share * kind.ms for kind, share in self.shares)

    @property
    def variation(self) -> float:
        """Squared coefficient of variation of the time: between the kinds, and from run to run."""
        second = sum(share * (kind.ms**2 + kind.deviation_ms**2) for kind, share in self.shares)
        return max(0.0, second / self.mean_ms**2 - 1.0)

    @property
    def cache_bytes(self) -> int:
        """The largest of its kinds: an engine computes one request at a time."""
        return max(kind.cache_bytes for kind, _ in self.shares)


def read_measured(path: Path, shares: Mapping[int, float], plan: str = "balanced", cloud_steps: int = 10) -> Workload:
    """A workload of ``shares`` by N from a result of ``obclip bench cost``.

    Raises:
        ConfigError: the file is no such result, has no such row, or the shares are no shares.
    """
    if not shares or any(not math.isfinite(s) or s <= 0 for s in shares.values()):
        raise ConfigError("each share of the mix is a number above 0")
    whole = sum(shares.values())
    rows = _rows(path)
    found = []
    for candidates, share in sorted(shares.items()):
        key = (plan, candidates, cloud_steps)
        if key not in rows:
            have = ", ".join(f"{p} {n} {k}" for p, n, k in sorted(rows))
            raise ConfigError(f"{path} has no time of plan {plan}, N = {candidates}, k = {cloud_steps}; it has {have}")
        found.append((rows[key], share / whole))
    return Workload(tuple(found))


def _rows(path: Path) -> dict[tuple[str, int, int], Kind]:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        kinds = [_kind(row) for row in document["rows"]]
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path} is no result of 'obclip bench cost --json'") from None
    return {(kind.plan, kind.candidates, kind.cloud_steps): kind for kind in kinds}


def _kind(row: dict[str, Any]) -> Kind:
    times = row["ms"]
    return Kind(
        plan=str(row["plan"]),
        candidates=int(row["candidates"]),
        cloud_steps=int(row["cloud_steps"]),
        ms=float(times["median"]),
        deviation_ms=(float(times["high_quartile"]) - float(times["low_quartile"])) / _QUARTILES,
        cache_bytes=int(row.get("cache_bytes", 0)),
    )
