"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

EDGE_BUNDLE: Final = Path("build/bundles/stickers/edge")
CLOUD_BUNDLE: Final = Path("build/bundles/stickers/cloud")


def parse_domains(values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """``("skin_tone=light,medium,dark",)`` -> ``{"skin_tone": ("light", "medium", "dark")}``."""
    out: dict[str, tuple[str, ...]] = {}
    for value in values:
        axis, sign, names = value.partition("=")
        if not sign:
            raise click.BadParameter(f"{value!r} is not AXIS=VALUE,VALUE,…", param_hint="--domain")
        out[axis.strip()] = tuple(n.strip() for n in names.split(",") if n.strip())
    return out


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The public parameters of a run: they go to the cloud as they are."""
    for option in reversed(
        (
            click.option("--steps", default=25, show_default=True, help="Denoising steps T in all."),
            click.option("--cloud-steps", default=10, show_default=True, help="Steps k in the cloud; 0 sends nothing."),
            click.option("--guidance", type=float, help="Guidance scale (default: the model's)."),
            click.option("--negative", default="", help="Negative prompt, the same for all candidates."),
            click.option("--sampler", type=click.Choice(["dpmpp_2m", "ddim"]), default="dpmpp_2m", show_default=True),
            click.option(
                "--handover",
                type=click.Choice(["restart", "carry"]),
                default="restart",
                show_default=True,
                help="carry also returns the last x0: second order at the seam for twice the download.",
            ),
            click.option(
                "--domain",
                "domains",
                multiple=True,
                metavar="AXIS=V,V,…",
                help="Narrow an axis to a public sub-list, e.g. skin_tone=light,medium,dark.",
            ),
        )
    ):
        function = option(function)
    return function
