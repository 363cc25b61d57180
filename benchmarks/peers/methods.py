"""Every method that is compared: the peers in diffusers' loop, and our plans on the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import sha256_file

from ..clouds import EngineCloud
from ..errors import BenchmarkError
from ..sets import SetCase
from .loop import REFERENCE, PipelineMethod, Run, load_pipeline, with_own_unet
from .packages import DeepCache, DeepCacheTGate, Peer, TGate
from .taylorseer import WIDE, TaylorSeer
from .work import count_flops, count_work, require_plain_when_off, require_saving
from .zeus import Zeus, every

BACKENDS: Final = ("torch", "onnxruntime")
OURS: Final = ("naive", "paper", "deepcache-3", "nearest", "close", "dense", "balanced", "fast")
#: Families of the methods that are not peers.
OUR_FAMILY: Final = "ours"

Latents = Callable[[SetCase], NDArray[Any]]


@dataclass(frozen=True)
class Method:
    """A way to do the work. ``work`` is what it did for one set (calls of the UNet's parts, FLOPs), where counted;
    ``off_apart`` how far it is from the plain loop with its saving off."""

    family: str
    latents: Latents
    work: dict[str, int] | None = None
    off_apart: float | None = None

    @property
    def is_ours(self) -> bool:
        return self.family == OUR_FAMILY


def peers(k: int) -> tuple[Peer, ...]:
    """The settings that are compared by default, for k cloud steps."""
    return (
        *(DeepCache(n) for n in (2, 3, 5)),
        TGate(5, keep_pooled=False),
        *(TGate(gate) for gate in (5, 10)),
        *(DeepCacheTGate(n, gate) for n, gate in ((2, 8), (3, 8), (3, 5))),
        TaylorSeer(5, warm_up=3),  # diffusers' defaults
        *(TaylorSeer(n) for n in (2, 3)),
        TaylorSeer(3, order=2),
        *(TaylorSeer(n, layers=WIDE) for n in (2, 3)),
        TaylorSeer(3, order=2, layers=WIDE),
        *(Zeus(str(n), every(n, k)) for n in (2, 3, 5)),
        Zeus("3 parabola", every(3, k), order=2, interleaved=False),
        Zeus("uneven", tuple(i for i in _UNEVEN if i < k)),
    )


#: Of ten steps the five that keep most, of those tried for our own plans.
_UNEVEN: Final = (0, 1, 3, 6, 8)


def published(large: Path, run: Run, wanted: Sequence[Peer] | None = None) -> dict[str, PipelineMethod]:
    """diffusers' loop and the peers, each on a UNet of its own, since they patch it in place.

    Raises:
        BenchmarkError: a package is missing, or a peer hooks nothing.
    """
    plain = load_pipeline(large)
    methods = {REFERENCE: PipelineMethod(plain, plain, run)}
    for peer in peers(run.cloud_steps) if wanted is None else wanted:
        methods[peer.name] = peer.attach(with_own_unet(plain), run)
    return methods


def checked_peers(
    large: Path,
    run: Run,
    case: SetCase,
    wanted: Sequence[Peer] | None = None,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Method]:
    """diffusers' loop and the peers with what each did for ``case``.

    Every peer must do less than the loop, and be the loop when its saving is turned off.

    Raises:
        BenchmarkError: one does not; or as for :func:`published`.
    """
    chosen = tuple(peers(run.cloud_steps) if wanted is None else wanted)
    built = published(large, run, chosen)
    plain_work, plain = count_work(built[REFERENCE], case)
    out = {REFERENCE: Method(REFERENCE, built[REFERENCE].latents, plain_work)}
    for peer in chosen:
        tick(peer.name)
        method = built[peer.name]
        work, latents = count_work(method, case)
        require_saving(peer.name, work, plain_work, not np.array_equal(latents, plain))
        off = peer.off(run).attach(with_own_unet(built[REFERENCE].pipe), run).latents(case)
        apart = require_plain_when_off(peer.name, off, plain)
        out[peer.name] = Method(peer.family, method.latents, work, apart)
    return out


def our_plans(
    large: Path,
    cloud_bundle: Path,
    run: Run,
    case: SetCase,
    plans: Sequence[str],
    threads: int,
    backends: Sequence[str] = BACKENDS,
) -> dict[str, Method]:
    """Our plans by name and backend; FLOPs are counted where torch does them.

    Raises:
        BenchmarkError: the bundle was not made from this folder's UNet.
    """
    out = {}
    for backend in backends:
        cloud = EngineCloud(cloud_bundle, backend, run.steps, run.guidance, threads)
        if cloud.weights_sha256()["large"] != sha256_file(large / "unet" / "diffusion_pytorch_model.safetensors"):
            raise BenchmarkError(f"{cloud_bundle} has other weights than {large}: export the bundle again")

        def ours(case: SetCase, cloud: EngineCloud = cloud, plan: str = "naive") -> NDArray[Any]:
            return cloud.latents(case, plan, run.cloud_steps)[0]

        for plan in plans:
            job = partial(ours, plan=plan)
            work = {"flops": count_flops(job, case)[0]} if backend == "torch" else None
            out[f"{plan} ({backend})"] = Method(OUR_FAMILY, job, work)
    return out
