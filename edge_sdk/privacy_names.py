"""Names of the choices that :class:`edge_sdk.Privacy` takes. A command's help lists them, and loads no reader."""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = ["NAMES", "ON_MISS", "Name", "OnMiss"]

Name = Literal["auto", "closed", "cover", "cells", "k-subset", "local", "neutral"]
NAMES: Final[tuple[str, ...]] = get_args(Name)
OnMiss = Literal["nearest", "local"]
ON_MISS: Final[tuple[str, ...]] = get_args(OnMiss)
