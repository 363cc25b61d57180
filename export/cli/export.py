"""``obclip export``: a pair of diffusers folders to verified bundles, and the page to a folder for a host."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..tensorrt import command as tensorrt
from .triton import command as triton
from .web import command as web

if TYPE_CHECKING:
    from ..edge import EdgeOptions
    from ..manifests import Exported

#: Reports of :func:`export.bundles.export_cloud` on the default pair, for the bar; more only move it sooner.
_CLOUD_STEPS = 5


def _list(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(v.strip() for v in (value or "").split(",") if v.strip())


def _models(what: str, short: str, example: str) -> click.Command:
    """One of ``cloud``, ``edge`` and ``all``, which take the same options."""

    @click.command(
        name=what,
        short_help=short,
        help=f"{short}\n\nEach graph is compared with torch, then the finished pictures are; what differs too much is "
        "not written.",
        epilog=f"Example: obclip export {what} {example}",
    )
    @click.option(
        "--large", type=click.Path(path_type=Path), required=True, help="Diffusers folder of the large model."
    )
    @click.option("--small", type=click.Path(path_type=Path), help="Diffusers folder of the small model (edge, all).")
    @click.option("--out", type=click.Path(path_type=Path), required=True, help="Writes OUT/cloud and OUT/edge.")
    @click.option("--name", default="stickers", show_default=True, help="Identifier that device and cloud compare.")
    @click.option(
        "--guidance",
        default=2.0,
        show_default=True,
        help="Guidance scale that devices use by default: 2 suits the default pair, Stable Diffusion takes about 7.",
    )
    @click.option(
        "--format",
        "formats",
        default="litert",
        show_default=True,
        callback=_list,
        help="Edge formats, comma-separated: litert (Android, desktops), coreml (Apple).",
    )
    @click.option(
        "--precision",
        "precisions",
        callback=_list,
        help="Edge precisions, comma-separated, the preferred first: litert has fp32, fp16, int8 (default int8); "
        "coreml has fp16, pal8, pal6 (default fp16).",
    )
    @click.option(
        "--layout",
        type=click.Choice(["original", "split_einsum"]),
        default="original",
        show_default=True,
        help="CoreML attention; split_einsum suits the Neural Engine.",
    )
    @click.option("--chunk", is_flag=True, help="Cut CoreML packages over 1 GB in two.")
    @click.option(
        "--pictures", type=click.IntRange(0), help="Finished pictures to compare (default: 48 with a judge, or 2)."
    )
    @click.option(
        "--judge",
        type=click.Path(path_type=Path),
        help="Judge that reads the pictures (default: LARGE/../judge).",
    )
    @click.option("--overwrite", is_flag=True, help="Replace bundles that are there.")
    @click.option("--force", is_flag=True, help="Write an edge bundle that fails its check, marked unverified.")
    @tensorrt.options
    @click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
    def export(large: Path, small: Path | None, out: Path, as_json: bool, **options: Any) -> None:
        _export(what, large, small, out, as_json, options)

    return export


@click.group(
    name="export",
    short_help="Make the bundles from two diffusers folders, and the page for a host.",
    epilog="Examples: obclip export all --large models/stickers/large --small models/stickers/small "
    "--out build/bundles/stickers; obclip export web --out site --cloud https://cloud.example",
)
def command() -> None:
    """Compile a large and a small model into bundles, or write the page for a host of static files."""


command.add_command(
    _models(
        "cloud",
        "The cloud bundle, of the large model.",
        "--large models/stickers/large --out build/bundles/stickers",
    )
)
command.add_command(
    _models(
        "edge",
        "The edge bundle, of the small model.",
        "--large models/stickers/large --small models/stickers/small --out build/ios --format coreml "
        "--precision fp16,pal6",
    )
)
command.add_command(
    _models(
        "all",
        "Both bundles.",
        "--large models/stickers/large --small models/stickers/small --out build/bundles/stickers",
    )
)
command.add_command(web)
command.add_command(triton)


def _export(what: str, large: Path, small: Path | None, out: Path, as_json: bool, options: dict[str, Any]) -> None:
    if what != "cloud" and small is None:
        raise click.UsageError("--small is needed for the edge bundle")
    if what != "edge":
        tensorrt.check_first(options)
    if what == "cloud" and tensorrt.bundle_is_enough(out, options):
        _say(tensorrt.finish(out, options, lambda _: None))
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the converters' own chatter
    from ..edge import work_steps

    edge = _edge_options(options)
    total = (_CLOUD_STEPS if what != "edge" else 0) + (work_steps(edge) if what != "cloud" else 0)
    common = {k: options[k] for k in ("name", "guidance", "overwrite")}
    done = _run(what, large, small, out, edge, common, options["force"], options["backend"] == "tensorrt", total)
    lines = tensorrt.finish(out, options, lambda text: click.echo(text, err=True)) if what != "edge" else []
    if as_json:
        summary = {kind: _summary(e, s) for kind, e, s in done}
        click.echo(json.dumps({**summary, "tensorrt": lines} if lines else summary, indent=1))
        return
    for kind, exported, seconds in done:
        _print(kind, exported, seconds)
    _say(lines)


def _say(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


def _edge_options(options: dict[str, Any]) -> EdgeOptions:
    from ..edge import CHUNK_BYTES, EdgeOptions
    from ..verify.precision import choose

    return EdgeOptions(
        choice=choose(options["formats"], options["precisions"]),
        layout=options["layout"],
        chunk_bytes=CHUNK_BYTES if options["chunk"] else 0,
        pictures=options["pictures"],
        judge=options["judge"],
    )


def _run(
    what: str,
    large: Path,
    small: Path | None,
    out: Path,
    edge: EdgeOptions,
    common: dict[str, Any],
    force: bool,
    half: bool,
    total: int,
) -> list[tuple[str, Exported, float]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..bundles import export_cloud, export_edge

    console = Console(stderr=True)
    done: list[tuple[str, Exported, float]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=total)

        def report(text: str) -> None:
            bar.update(task, description=text, advance=1)
            if not console.is_terminal:
                console.print(text)

        jobs: list[tuple[str, Callable[[], Exported]]] = []
        if what in ("cloud", "all"):
            jobs.append(("cloud", lambda: export_cloud(large, out / "cloud", half=half, report=report, **common)))
        if what in ("edge", "all"):
            assert small is not None
            folder = small
            jobs.append(
                (
                    "edge",
                    lambda: export_edge(
                        large, folder, out / "edge", options=edge, force=force, report=report, **common
                    ),
                )
            )
        for kind, job in jobs:
            began = time.monotonic()
            done.append((kind, job(), time.monotonic() - began))
    return done


def _print(kind: str, exported: Exported, seconds: float) -> None:
    size = sum(f.bytes for f in exported.manifest.files)
    state = "" if exported.manifest.verified else ", NOT VERIFIED"
    click.echo(f"{kind}: {exported.path} ({size / 1e6:.1f} MB, {seconds:.0f} s{state})")
    for check in exported.checks:
        fault = f"  FAILED: {check.failure}" if check.failure else ""
        click.echo(
            f"  {check.file} {check.signature}: PSNR {check.psnr_db:.1f} dB, "
            f"largest difference to torch {check.max_error:.1e}{fault}"
        )
    for seen in exported.pictures:
        judged = "" if seen.accuracy is None else f"; judge {seen.accuracy:.1f} % (torch {seen.accuracy_torch:.1f} %)"
        fault = f"  FAILED: {seen.failure}" if seen.failure else ""
        click.echo(
            f"  {seen.prompts} finished pictures, {seen.format} {seen.precision}: PSNR {seen.psnr_db:.1f} dB "
            f"(lowest {seen.lowest_psnr_db:.1f}){judged}{fault}"
        )
    for note in exported.notes:
        click.echo(f"  note: {note}")


def _summary(exported: Exported, seconds: float) -> dict[str, object]:
    return {
        "path": str(exported.path),
        "seconds": round(seconds, 1),
        "verified": exported.manifest.verified,
        "files": {f.path: f.bytes for f in exported.manifest.files},
        "checks": [vars(c) for c in exported.checks],
        "pictures": [vars(c) for c in exported.pictures],
        "notes": exported.notes,
    }
