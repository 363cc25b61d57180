"""``obclip bench all``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..errors import BenchmarkError
from .catalogue import RESULTS, Benchmark, catalogue, chosen
from .needs import find_hindrance

if TYPE_CHECKING:
    from .runs import Outcome

#: Any pair's bundles do for the reduced forms.
_PAIR: Final = Path("build/bundles/stickers")
_FOLDER: Final = click.Path(path_type=Path, file_okay=False, exists=True)
_EPILOG: Final = (
    "Examples: obclip bench all --list; obclip bench all --resume; obclip bench all --only plan_flops --only peers; "
    "obclip bench all --skip export_scale --out build/results; obclip bench all --report-only; obclip bench all --quick"
)


@click.command(name="all", epilog=_EPILOG)
@click.option("--only", multiple=True, metavar="NAME", help="This result alone; repeatable.")
@click.option("--skip", multiple=True, metavar="NAME", help="All but this result; repeatable.")
@click.option("--list", "as_list", is_flag=True, help="Name the results, their commands, and what is missing here.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, show_default=True)
@click.option("--resume", is_flag=True, help="Leave what an earlier run that was stopped has written.")
@click.option("--report-only", is_flag=True, help="Run nothing; write docs/RESULTS.md and its plots from the files.")
@click.option(
    "--quick",
    is_flag=True,
    help="Run reduced forms into a temporary folder, and hold report and quoted numbers to the files.",
)
@click.option(
    "--bundles",
    type=_FOLDER,
    help=f"With --quick: folder with cloud and edge, of any pair (default: {_PAIR}).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def run_everything(
    only: tuple[str, ...],
    skip: tuple[str, ...],
    as_list: bool,
    out: Path,
    resume: bool,
    report_only: bool,
    quick: bool,
    bundles: Path | None,
    as_json: bool,
) -> None:
    """Write every result file that the documents quote, one after another, then docs/RESULTS.md.

    What needs a thing that this machine lacks is skipped, with the reason. A result is replaced when its command has
    ended well; one that fails leaves its file as it was, and the others go on. Exit code 1: one failed; with --quick
    also: the report or a quoted number is other than the files.
    """
    if sum((as_list, report_only, quick)) > 1:
        raise click.UsageError("--list, --report-only and --quick are three things; give one of them")
    benchmarks = chosen(only, skip, catalogue(RESULTS))
    if as_list:
        _list(benchmarks, as_json)
        return
    if report_only:
        _report(out)
        return
    outcomes, problems = _quick(benchmarks, bundles) if quick else (_all(benchmarks, out, resume), [])
    failed = [o for o in outcomes if o.state == "failed"]
    if as_json:
        from .runs import as_json as plain

        click.echo(json.dumps({"outcomes": plain(outcomes), "problems": problems}, indent=1, ensure_ascii=False))
    else:
        _sum_up(outcomes, problems)
    if failed or problems:
        raise click.exceptions.Exit(1)


def _list(benchmarks: Sequence[Benchmark], as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "name": b.name,
            "command": " ".join(b.command),
            "minutes": b.minutes,
            "reduced": " ".join(b.quick),
            "missing": find_hindrance(b),
        }
        for b in benchmarks
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['name']}  (about {row['minutes']:g} min{', has a reduced form' if row['reduced'] else ''})")
        click.echo(f"    {row['command'] or 'no command'}")
        if row["missing"]:
            click.echo(f"    skipped here: {row['missing']}")


def _all(benchmarks: Sequence[Benchmark], out: Path, resume: bool) -> list[Outcome]:
    from .runs import State, free_scratch, run_all

    out.mkdir(parents=True, exist_ok=True)
    free_scratch(out)
    outcomes = run_all(benchmarks, out, State.beside(out, resume), _tell)
    if out == RESULTS:
        _report(out)
    return outcomes


def _quick(benchmarks: Sequence[Benchmark], bundles: Path | None) -> tuple[list[Outcome], list[str]]:
    from ..quotes import check_documents
    from ..report import find_stale
    from .quick import run_quick

    root = Path.cwd()
    problems = [*find_stale(RESULTS, root), *map(str, check_documents(root))]
    for problem in problems:
        _tell(problem)
    bundles = bundles or _PAIR
    if any(b.quick for b in benchmarks) and not (bundles / "cloud").is_dir():
        raise BenchmarkError(
            f"there are no bundles in {bundles}: export a pair ('obclip export all'), or pass --bundles"
        )
    with tempfile.TemporaryDirectory(prefix="obclip-bench-") as out:
        return run_quick(benchmarks, RESULTS, Path(out), bundles, _tell), problems


def _report(results: Path) -> None:
    from ..report import write_report

    for file in write_report(results, Path.cwd()):
        _tell(f"wrote {file}")


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _sum_up(outcomes: Sequence[Outcome], problems: Sequence[str]) -> None:
    counts = {s: sum(o.state == s for o in outcomes) for s in ("written", "kept", "skipped", "failed")}
    click.echo(", ".join(f"{n} {s}" for s, n in counts.items() if n) or "nothing to do")
    for outcome in outcomes:
        if outcome.state == "failed":
            click.echo(f"failed: {outcome.name} (exit code {outcome.exit_code}): {outcome.reason}")
    if problems:
        click.echo(f"{len(problems)} quoted numbers or parts of the report are other than the files, above")
