"""Plots for the report, as SVG. Each holds a hash of its numbers, so that a stale one is found whatever drew it."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Label, horizontal and vertical place of points, by series.
Series = Mapping[str, list[tuple[str, float, float]]]
#: Pictures as near as this are the same.
_EQUAL_DB: Final = 90.0


@dataclass(frozen=True)
class Plot:
    """A plot: its file below ``docs``, what it shows, its axes, and the points that result files give."""

    file: str
    says: str
    x: str
    y: str
    points: Callable[[Mapping[str, Any]], Series]

    def draw(self, read: Mapping[str, Any]) -> str:
        """The SVG; empty where there are no points."""
        series = self.points(read)
        if not any(series.values()):
            return ""
        mark = hashlib.sha256(json.dumps([self.says, self.x, self.y, series], sort_keys=True).encode()).hexdigest()
        return _svg(series, self.x, self.y).replace("<svg ", f"<!-- numbers {mark} -->\n<svg ", 1)

    @staticmethod
    def mark_of(svg: str) -> str:
        """The hash of the numbers that a plot was drawn from."""
        found = re.search(r"<!-- numbers ([0-9a-f]{64}) -->", svg)
        return found.group(1) if found else ""


def _svg(series: Series, x: str, y: str) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # Text as text and fixed names: the same numbers give the same file.
    with mpl.rc_context({"svg.hashsalt": "obclip", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.5, 4.5), layout="constrained")
        axes = figure.add_subplot()
        for name, points in series.items():
            axes.plot([p[1] for p in points], [p[2] for p in points], "o", label=name)
            for label, across, up in points:
                axes.annotate(label, (across, up), xytext=(4, 4), textcoords="offset points", fontsize=7)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(alpha=0.3)
        if len(series) > 1:
            axes.legend(fontsize=8)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _plans(read: Mapping[str, Any]) -> Series:
    """Plans that were judged: FLOPs of the cost files, latent PSNR of the paper's tables."""
    flops = {
        (row["plan"], row["candidates"], row["cloud_steps"]): row["relative_flops"]
        for told in read.values()
        if isinstance(told, dict) and told.get("benchmark") == "cost"
        for row in told["rows"]
    }
    series: dict[str, list[tuple[str, float, float]]] = {}
    for part, rows in _parts(read):
        for name, row in rows.items():
            plan, _, k = name.partition(" k=")
            key = (plan, int(part.removeprefix("N=")) if part.startswith("N=") else 0, int(k) if k.isdigit() else 0)
            if key in flops and "latent_db" in row:
                series.setdefault(plan, []).append((f"{part} k={k}", flops[key], row["latent_db"]["mean"]))
    return series


def _parts(read: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, part["rows"]) for name, part in read.get("paper", {}).get("parts", {}).items()]


def _curve(read: Mapping[str, Any]) -> Series:
    """How near the finished picture is to the cloud's own, by cloud steps; at T they are the same."""
    points = []
    for _, rows in _parts(read):
        for name, row in rows.items():
            if name.startswith("curve k=") and "picture_db" in row and row["picture_db"]["mean"] < _EQUAL_DB:
                points.append(("", float(name.removeprefix("curve k=")), row["picture_db"]["mean"]))
    return {"pictures": points}


def _peers(read: Mapping[str, Any]) -> Series:
    series: dict[str, list[tuple[str, float, float]]] = {}
    for name, row in read.get("peers", {}).get("rows", {}).items():
        level = row["latent_psnr_db"]["median"]
        if name != "diffusers" and level is not None:
            ours = "ours" if "(" in name else "peers"
            series.setdefault(ours, []).append((name, row["relative_time"]["median"], level))
    return series


PLOTS: Final = (
    Plot(
        "results_plans.svg", "FLOPs of step plans against latent PSNR to the uncached run",
        "server's FLOPs, one cloud-only picture = 1", "latent PSNR, dB", _plans,
    ),
    Plot(
        "results_peers.svg", "time of peers and plans against latent PSNR",
        "time of a set, diffusers' loop = 1", "latent PSNR, dB", _peers,
    ),
    Plot(
        "results_curve.svg", "finished pictures by cloud steps k of 25",
        "k", "picture PSNR to cloud-only, dB", _curve,
    ),
)  # fmt: skip
