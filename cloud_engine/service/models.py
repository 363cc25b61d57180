"""The models of one process: several engines by name, loaded, run once, and unloaded without a restart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from obclip_contract import BundleError, GenerateRequest, PromptGrid
from obclip_contract.bundle import read_manifest

from ..engine import Engine
from ..errors import ConfigError, EngineError, ModelNotLoadedError, WrongModelError
from ..planning import NAIVE

__all__ = ["Model", "Models", "warm_up"]

State = Literal["ready", "loading", "unloaded", "failed"]
#: What a model is run on before it is ready: every graph of the plan once, one candidate, the cheapest of everything.
_WARM_STEPS: Final = 2
_MANIFEST: Final = "bundle.json"


@dataclass
class Model:
    """One model of the configuration. ``folder`` is ``None`` for an engine that was handed over ready."""

    name: str
    folder: Path | None
    state: State = "unloaded"
    engine: Engine | None = None
    reason: str = ""
    manifest: bytes = b""

    @property
    def changed(self) -> bool:
        """Whether the bundle on disk is another than the one that was loaded: load it again to serve it."""
        if self.folder is None or self.engine is None:
            return False
        return _read(self.folder) != self.manifest


class Models:
    """The engines, the first of which is the one that ``/v1/health`` tells of.

    Loading and unloading exclude each other. A request keeps the engine that it was planned on until it is answered;
    an engine that is replaced or unloaded goes when the last of these is done.

    Args:
        start: makes an engine from a bundle's folder.
        warm: run each engine once before it is ready.
    """

    def __init__(
        self, models: Iterable[Model], start: Callable[[Path], Engine] | None = None, warm: bool = True
    ) -> None:
        self._models = {m.name: m for m in models}
        self._start, self._warm = start, warm
        self._lock = threading.Lock()

    @classmethod
    def of_engines(cls, engines: Sequence[Engine]) -> Models:
        """Engines that run already."""
        return cls(Model(e.manifest.model, None, "ready", e) for e in engines)

    @classmethod
    def of_bundles(cls, folders: Sequence[Path], start: Callable[[Path], Engine], warm: bool = True) -> Models:
        """Bundles, none of them loaded yet.

        Raises:
            obclip_contract.BundleError: a manifest cannot be read.
            ConfigError: two bundles of one model.
        """
        models = [Model(read_manifest(folder).model, folder) for folder in folders]
        for model in models:
            if [m.name for m in models].count(model.name) > 1:
                raise ConfigError(f"two bundles are of the model {model.name}: give one")
        return cls(models, start, warm)

    def all(self) -> list[Model]:
        """Every model, in the configuration's order."""
        return list(self._models.values())

    @property
    def first(self) -> Model:
        """The first ready one, else the first of all."""
        ready = [m for m in self._models.values() if m.engine is not None]
        return (ready or self.all())[0]

    @property
    def ready(self) -> bool:
        """Whether something is served."""
        return any(m.engine is not None for m in self._models.values())

    def get(self, name: str) -> Model:
        """The model of this name.

        Raises:
            WrongModelError: there is none.
        """
        if name not in self._models:
            raise WrongModelError(f"this server has no such model; it has {', '.join(map(repr, self._models))}")
        return self._models[name]

    def engine(self, name: str) -> Engine:
        """The engine of a model that is loaded.

        Raises:
            WrongModelError: there is no such model. ModelNotLoadedError: it is not loaded now.
        """
        if name not in self._models:
            known = ", ".join(map(repr, self._models))
            raise WrongModelError(f"this server runs the model {known}: use the edge bundle of its pair")
        model = self.get(name)
        if model.engine is None:
            raise ModelNotLoadedError(f"the model {name!r} is not loaded on this server; send the request again later")
        return model.engine

    def load(self, name: str) -> Model:
        """Load a model, or load it again from what its folder holds now; the old engine serves until then.

        Raises:
            WrongModelError: there is none of this name. ConfigError: it was handed over without a folder.
            BundleError, EngineError: it cannot be loaded; what was loaded before stays.
        """
        model = self.get(name)
        if model.folder is None or self._start is None:
            raise ConfigError(f"the model {name!r} was given to this server ready-made and cannot be loaded again")
        with self._lock:
            before, model.state = model.state, "loading"
            try:
                manifest = _read(model.folder)
                engine = self._start(model.folder)
                if engine.manifest.model != name:
                    raise BundleError(f"the bundle of {name!r} now holds another model: start the server again")
                if self._warm:
                    warm_up(engine)
            except (BundleError, EngineError) as error:
                model.state = "ready" if before == "ready" else "failed"
                model.reason = type(error).__name__
                raise
            model.engine, model.manifest, model.state, model.reason = engine, manifest, "ready", ""
        return model

    def unload(self, name: str) -> Model:
        """Serve a model no more; what was planned on it is still computed.

        Raises:
            WrongModelError: there is none of this name. ConfigError: it could not be loaded again.
        """
        model = self.get(name)
        if model.folder is None:
            raise ConfigError(f"the model {name!r} was given to this server ready-made and cannot be unloaded")
        with self._lock:
            model.engine, model.state = None, "unloaded"
        return model


def warm_up(engine: Engine) -> None:
    """Run one candidate on every kind of plan that a device asks for, so that no person waits for a first run.

    Raises:
        EngineError: a graph fails.
    """
    plans = [NAIVE, *(p for p in engine.plans if p == "balanced")]
    for plan in plans:
        common: dict[str, Any] = {"model": engine.manifest.model, "lexicon": "warm", "seed": 0, "plan": plan}
        engine.run(GenerateRequest(grid=PromptGrid("a", (), {}), cloud_steps=_WARM_STEPS, steps=_WARM_STEPS, **common))


def _read(folder: Path) -> bytes:
    try:
        return (folder / _MANIFEST).read_bytes()
    except OSError:
        return b""
