"""Results of several devices and SDKs side by side: a table, and a plot of the phases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from obclip_contract import defaults

from .result import PHASES, Result, Times

#: What the device does of a default picture, beside its text and its decoder.
STEPS: Final = defaults.STEPS - defaults.CLOUD_STEPS
_HEAD: Final = (
    "device | SDK, runtime | ran on | precision | load cold / warm | text | step | decode | "
    f"picture ({STEPS} steps) | peak MiB | counts"
)


def name(result: Result) -> str:
    """A result's name in tables and plots."""
    return f"{result.runner.sdk}, {result.runner.runtime} {result.runner.version}".strip()


def picture(result: Result) -> float:
    """Milliseconds of the device's part of a default picture, from the medians."""
    times = result.phases
    return times["text"].median + STEPS * times["step"].median + times["decode"].median


def table(results: Sequence[Result]) -> str:
    """GitHub's markdown; medians in milliseconds with their quartiles. What does not count says why below."""
    lines = [f"| {_HEAD} |", "|" + "---|" * (_HEAD.count("|") + 1)]
    notes: list[str] = []
    for result in results:
        faults = result.faults
        if faults:
            notes.append(f"({len(notes) + 1}) {name(result)} on {result.device.name}: {'; '.join(faults)}.")
        cells = [
            f"{result.device.name}, {result.device.system}",
            f"{name(result)}, {result.runner.threads or '?'} threads",
            _ran_on(result),
            result.pair.precision,
            f"{result.load.cold:.0f} / {result.load.warm.median:.0f}",
            *(_cell(result.phases[phase]) for phase in PHASES),
            f"{picture(result):.0f}",
            f"{result.peak_memory_mib:.0f}" if result.peak_memory_mib is not None else "–",
            f"no ({len(notes)})" if faults else "yes",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if len({(r.pair.model, r.pair.pair_sha256, r.pair.precision) for r in results}) > 1:
        notes.append("Not all are of one pair and precision: their times are not comparable.")
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def plot(results: Sequence[Result], out: Path) -> None:
    """Bars of each phase's median with its quartiles; results that do not count are hatched."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(PHASES), figsize=(4 * len(PHASES), 1.4 + 0.45 * len(results)), sharey=True)
    names = [f"{name(r)}\n{r.device.name}" for r in results]
    for axis, phase in zip(axes, PHASES, strict=True):
        times = [r.phases[phase] for r in results]
        medians = [t.median for t in times]
        spread = [[t.median - t.low_quartile for t in times], [t.high_quartile - t.median for t in times]]
        bars = axis.barh(range(len(names)), medians, xerr=spread, color="#3b6ea5", ecolor="#222222", capsize=3)
        for bar, result, median in zip(bars, results, medians, strict=True):
            bar.set_hatch("//" if result.faults else "")
            middle = (median, bar.get_y() + bar.get_height() / 2)
            axis.annotate(_shown(median), middle, xytext=(6, 8), textcoords="offset points", fontsize=8)
        axis.set_title(
            {"text": "two texts", "step": "one UNet call (two rows)", "decode": "decoder"}[phase], fontsize=10
        )
        axis.set_xlabel("milliseconds (median, quartiles)", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.set_xlim(0, 1.25 * max(t.high_quartile for t in times))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    if any(r.faults for r in results):
        figure.text(0.01, 0.01, "hatched: does not count (the table says why)", fontsize=8)
    figure.tight_layout()
    figure.savefig(out, dpi=120)
    pyplot.close(figure)


def _cell(times: Times) -> str:
    return f"{_shown(times.median)} ({_shown(times.low_quartile)}–{_shown(times.high_quartile)})"


def _shown(milliseconds: float) -> str:
    """A quick graph takes a fraction of one."""
    return f"{milliseconds:.2f}" if milliseconds < 1 else f"{milliseconds:.1f}"


def _ran_on(result: Result) -> str:
    used = result.accelerator
    said = {True: "whole", False: "in part", None: "not told how much"}[used.whole]
    return f"{used.used}, {said}" if used.used == used.asked else f"{used.used} ({used.asked} was asked for)"
