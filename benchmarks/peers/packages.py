"""The published packages DeepCache and tgate, and the two together as tgate ships them.

A :class:`Peer` is plain data: ``attach`` patches a pipeline that is its own, ``off`` is the same machinery with
nothing saved, which must then be the plain loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Protocol

import torch

from ..errors import BenchmarkError
from .loop import PipelineMethod, Run

#: The package's defaults of T-GATE alone: self-attention cached every 5th step after 2 steps of warming up.
_TGATE_OPTIONS: Final[dict[str, Any]] = {"sp_interval": 5, "fi_interval": 1, "warm_up": 2}
#: The package's defaults of the combination: self-attention is left to DeepCache. (With other numbers the layers that
#: DeepCache skips would keep what they cached for the picture before.)
_BOTH_OPTIONS: Final[dict[str, Any]] = {"sp_interval": 1, "fi_interval": 1, "warm_up": 0}


class Peer(Protocol):
    """A way to save work in diffusers' loop."""

    @property
    def name(self) -> str:
        """Its name in tables."""

    @property
    def family(self) -> str:
        """What it is a setting of."""

    def off(self, run: Run) -> Peer:
        """The same with its saving turned off."""

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        """The method on ``pipe``, which is patched.

        Raises:
            BenchmarkError: it hooks nothing, or a package is missing.
        """


def package_versions() -> dict[str, str]:
    """Versions of the published packages."""
    return {name: version(name) for name in ("DeepCache", "tgate", "diffusers")}


def _missing(error: ImportError) -> BenchmarkError:
    return BenchmarkError(f"{error.name} is not installed: pip install 'obclip[bench]'")


@dataclass(frozen=True)
class DeepCache:
    """DeepCache (arXiv 2312.00858), branch 0: the full UNet every ``interval``-th step."""

    interval: int
    family: str = "DeepCache"

    @property
    def name(self) -> str:
        return f"DeepCache-{self.interval}"

    def off(self, run: Run) -> DeepCache:
        return DeepCache(1)

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        try:
            from DeepCache import DeepCacheSDHelper  # type: ignore[import-untyped]
        except ImportError as error:
            raise _missing(error) from None
        helper = DeepCacheSDHelper(pipe=pipe)
        helper.set_params(cache_interval=self.interval, cache_branch_id=0)
        helper.enable()
        return PipelineMethod(pipe, pipe, run)


@dataclass(frozen=True)
class TGate:
    """T-GATE (arXiv 2404.02747): no guidance and no cross-attention from step ``gate`` on, self-attention cached.

    After the gate the package passes the *negative* prompt's states, which does no harm where text enters by
    cross-attention alone. A UNet that also takes pooled text into its time embedding, as the default pair's, loses
    its prompt there. ``keep_pooled`` mends that as T-GATE treats cross-attention: both rows' mean is kept.
    """

    gate: int
    keep_pooled: bool = True
    family: str = "T-GATE"

    @property
    def name(self) -> str:
        return f"T-GATE-{self.gate}" + ("" if self.keep_pooled else " as published")

    def off(self, run: Run) -> TGate:
        return _TGateOff(run.steps + 1)

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        return self._attach(pipe, run, _TGATE_OPTIONS)

    def _attach(self, pipe: Any, run: Run, options: dict[str, Any]) -> PipelineMethod:
        try:
            from tgate import TgateSDLoader  # type: ignore[import-untyped]
        except ImportError as error:
            raise _missing(error) from None
        pipe = TgateSDLoader(pipe)
        if self.keep_pooled:
            keep_pooled_text(pipe.unet)
        return PipelineMethod(pipe, pipe.tgate, run, gate_step=self.gate, **options)


@dataclass(frozen=True)
class _TGateOff(TGate):
    """A gate that is never reached, and self-attention fresh in every step."""

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        return self._attach(pipe, run, _BOTH_OPTIONS)


@dataclass(frozen=True)
class DeepCacheTGate:
    """Both, through tgate's own loader. DeepCache starts again at the gate: the step before it and its own are full."""

    interval: int
    gate: int
    family: str = "DeepCache + T-GATE"

    @property
    def name(self) -> str:
        return f"DeepCache-{self.interval} + T-GATE-{self.gate}"

    def off(self, run: Run) -> DeepCacheTGate:
        return DeepCacheTGate(1, run.steps + 1)

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        try:
            from tgate import TgateSDDeepCacheLoader
        except ImportError as error:
            raise _missing(error) from None
        pipe = TgateSDDeepCacheLoader(pipe, cache_interval=self.interval, cache_branch_id=0)
        keep_pooled_text(pipe.unet)
        return PipelineMethod(pipe, pipe.tgate, run, gate_step=self.gate, **_BOTH_OPTIONS)


def keep_pooled_text(unet: Any) -> None:
    """Give the unguided half batch after T-GATE's gate the mean of both rows' pooled text, where a UNet takes any.

    The pooled text depends on the prompts alone, so the one of the step before is the one of this step.
    """
    pooled = getattr(unet, "add_embedding", None)
    if pooled is None:
        return
    kept: list[torch.Tensor] = []

    def mend(_module: Any, _inputs: Any, output: torch.Tensor) -> torch.Tensor | None:
        if kept and 2 * len(output) == len(kept[0]):
            without, within = kept[0].chunk(2)
            return (without + within) / 2
        kept[:] = [output]
        return None

    pooled.register_forward_hook(mend)
