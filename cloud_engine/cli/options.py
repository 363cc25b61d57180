"""Options that the cloud's commands share. No torch here: ``obclip --help`` stays quick."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from obclip_contract.places import SHOWN, default_bundle

__all__ = ["FiniteRange", "bundle_option"]


def bundle_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--bundle``: a cloud bundle's folder, also from ``OBCLIP_CLOUD_BUNDLE``."""
    return click.option(
        "--bundle",
        type=click.Path(path_type=Path),
        envvar="OBCLIP_CLOUD_BUNDLE",
        default=lambda: default_bundle("cloud"),
        show_default=SHOWN,
        help=help_text,
    )


class FiniteRange(click.FloatRange):
    """Numbers of a range; click's own lets ``nan`` through, and ``inf`` where the range is open."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number.

        Raises:
            click.BadParameter: it is no number of the range.
        """
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number
