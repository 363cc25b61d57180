"""Options that the cloud's commands share. No torch here: ``obclip --help`` stays quick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

__all__ = ["DEFAULT_BUNDLE", "bundle_option"]

DEFAULT_BUNDLE: Final = Path("build/bundles/stickers/cloud")


def bundle_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--bundle``: a cloud bundle's folder, also from ``OBCLIP_CLOUD_BUNDLE``."""
    return click.option(
        "--bundle",
        type=click.Path(path_type=Path),
        envvar="OBCLIP_CLOUD_BUNDLE",
        default=DEFAULT_BUNDLE,
        show_default=True,
        help=help_text,
    )
