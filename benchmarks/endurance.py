"""Whether a device stays as it is over many pictures: resident memory, file descriptors, threads.

    python -m benchmarks.endurance EDGE_BUNDLE --cloud http://127.0.0.1:8000 --runs 200

Every fourth run is stopped in the midst, as apps do: by closing its generator, or by ``interrupt``.
"""

from __future__ import annotations

import gc
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from edge_sdk import ObliviousPipeline, StoppedError
from edge_sdk.events import Detected
from edge_sdk.pipeline import Arguments

__all__ = ["Sample", "command", "endure"]

#: What is drawn; the two have sets of different sizes.
PROMPTS = ("a sticker of a woman with dark skin", "a sticker of a red balloon")


@dataclass(frozen=True)
class Sample:
    """After ``runs`` pictures: resident memory in MiB, open file descriptors, threads."""

    runs: int
    rss_mib: float
    descriptors: int
    threads: int


def endure(pipe: ObliviousPipeline, runs: int, every: int, cloud_steps: int) -> Iterator[Sample]:
    """Make ``runs`` pictures; a sample after each ``every`` of them, the first after as many to warm up."""
    for run in range(1, runs + 1):
        arguments: Arguments = {"num_inference_steps": 4, "cloud_steps": cloud_steps, "seed": run}
        if run % 4:
            pipe(PROMPTS[run % 2], **arguments)
        else:
            _leave_early(pipe, run, arguments)
        if run % every == 0:
            gc.collect()
            yield _sample(run)


def _leave_early(pipe: ObliviousPipeline, run: int, arguments: Arguments) -> None:
    events = pipe.steps(PROMPTS[run % 2], **arguments)
    assert isinstance(next(events), Detected)
    next(events)
    if run % 8:
        return  # left alone: the collector ends it
    pipe.interrupt()
    try:
        next(events)
    except StoppedError:
        return
    raise AssertionError("an interrupted run went on")


def _sample(runs: int) -> Sample:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Sample(runs, round(memory, 1), len(os.listdir("/proc/self/fd")), threading.active_count())


@click.command()
@click.argument("edge", type=click.Path(path_type=Path, exists=True))
@click.option("--cloud", metavar="URL", help="A cloud of the same pair (default: device only).")
@click.option("--runs", default=200, show_default=True, type=click.IntRange(40))
@click.option("--every", default=20, show_default=True, type=click.IntRange(1), help="Runs between two samples.")
def command(edge: Path, cloud: str | None, runs: int, every: int) -> None:
    """Print a line of JSON after each --every runs."""
    with ObliviousPipeline.from_bundle(edge, cloud, num_threads=1) as pipe:
        for sample in endure(pipe, runs, every, 2 if cloud else 0):
            click.echo(json.dumps(asdict(sample)))


if __name__ == "__main__":
    command()
