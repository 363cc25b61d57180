"""``obclip bench peers``: published ways to save work, diffusers' own loop and our plans on the same oblivious work.

The work is one candidate set: from N prompts, one seed and guidance to N latents after k of T steps. Everything runs
on the same weights with the same threads; every latent is then finished by the small UNet and judged, so that no time
stands without its quality.

- ``diffusers``: ``StableDiffusionPipeline`` as it is, N prompts in one batch. The uncached reference.
- ``DeepCache-n``, ``T-GATE-g`` and both together (``packages``): the packages as published. T-GATE's default gate is
  10: with k = 10 it is never passed, and only self-attention is cached.
- ``TaylorSeer-n`` (``taylorseer``): diffusers' own, on attention (and, ``wide``, on all that costs much).
- ``ZEUS-n`` (``zeus``): written from the paper's abstract.
- ours: plans by name on the ``torch`` backend (the same library as the peers) and on ``onnxruntime``.

Before anything is timed, each peer's work is counted on one set (``work``): one that saves nothing, or that is not the
plain loop when its saving is turned off, is an error.
"""

from .compare import ahead, compare, front
from .loop import REFERENCE, PipelineMethod, Run, load_pipeline
from .measure import Pair, measure
from .methods import BACKENDS, OURS, Method, checked_peers, our_plans, peers, published
from .show import plot, table

__all__ = [
    "BACKENDS",
    "OURS",
    "REFERENCE",
    "Method",
    "Pair",
    "PipelineMethod",
    "Run",
    "ahead",
    "checked_peers",
    "compare",
    "front",
    "load_pipeline",
    "measure",
    "our_plans",
    "peers",
    "plot",
    "published",
    "table",
]
