"""``obclip export``: a pair of diffusers folders to verified bundles, and the page to a folder for a host."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_sdk.cli import stopping

from ..options import CHUNK_BYTES, EdgeOptions, work_steps
from ..preflight import check_numbers, check_options
from ..sizes import Estimate, estimate
from ..sources import resolve_all
from ..staging import check_place
from ..tensorrt import command as tensorrt
from ..verify.precision import choose
from .triton import command as triton
from .web import command as web

if TYPE_CHECKING:
    from ..bundles import CloudOptions
    from ..manifests import Exported

_KINDS = {"cloud": ("cloud",), "edge": ("edge",), "all": ("cloud", "edge")}

#: Reports of :func:`export.bundles.export_cloud` on the default pair, for the bar; more only move it sooner.
_CLOUD_STEPS = 5


def _list(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(v.strip() for v in (value or "").split(",") if v.strip())


def _plans(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    from cloud_engine.plans.presets import PRESETS, is_preset

    if unknown := [name for name in value if not is_preset(name)]:
        raise click.BadParameter(
            f"there is no plan {unknown[0]!r}; there are: {', '.join(PRESETS)}", context, parameter
        )
    return value


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
        "--large",
        required=True,
        help="The large model: a diffusers folder, a .safetensors checkpoint, or OWNER/NAME[@REVISION] of a hub.",
    )
    @click.option("--small", help="The small model, likewise (edge, all).")
    @click.option("--variant", help="Take the weights' files of this variant where a part has them, such as fp16.")
    @click.option(
        "--base",
        type=click.Path(path_type=Path),
        help="Diffusers folder whose configs and tokenizer a single-file checkpoint goes with.",
    )
    @click.option(
        "--dry-run", is_flag=True, help="Check everything that can be without loading, and say what is needed."
    )
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
    @click.option(
        "--plan",
        "plans",
        multiple=True,
        callback=_plans,
        help="Step plan whose graphs the cloud bundle holds for ONNX Runtime; repeatable (default: balanced, fast and "
        "tree, which dense, close and tuned plans do with).",
    )
    @click.option("--overwrite", is_flag=True, help="Replace bundles that are there.")
    @click.option("--force", is_flag=True, help="Write an edge bundle that fails its check, marked unverified.")
    @tensorrt.options
    @click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
    def export(large: str, small: str | None, out: Path, as_json: bool, **options: Any) -> None:
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


def _finish(
    out: Path, options: dict[str, Any], report: Callable[[str], None]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Engines, once the bundles are in their places: what an interrupt leaves is no longer nothing."""
    if options["backend"] != "onnxruntime":
        again = "the same command without --overwrite" if options["overwrite"] else "the same command"
        stopping.leave(f"the bundle is whole and has no new engines; {again} goes on after those that were finished")
    return tensorrt.finish(out, options, report)


def _export(what: str, large: str, small: str | None, out: Path, as_json: bool, options: dict[str, Any]) -> None:
    if what != "cloud" and small is None:
        raise click.UsageError("--small is needed for the edge bundle")
    if what != "edge":
        tensorrt.check_first(options)
    if what == "cloud" and tensorrt.bundle_is_enough(out, Path(large), options):
        lines, engines = _finish(out, options, lambda text: click.echo(text, err=True))
        _say([json.dumps({"engines": engines}, indent=1)] if as_json and engines else lines)
        return
    # All of this before the libraries that take seconds to load, and long before any work.
    edge = _edge_options(options)
    check_numbers(options["name"], options["guidance"])
    outs = [out / kind for kind in _KINDS[what]]
    for place in outs:
        check_place(place, options["overwrite"])
    given = {"large": large} if small is None else {"large": large, "small": small}
    with resolve_all(given, options["variant"], options["base"], lambda text: click.echo(text, err=True)) as models:
        folders = {which: model.folder for which, model in models.items()}
        common = {k: options[k] for k in ("name", "guidance", "overwrite", "variant")}
        check_options(folders["large"], folders.get("small"), outs, **common)
        if options["dry_run"]:
            half = options["backend"] != "onnxruntime"
            _say_dry(estimate(what, folders, edge.choice, options["variant"], half), as_json)
            return
        common["origins"] = {which: m.origin for which, m in models.items() if m.origin}
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the converters' own chatter
        from ..bundles import CloudOptions
        from ..onnx.steps import DEFAULT_PLANS

        cloud = CloudOptions(options["plans"] or DEFAULT_PLANS, half=options["backend"] != "onnxruntime")
        done = _run(what, folders, out, cloud, edge, common, options["force"])
    report = partial(click.echo, err=True)
    lines, engines = _finish(out, options, report) if what != "edge" else ([], [])
    if as_json:
        summary = {kind: _summary(e, s) for kind, e, s in done}
        made = {"engines": engines} if engines else {"tensorrt": lines} if lines else {}
        click.echo(json.dumps({**summary, **made}, indent=1))
        return
    for kind, exported, seconds in done:
        _print(kind, exported, seconds)
    _say(lines)


def _say_dry(found: Estimate, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(vars(found), indent=1))
        return
    click.echo("nothing is written (--dry-run); this would be made:")
    _say([f"  {line}" for line in found.makes])
    click.echo(
        f"about {found.seconds:.0f} s on two cores, {found.memory_gb:.1f} GB of memory, {found.disk_gb:.1f} GB of disk"
    )


def _say(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


def _edge_options(options: dict[str, Any]) -> EdgeOptions:
    return EdgeOptions(
        choice=choose(options["formats"], options["precisions"]),
        layout=options["layout"],
        chunk_bytes=CHUNK_BYTES if options["chunk"] else 0,
        pictures=options["pictures"],
        judge=options["judge"],
    )


def _run(
    what: str,
    folders: dict[str, Path],
    out: Path,
    cloud: CloudOptions,
    edge: EdgeOptions,
    common: dict[str, Any],
    force: bool,
) -> list[tuple[str, Exported, float]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..bundles import export_all, export_cloud, export_edge

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    total = (_CLOUD_STEPS if what != "edge" else 0) + (work_steps(edge) if what != "cloud" else 0)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=total)

        def report(text: str) -> None:
            bar.update(task, description=text, advance=1)
            if not console.is_terminal:
                console.print(text)

        began = time.monotonic()
        large, small = folders["large"], folders.get("small")
        if what == "cloud":
            made = export_cloud(large, out / "cloud", plans=cloud.plans, half=cloud.half, report=report, **common)
            return [("cloud", made, time.monotonic() - began)]
        assert small is not None
        if what == "edge":
            made = export_edge(large, small, out / "edge", options=edge, force=force, report=report, **common)
            return [("edge", made, time.monotonic() - began)]
        both = export_all(large, small, out, cloud=cloud, edge=edge, force=force, report=report, **common)
        return [(kind, made, made.seconds) for kind, made in zip(("cloud", "edge"), both, strict=True)]


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
