"""``obclip export triton``: a cloud bundle's graphs as a model repository of Triton Inference Server."""

from __future__ import annotations

import json
from pathlib import Path

import click

from obclip_contract.places import SHOWN, default_bundle

__all__ = ["command"]


def _numbers(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter("give whole numbers with commas, such as 1,2,4,8,16", ctx, param) from None


@click.command(
    name="triton",
    short_help="A model repository for Triton Inference Server.",
    epilog="Examples: obclip export triton --out build/triton; "
    "obclip export triton --cloud-bundle build/gpu/cloud --out build/triton --accelerator tensorrt --rows 2,12,30; "
    "then: tritonserver --model-repository=build/triton",
)
@click.option(
    "--cloud-bundle",
    type=click.Path(path_type=Path),
    envvar="OBCLIP_CLOUD_BUNDLE",
    default=lambda: default_bundle("cloud"),
    show_default=SHOWN,
    help="The cloud bundle.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option(
    "--rows",
    callback=_numbers,
    metavar="N,N,…",
    default="1,2,4,8,16",
    show_default=True,
    help="Batch sizes to warm up at; a guided candidate is two rows.",
)
@click.option(
    "--accelerator",
    type=click.Choice(["cpu", "cuda", "tensorrt"]),
    default="cpu",
    show_default=True,
    help="Where Triton's onnxruntime backend computes.",
)
@click.option("--overwrite", is_flag=True, help="Replace an exported repository that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def command(
    cloud_bundle: Path, out: Path, rows: tuple[int, ...], accelerator: str, overwrite: bool, as_json: bool
) -> None:
    """Write each ONNX graph of a cloud bundle with its config.pbtxt.

    Triton runs the graphs alone; plans, sampler and noise are the business of a program before it (docs/DEPLOY.md).
    """
    from ..triton import export_triton

    models = export_triton(out, cloud_bundle, rows, accelerator, overwrite)  # type: ignore[arg-type]
    if as_json:
        told = [{"name": m.name, "role": m.role, "file": m.file, "rows": list(m.rows)} for m in models]
        click.echo(json.dumps({"path": str(out), "models": told}, indent=1))
        return
    click.echo(f"{out}: {len(models)} models, at most {max(rows)} rows each")
    for model in models:
        click.echo(f"  {model.name:30} {model.role}")
