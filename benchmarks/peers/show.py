"""The result as a Markdown table and as a plot of time against PSNR."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .compare import front, time_and_nearness
from .loop import REFERENCE

#: Colour and marker by family; the order is the legend's.
_STYLES: Final = {
    "ours": ("#d62728", "o"),
    "DeepCache": ("#1f77b4", "^"),
    "T-GATE": ("#9467bd", "v"),
    "DeepCache + T-GATE": ("#17becf", "D"),
    "TaylorSeer": ("#2ca02c", "P"),
    "ZEUS": ("#ff7f0e", "X"),
}
#: Where a label may stand beside its point, in points: the first free place is taken.
_PLACES: Final = [(x, y) for y in (4, -10, 14, -20, 24, -30, 34, -40, 44, -50, 54, -60) for x in (6, -6)]
_SIZE: Final = 7


def table(result: Mapping[str, Any]) -> str:
    """The result as Markdown, fastest first. Methods in bold are on the front of time and PSNR."""
    rows = result["rows"]
    best = front(rows)
    lines = [
        "| method | s per set | time / diffusers (quartiles) | FLOPs | UNet and attention calls | latent PSNR "
        "| protected accuracy | difference (95 %) | worst member | Fréchet ratio |",
        "|" + "---|" * 10,
    ]
    for name, row in sorted(rows.items(), key=lambda item: item[1]["relative_time"]["median"]):
        t, d, work = row["relative_time"], row["accuracy_difference"], row.get("work", {})
        db = "reference" if name == REFERENCE else f"{row['latent_psnr_db']['median']:.1f} dB"
        calls = f"{work['unet_calls']}, {work['attention_calls']}" if "unet_calls" in work else ""
        cells = [
            f"**{name}**" if name in best else name,
            f"{row['seconds_per_set']['median']:.3f}",
            f"{t['median']:.2f} ({t['low_quartile']:.2f} to {t['high_quartile']:.2f})",
            f"{work['relative_flops']:.2f}" if work else "",
            calls,
            db,
            f"{row['protected_accuracy']:.1f}",
            f"{d['mean']:+.1f} ({d['low']:+.1f} to {d['high']:+.1f})",
            f"{row['worst_member']:.1f}",
            f"{row['frechet_ratio']:.3f}" if "frechet_ratio" in row else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(result: Mapping[str, Any], file: Path) -> None:
    """Time per set against latent PSNR, with quartiles and the front; the uncached reference is the line at 1."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = {name: row for name, row in result["rows"].items() if name != REFERENCE}
    figure, axes = pyplot.subplots(figsize=(11, 7))
    for family, (colour, marker) in _STYLES.items():
        label = family
        for row in (row for row in rows.values() if row["family"] == family):
            x, y = time_and_nearness(row)
            t, db = row["relative_time"], row["latent_psnr_db"]
            axes.errorbar(
                x,
                y,
                xerr=[[x - t["low_quartile"]], [t["high_quartile"] - x]],
                yerr=[[y - db["low_quartile"]], [db["high_quartile"] - y]],
                fmt=marker,
                color=colour,
                markersize=6,
                capsize=2,
                elinewidth=0.6,
                label=label,
            )
            label = "_"  # one entry in the legend
    best = [time_and_nearness(rows[name]) for name in front(rows)]
    axes.step(*zip(*best, strict=True), where="post", color="gray", linewidth=1, linestyle="--", label="front")
    axes.axvline(1.0, linestyle=":", color="gray")
    axes.set_xlim(left=0)
    axes.set_xlabel("time of one candidate set / diffusers' plain loop")
    axes.set_ylabel("latent PSNR to the uncached run (dB)")
    axes.set_title(
        f"N = {result['candidates']}, k = {result['cloud_steps']} of {result['steps']}: up and left is better"
    )
    axes.grid(alpha=0.2)
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    colours = {name: _STYLES[row["family"]][0] for name, row in rows.items()}
    _label(axes, {name: time_and_nearness(row) for name, row in rows.items()}, colours)
    figure.savefig(file, dpi=120)
    pyplot.close(figure)


def _label(axes: Any, points: Mapping[str, tuple[float, float]], colours: Mapping[str, str]) -> None:
    """Write each point's name beside it, on nothing else that is there; a thin line leads to it from afar."""
    from matplotlib.patheffects import withStroke

    renderer = axes.figure.canvas.get_renderer()
    frame = axes.get_window_extent(renderer)
    taken = [_box(*axes.transData.transform(at)) for at in points.values()]
    legend = axes.get_legend()
    if legend is not None:
        taken.append(legend.get_window_extent(renderer).extents)
    for name, at in sorted(points.items(), key=lambda item: item[1]):
        # The peers run on torch too, so that only another backend is said.
        text = name.removesuffix(" (torch)")
        tries = []
        for order, (x, y) in enumerate(_PLACES):
            note = axes.annotate(
                text,
                at,
                xytext=(x, y),
                textcoords="offset points",
                fontsize=_SIZE,
                color=colours[name],
                path_effects=[withStroke(linewidth=2, foreground="white")],  # lines below do not cross the letters
                ha="left" if x > 0 else "right",
                arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "gray"} if abs(y) > 10 else None,
            )
            extents = _text_box(note, renderer)
            outside = not (frame.x0 <= extents[0] and extents[2] <= frame.x1 and frame.y0 <= extents[1])
            tries.append((sum(_overlap(extents, other) for other in taken) + 1e6 * outside, order, note, extents))
        chosen = min(tries, key=lambda tried: tried[:2])
        for tried in tries:
            if tried is not chosen:
                tried[2].remove()
        taken.append(chosen[3])


def _text_box(note: Any, renderer: Any) -> tuple[float, float, float, float]:
    """The text alone: an annotation's own extent has its line in it."""
    from matplotlib.text import Text

    note.update_positions(renderer)
    x0, y0, x1, y1 = Text.get_window_extent(note, renderer).extents
    return float(x0), float(y0), float(x1), float(y1)


def _box(x: float, y: float, half: float = 6.0) -> tuple[float, float, float, float]:
    return x - half, y - half, x + half, y + half


def _overlap(a: Any, b: Any) -> float:
    """Area that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
