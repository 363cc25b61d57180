"""``obclip attack``: run the attacks and print what each recovered against its bound."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import AttackError

if TYPE_CHECKING:
    from .outcome import Outcome

__all__ = ["command"]

_EPILOG = (
    "Examples: obclip attack --list; obclip attack --quick; obclip attack transcripts malicious; "
    "obclip attack --json benchmarks/results/attacks.json. "
    "Exit code 0: every bound holds, every baseline falls, every broken device is caught; 1: one does not."
)


@click.command(short_help="Attack the privacy claim; print what was recovered against the bound.", epilog=_EPILOG)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--list", "as_list", is_flag=True, help="Name the attacks and what each does.")
@click.option("--quick", is_flag=True, help="Fewer prompts and repeats; exact checks stay exact.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**64 - 1), help="Of what is sampled.")
@click.option(
    "--bundles",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with cloud and edge bundles (default: a tiny random pair, made once).",
)
@click.option(
    "--captions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Sentences to learn from, one a line (of a TSV file the last column); default: the shipped ones.",
)
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows here too.")
def command(
    names: tuple[str, ...],
    as_list: bool,
    quick: bool,
    seed: int,
    bundles: Path | None,
    captions: Path | None,
    json_file: Path | None,
) -> None:
    """Run all attacks, or those named, against a real device and a real engine on loopback.

    Needs no network and sends nothing to anybody: every server is this process's own.
    """
    from .registry import ATTACKS

    if as_list:
        width = max(map(len, ATTACKS))
        for attack in ATTACKS.values():
            click.echo(f"{attack.name.ljust(width)}  {attack.title}")
        return
    unknown = [n for n in names if n not in ATTACKS]
    if unknown:
        raise AttackError(f"there is no attack {unknown[0]!r}; known: {', '.join(ATTACKS)}")
    if json_file is not None and not json_file.resolve().parent.is_dir():
        raise AttackError(f"there is no folder {json_file.parent} to write {json_file.name} into")
    began = time.monotonic()
    outcomes = _run(list(dict.fromkeys(names)) or list(ATTACKS), quick, seed, bundles, _lines(captions))
    seconds = time.monotonic() - began
    from .outcome import table

    click.echo(table(outcomes))
    for broken in (o for o in outcomes if not o.ok):
        click.echo(f"{broken.attack}: {broken.target}: {broken.detail or broken.recovered}", err=True)
    click.echo(_summary(outcomes, seconds, _cpu_seconds()))
    if json_file is not None:
        report = _report(outcomes, names, quick, seed, seconds)
        json_file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not all(o.ok for o in outcomes):
        raise click.exceptions.Exit(1)


def _lines(file: Path | None) -> list[str] | None:
    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AttackError(f"the captions cannot be read: {error}") from None
    lines = [line.split("\t")[-1].strip() for line in text.splitlines()]
    found = [line for line in lines if " " in line]
    if len(found) < 200:
        raise AttackError(f"{file} holds {len(found)} sentences; at least 200 are needed to learn from")
    return found


def _run(names: list[str], quick: bool, seed: int, bundles: Path | None, captions: list[str] | None) -> list[Outcome]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from .lab import Lab
    from .registry import ATTACKS

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    outcomes: list[Outcome] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=len(names))
        lab = Lab(
            seed=seed, quick=quick, bundles=bundles, captions=captions, tick=lambda d: bar.update(task, description=d)
        )
        with lab:
            for name in names:
                outcomes += ATTACKS[name].run(lab)
                bar.update(task, advance=1)
    return outcomes


def _cpu_seconds() -> float:
    """User and system time of this process and of the engine that it started and stopped."""
    return sum(os.times()[:4])


def _summary(outcomes: list[Outcome], seconds: float, cpu: float) -> str:
    right = Counter(o.expect for o in outcomes if o.ok)
    wrong = sum(not o.ok for o in outcomes)
    told = (
        f"{right['holds']} bounds hold, {right['falls']} baselines fall, {right['caught']} broken devices are caught, "
        f"{right['reported']} numbers are reported beside ε"
    )
    return f"{told}; {wrong} not as they must be; {seconds:.0f} s, {cpu:.0f} s of CPU"


def _report(outcomes: list[Outcome], names: tuple[str, ...], quick: bool, seed: int, seconds: float) -> dict[str, Any]:
    from benchmarks.machine import describe
    from edge_sdk.attributes import LEXICON_VERSION

    from .outcome import CONFIDENCE, as_json

    words = ["obclip", "attack", *names, *(["--quick"] if quick else []), "--seed", str(seed)]
    return {
        "command": " ".join(words),
        "seed": seed,
        "confidence": CONFIDENCE,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(_cpu_seconds(), 1),
        "lexicon": LEXICON_VERSION,
        "machine": describe(),
        "rows": as_json(outcomes),
    }
