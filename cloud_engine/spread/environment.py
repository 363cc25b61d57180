"""What Ray reads from the environment, and has to find there before it is imported, on every machine of a cluster."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Final

from ..errors import ConfigError

__all__ = ["REQUIRED", "check_environment", "one_box_environment"]

#: Reported to its makers otherwise, once an hour.
_USAGE: Final = "RAY_USAGE_STATS_ENABLED"
#: Who may speak to Ray itself, which runs any code it is given; 2.61 changes the default, so that it is said.
_AUTH: Final = "RAY_AUTH_MODE"
_AUTH_MODES: Final = ("token", "disabled")
_DOOR: Final = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"
_SPILLING: Final = "RAY_automatic_object_spilling_enabled"

#: Variables of which the application needs one value.
REQUIRED: Final[Mapping[str, str]] = {
    _USAGE: "0",
    _DOOR: "cloud_engine.spread.door:middlewares",
    _SPILLING: "false",  # answers are latents: they never go to a disk
}


def check_environment(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse to run in a Ray that was started otherwise.

    Raises:
        ConfigError: names every variable that is missing and its value.
    """
    wrong = [f"{name}={value}" for name, value in REQUIRED.items() if environment.get(name, "").lower() != value]
    if environment.get(_AUTH, "").lower() not in _AUTH_MODES:
        wrong.append(f"{_AUTH}=token (or disabled, on a network of its own)")
    if wrong:
        raise ConfigError(f"set these before Ray starts, on every machine: {', '.join(wrong)} (docs/DEPLOY.md)")


def one_box_environment() -> dict[str, str]:
    """For a Ray that lives and ends with this process: a token of its own keeps this machine's other users out."""
    return {
        **REQUIRED,
        _AUTH: "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_DEDUP_LOGS": "0",  # requests' lines are alike
    }
