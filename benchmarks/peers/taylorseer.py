"""TaylorSeer (arXiv 2503.06923), diffusers' own: layers' outputs are extended in time by a Taylor expansion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import torch

from ..errors import BenchmarkError
from .loop import PipelineMethod, Run

#: Self- and cross-attention of every block. The default patterns are a transformer's and match nothing in a UNet.
ATTENTION: Final = (r".*attn[12]",)
#: Feed-forwards and residual blocks besides: all that costs much and gives one tensor.
WIDE: Final = (*ATTENTION, r".*\.ff", r".*resnets\.\d+")
_HOOK: Final = "taylorseer_cache"


@dataclass(frozen=True)
class TaylorSeer:
    """``apply_taylorseer_cache`` on the layers that match ``layers``.

    Steps 0 to ``warm_up`` - 1 are computed, then ``warm_up`` + 1 and every ``interval``-th after it; the others are
    predicted. A warm-up of 1 keeps more for less here than diffusers' 3. Factors are kept in fp32, not in bfloat16 as
    by default: the peer's best on a CPU.
    """

    interval: int
    order: int = 1
    warm_up: int = 1
    layers: tuple[str, ...] = ATTENTION
    family: str = "TaylorSeer"

    @property
    def name(self) -> str:
        wide = " wide" if self.layers == WIDE else ""
        order = "" if self.order == 1 else f" order {self.order}"
        late = "" if self.warm_up == 1 else f" after {self.warm_up}"
        return f"TaylorSeer-{self.interval}{wide}{order}{late}"

    def off(self, run: Run) -> TaylorSeer:
        return replace(self, warm_up=run.steps)

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        from diffusers import TaylorSeerCacheConfig
        from diffusers.hooks import HookRegistry, apply_taylorseer_cache
        from diffusers.models.cache_utils import CacheMixin

        unet = pipe.unet
        config = TaylorSeerCacheConfig(
            cache_interval=self.interval,
            disable_cache_before_step=self.warm_up,
            max_order=self.order,
            taylor_factors_dtype=torch.float32,
            cache_identifiers=list(self.layers),
        )
        apply_taylorseer_cache(unet, config)
        self._require_hooks(unet)
        registry = HookRegistry.check_if_exists_or_initialize(unet)

        @contextmanager
        def fresh() -> Iterator[None]:
            registry.reset_stateful_hooks()
            # The pipeline of a UNet names no context, which the hooks need; both guidance rows share the one call.
            with CacheMixin.cache_context(unet, "both"):
                yield

        return PipelineMethod(pipe, pipe, run, around=fresh)

    def _require_hooks(self, unet: Any) -> None:
        """diffusers says nothing where patterns match no layer."""
        hooked = {
            name
            for name, module in unet.named_modules()
            if name and _HOOK in getattr(getattr(module, "_diffusers_hook", None), "hooks", {})
        }
        for pattern in self.layers:
            if not any(re.fullmatch(pattern, name) for name in hooked):
                raise BenchmarkError(f"{self.name} hooks nothing in this UNet: {pattern!r} matches no layer")
