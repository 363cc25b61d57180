"""Latency against the number of engines: a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from .simulate import Outcome

PERCENTILES: Final = (50, 95, 99)


@dataclass(frozen=True)
class Row:
    """One size of the fleet."""

    replicas: int
    percentiles: tuple[float, ...]
    refused_share: float
    again_share: float
    utilisation: float
    asked: int
    lost: int
    longest_queue: int

    @classmethod
    def of(cls, outcome: Outcome) -> Row:
        """Seconds; not a number where nobody was answered."""
        times = outcome.latencies
        found = tuple(float(p) for p in np.percentile(times, PERCENTILES)) if times else (float("nan"),) * 3
        asked = max(1, outcome.asked)
        return cls(
            outcome.replicas, found, outcome.refused_share, outcome.again / asked, outcome.utilisation, outcome.asked,
            outcome.lost, outcome.longest_queue,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {
            "replicas": self.replicas,
            **{f"p{name}_s": round(value, 4) for name, value in zip(PERCENTILES, self.percentiles, strict=True)},
            "refused_share": round(self.refused_share, 6),
            "again_share": round(self.again_share, 6),
            "utilisation": round(self.utilisation, 4),
            "asked": self.asked,
            "lost": self.lost,
            "longest_queue": self.longest_queue,
        }


def table(rows: Sequence[Row]) -> str:
    """GitHub's markdown."""
    lines = [
        "| engines | busy | p50 s | p95 s | p99 s | no answer | sent again | lost | longest queue |",
        "|" + "---|" * 9,
    ]
    for row in rows:
        times = " | ".join(f"{value:.2f}" for value in row.percentiles)
        lines.append(
            f"| {row.replicas} | {100 * row.utilisation:.0f} % | {times} | {100 * row.refused_share:.2f} % | "
            f"{100 * row.again_share:.1f} % | {row.lost} | {row.longest_queue} |"
        )
    return "\n".join(lines)


def plot(rows: Sequence[Row], title: str, out: Path) -> None:
    """Percentiles over engines, and under them the share that got no answer."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, (above, below) = pyplot.subplots(2, 1, figsize=(8, 6), sharex=True, height_ratios=(3, 1))
    replicas = [row.replicas for row in rows]
    for i, (name, colour) in enumerate(zip(PERCENTILES, ("#3b6ea5", "#c0762c", "#a03b3b"), strict=True)):
        above.plot(replicas, [row.percentiles[i] for row in rows], "o-", label=f"p{name}", color=colour)
    above.set_yscale("log")
    for ticks in (above.yaxis.set_major_formatter, above.yaxis.set_minor_formatter):
        ticks(FuncFormatter(lambda value, _: f"{value:g}"))
    above.set_ylabel("seconds until the answer")
    above.set_title(title, fontsize=10)
    above.legend(frameon=False)
    above.grid(visible=True, which="both", alpha=0.25)
    below.bar(replicas, [100 * row.refused_share for row in rows], width=0.6 * _least_gap(replicas), color="#777777")
    below.set_ylabel("% no answer")
    below.set_xlabel("engines")
    below.set_ylim(bottom=0)
    for axis in (above, below):
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(out, dpi=120)
    pyplot.close(figure)


def _least_gap(values: Sequence[int]) -> float:
    return min((b - a for a, b in pairwise(values)), default=1)
