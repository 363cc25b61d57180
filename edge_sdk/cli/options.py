"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from obclip_contract import defaults
from obclip_contract.places import SHOWN, default_bundle

from ..privacy_names import NAMES, ON_MISS

if TYPE_CHECKING:
    from ..pipeline import Settings
    from ..privacy import OnImplied, Privacy

#: What can be done about words that imply an attribute.
ON_IMPLIED: Final = ("ask", "slot", "generalise", "allow", "refuse")
Command = Callable[..., Any]


def bundle_option(flag: str, kind: Literal["edge", "cloud"], help_text: str) -> Callable[[Command], Command]:
    """An option that names a bundle's folder, also from ``OBCLIP_EDGE_BUNDLE`` or ``OBCLIP_CLOUD_BUNDLE``."""
    return click.option(
        flag,
        type=click.Path(path_type=Path),
        envvar=f"OBCLIP_{kind.upper()}_BUNDLE",
        default=lambda: default_bundle(kind),
        show_default=SHOWN,
        help=help_text,
    )


def parse_domains(values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """``("skin_tone=light,medium,dark",)`` -> ``{"skin_tone": ("light", "medium", "dark")}``."""
    out: dict[str, tuple[str, ...]] = {}
    for value in values:
        axis, sign, names = value.partition("=")
        if not sign:
            raise click.BadParameter(f"{value!r} is not AXIS=VALUE,VALUE,…", param_hint="--domain")
        out[axis.strip()] = tuple(n.strip() for n in names.split(",") if n.strip())
    return out


def _decorated(function: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        function = option(function)
    return function


def run_options(function: Command) -> Command:
    """The public parameters of a run: they go to the cloud as they are."""
    return _decorated(
        function,
        (
            click.option("--steps", default=defaults.STEPS, show_default=True, help="Denoising steps T in all."),
            click.option(
                "--cloud-steps",
                type=int,
                help="Steps k in the cloud; 0 sends nothing. "
                f"[default: {defaults.CLOUD_STEPS} of {defaults.STEPS}, and that share of other steps]",
            ),
            click.option("--guidance", type=float, help="Guidance scale (default: the model's)."),
            click.option("--negative", default="", help="Negative prompt, the same for all; it may name no attribute."),
            click.option(
                "--sampler", type=click.Choice(["dpmpp_2m", "ddim"]), default=defaults.SAMPLER, show_default=True
            ),
            click.option(
                "--handover",
                type=click.Choice(["restart", "carry"]),
                default=defaults.HANDOVER,
                show_default=True,
                help="carry also returns the last x0: second order at the seam for twice the download.",
            ),
            click.option(
                "--plan", default=defaults.PLAN, show_default=True, help="Server's step plan ('obclip plan')."
            ),
        ),
    )


#: What only the device is told, by the names of :class:`Settings`; ``obclip generate`` alone has them.
DEVICE_OPTIONS: Final = ("device_steps", "device_sampler", "device_guidance_scale")


def arguments_of(options: dict[str, Any]) -> dict[str, Any]:
    """The options of :func:`run_options` as :class:`edge_sdk.ObliviousPipeline` calls them."""
    return {
        "num_inference_steps": options["steps"],
        "cloud_steps": options["cloud_steps"],
        "guidance_scale": options["guidance"],
        "negative_prompt": options["negative"],
        "sampler": options["sampler"],
        "handover": options["handover"],
        "plan": options["plan"],
        "device_stride": options.get("device_stride", defaults.DEVICE_STRIDE),
        **{name: options.get(name) for name in DEVICE_OPTIONS},
    }


def settings_of(options: dict[str, Any]) -> Settings:
    """The :class:`Settings` that the options of :func:`run_options` ask for.

    Raises:
        InputError: one is over a limit.
    """
    from ..pipeline.settings import Settings

    return Settings(
        steps=options["steps"],
        cloud_steps=options["cloud_steps"],
        guidance_scale=options["guidance"],
        negative_prompt=options["negative"],
        sampler=options["sampler"],
        handover=options["handover"],
        plan=options["plan"],
        device_stride=options.get("device_stride", defaults.DEVICE_STRIDE),
        **{name: options.get(name) for name in DEVICE_OPTIONS},
    )


def privacy_options(function: Command) -> Command:
    """How the prompt is hidden, and how it is read."""
    return _decorated(
        function,
        (
            click.option(
                "--mechanism",
                type=click.Choice(NAMES),
                default="auto",
                show_default=True,
                help="closed: every way to fill the prompt. cover: fixed representatives, epsilon 0 at any size. "
                "cells: a fixed part of a large set, no epsilon: some bits leak and are told. "
                "k-subset: a random part, needs --epsilon. neutral: one candidate without the attributes. "
                "local: nothing is sent. auto: closed if it fits, else cover.",
            ),
            click.option("--epsilon", type=float, help="Privacy loss of one k-subset draw; the ledger adds them up."),
            click.option("--cell-size", default=24, show_default=True, help="Candidates in a cell at most."),
            click.option("--max-candidates", type=int, help="N at most (default: closed 64, cover 24, k-subset 8)."),
            click.option(
                "--on-miss",
                type=click.Choice(ON_MISS),
                default="nearest",
                show_default=True,
                help="Where yours was not sent: go on from the nearest at higher noise, or use the device alone.",
            ),
            click.option(
                "--on-implied",
                type=click.Choice(ON_IMPLIED),
                default="ask",
                show_default=True,
                help="Words that imply an attribute (beard, hijab): ask (without a terminal: refuse), slot, "
                "generalise, allow, refuse.",
            ),
            click.option("--strict", is_flag=True, help="Refuse values off the lists instead of taking the nearest."),
            click.option("--unspecified", is_flag=True, help="Hide also whether gender (or each --axis) was given."),
            click.option("--axis", "axes", multiple=True, help="Hide this axis and not the others; repeatable."),
            click.option("--opt-in", multiple=True, help="Hide this axis too (profession, body, hair, first_names)."),
            click.option(
                "--domain",
                "domains",
                multiple=True,
                metavar="AXIS=V,V,…",
                help="Narrow an axis to a public sub-list, e.g. skin_tone=light,medium,dark.",
            ),
        ),
    )


def privacy_of(options: dict[str, Any], on_implied: OnImplied = "refuse") -> Privacy:
    """The :class:`Privacy` that the options of :func:`privacy_options` ask for."""
    from ..privacy import Privacy

    return Privacy(
        mechanism=options["mechanism"],
        epsilon=options["epsilon"],
        cell_size=options["cell_size"],
        max_candidates=options["max_candidates"],
        on_miss=options["on_miss"],
        axes=tuple(options["axes"]) or None,
        opt_in=tuple(options["opt_in"]),
        domains=parse_domains(options["domains"]),
        strict=options["strict"],
        unspecified=options["unspecified"],
        on_implied=on_implied,
    )


def told_epsilon(epsilon: float | None) -> str:
    """ε as it is printed: "none" where there is none (bits leak, or nothing was hidden)."""
    return "none" if epsilon is None else f"{epsilon:.4g}"
