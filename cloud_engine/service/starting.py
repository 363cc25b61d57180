"""The models of a configuration: bundles that engines are made of when they are loaded."""

from __future__ import annotations

import os
from pathlib import Path

from ..backends import BackendOptions
from ..engine import Engine
from ..errors import ConfigError
from .models import Models
from .settings import Settings

__all__ = ["backend_options", "find_models", "load_models"]


def backend_options(settings: Settings) -> BackendOptions:
    """What the settings say of the backend."""
    return BackendOptions(threads=settings.threads or os.cpu_count() or 1, device=settings.device)


def find_models(settings: Settings) -> Models:
    """The settings' bundles, none of them loaded yet.

    Raises:
        obclip_contract.BundleError: a manifest cannot be read.
        ConfigError: two bundles of one model, or ``start_with`` names one that is not there.
    """
    options = backend_options(settings)

    def start(folder: Path) -> Engine:
        return Engine.from_bundle(folder, settings.backend, options=options)

    models = Models.of_bundles(settings.bundles, start, settings.warm)
    known = [m.name for m in models.all()]
    if wrong := sorted(set(settings.start_with) - set(known)):
        raise ConfigError(f"start_with names {', '.join(wrong)}; the bundles are of {', '.join(known)}")
    return models


def load_models(models: Models, settings: Settings) -> None:
    """Load those that the settings start with; all of them where they name none.

    Raises:
        obclip_contract.BundleError, EngineError: one cannot be loaded.
    """
    for name in settings.start_with or [m.name for m in models.all()]:
        models.load(name)
