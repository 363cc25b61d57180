"""How much of the UNet a method really runs: calls of its parts, and FLOPs by torch's own counter.

Calls are counted at the layers inside (an attention's query, a residual block's first convolution, the last
convolution): packages replace a block's ``forward``, and a replaced one is called whether or not it works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from ..errors import BenchmarkError
from ..sets import SetCase
from .loop import REFERENCE, PipelineMethod

#: What is counted -> the end of the names of layers that run exactly when it does.
_COUNTED: Final = {"unet": "conv_out", "attention": ".to_q", "residual": ".conv1"}
#: With its saving off, a method may differ from the plain loop by rounding alone.
_ROUNDING: Final = 1e-4


@contextmanager
def _counting(unet: Any, calls: dict[str, int]) -> Iterator[None]:
    hooks = []
    for what, ending in _COUNTED.items():
        calls[what] = 0

        def count(*_: Any, what: str = what) -> None:
            calls[what] += 1

        hooks += [m.register_forward_hook(count) for name, m in unet.named_modules() if name.endswith(ending)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def count_flops(job: Callable[[SetCase], NDArray[Any]], case: SetCase) -> tuple[int, NDArray[Any]]:
    """FLOPs that torch does for one set, text encoder included, and the latents."""
    with FlopCounterMode(display=False) as counter:
        latents = job(case)
    return int(counter.get_total_flops()), latents


def count_work(method: PipelineMethod, case: SetCase) -> tuple[dict[str, int], NDArray[Any]]:
    """Calls and FLOPs for one set, and the latents."""
    calls: dict[str, int] = {}
    with _counting(method.pipe.unet, calls):
        flops, latents = count_flops(method.latents, case)
    return {**{f"{what}_calls": n for what, n in calls.items()}, "flops": flops}, latents


def require_saving(name: str, work: dict[str, int], plain: dict[str, int], changed: bool) -> None:
    """Refuse a peer that saves nothing: its hooks did not take hold.

    Raises:
        BenchmarkError: it does as much as the plain loop, or gives the very same latents.
    """
    if work["flops"] >= plain["flops"] or not changed:
        raise BenchmarkError(
            f"{name} saves nothing here: {work['flops']:.4g} FLOPs a set, {plain['flops']:.4g} without it"
        )


def require_plain_when_off(name: str, off: NDArray[Any], plain: NDArray[Any]) -> float:
    """The largest difference to the plain loop of a method whose saving is off.

    Raises:
        BenchmarkError: it is more than rounding, so what is measured is not this method's saving alone.
    """
    apart = float(np.abs(off - plain).max())
    if not apart <= _ROUNDING:
        raise BenchmarkError(f"{name} with its saving turned off is {apart:.2g} from {REFERENCE}")
    return apart
