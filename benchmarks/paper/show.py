"""The hand-over's parts as a picture: how near the finished picture comes, by cloud steps and by where it enters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import BenchmarkError

#: How the device finds its row, and how that is drawn.
_ENTRIES: Final = {
    "level": ("by noise level", "tab:blue", "o"),
    "share": ("by share of the steps", "tab:green", "s"),
    "index": ("by index", "tab:red", "^"),
}


def plot(result: Mapping[str, Any], file: Path) -> None:
    """PSNR of the finished pictures to the cloud's own, with 95 % intervals.

    Raises:
        BenchmarkError: the result has no part about the hand-over.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    part = result["parts"].get("hand-over", {"rows": {}, "done": False})
    if not part["done"]:
        raise BenchmarkError("the result has no whole part about the hand-over: nothing to draw")
    rows = part["rows"]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.5), sharey=True)
    near = {name: row["picture_db"] for name, row in rows.items() if "picture_db" in row}
    curve = {int(n.partition("=")[2]): d for n, d in near.items() if n.startswith("curve k=")}
    _line(left, curve, "restart", "tab:blue", "o")
    for name, colour, marker in (("carry", "tab:orange", "D"), ("ddim", "tab:purple", "v")):
        if name in near:
            label = "the cloud's x0 carried over" if name == "carry" else "DDIM on both sides"
            _line(left, {10: near[name]}, label, colour, marker)
    left.set_xticks(range(0, result["steps"] + 1, 5))
    left.set_xlabel(f"cloud steps k of {result['steps']}")
    left.set_ylabel("picture PSNR to the cloud's own (dB)")
    left.set_title("how many steps the cloud takes")
    for how, (label, colour, marker) in _ENTRIES.items():
        found = {int(n.partition("=")[2]): d for n, d in near.items() if n.startswith(f"{how} T'=")}
        _line(right, found, label, colour, marker)
    right.set_xlabel("the device's own steps T' (k = 10 of 25 on the cloud)")
    right.set_title("where the device enters its own grid")
    for axes in (left, right):
        axes.grid(alpha=0.2)
        axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)


def _line(axes: Any, points: Mapping[int, Mapping[str, float]], label: str, colour: str, marker: str) -> None:
    x = sorted(points)
    y = [points[i]["mean"] for i in x]
    low = [points[i]["mean"] - points[i]["low"] for i in x]
    high = [points[i]["high"] - points[i]["mean"] for i in x]
    style = {"color": colour, "marker": marker, "label": label, "capsize": 2, "linewidth": 1, "elinewidth": 0.6}
    if marker == "o":
        style |= {"fillstyle": "none", "markersize": 10}  # what lies on it can be seen
    axes.errorbar(x, y, yerr=[low, high], **style)
