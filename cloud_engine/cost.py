"""What a plan costs: floating-point operations counted on the real graphs, and the memory of its caches.

Conventions. Counted are matrix products, convolutions and attention products by torch's own flop counter, two per
multiply-add; norms, activations, softmax and the sampler are not. All rows of a call count, the unconditional ones
too. A run's text (N + 1 prompts through the text encoder, and the text graph once) counts. The baseline is one
ordinary cloud picture: T steps of diffusers' own UNet with guidance, so 2·T evaluations that each project the text's
keys and values anew, and two prompts through the text encoder. Graphs are counted on the meta device: no weight is
needed and nothing is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from obclip_contract import Bundle

from .arena import arena_map
from .errors import PlanUnavailableError
from .plans import StepPlan
from .plans.plan import Evaluation
from .step_graphs import GraphFamily, StepGraphSpec, UnsupportedUNetError

__all__ = ["CostModel", "PlanCost", "count_flops"]


@dataclass(frozen=True)
class PlanCost:
    """``relative_flops``: the run by the baseline. ``flops_per_step``: of the UNet; ``text_flops`` come on top."""

    relative_flops: float
    flops_per_step: tuple[int, ...]
    text_flops: int
    cache_bytes: int
    baseline_flops: int


def count_flops(module: nn.Module, inputs: dict[str, Any]) -> int:
    """Operations of one call; see the module's conventions."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(**inputs)
    return int(counter.get_total_flops())


class CostModel:
    """Costs of plans on one UNet.

    Args:
        unet: on the meta device or not; only shapes are used.
        text_length: tokens of a prompt.
        text_encoder: its prompts are counted if given.

    Raises:
        PlanUnavailableError: the UNet has no step graphs.
    """

    def __init__(self, unet: Any, text_length: int, text_encoder: Any = None) -> None:
        from .step_graphs.anatomy import shared_copy

        self._unet = shared_copy(unet, "meta")
        try:
            self._family = GraphFamily(self._unet, text_length)
        except UnsupportedUNetError as error:
            raise PlanUnavailableError(f"{error}; its plans cannot be costed") from error
        self._graphs: dict[tuple[StepGraphSpec, int], int] = {}
        self._text = count_flops(self._family.text, self._family.text_samples(1, device="meta"))
        self._encoder = 0 if text_encoder is None else _encoder_flops(text_encoder, text_length)

    @classmethod
    def of_bundle(cls, bundle: Bundle) -> CostModel:
        """From the configs in a cloud bundle.

        Raises:
            obclip_contract.BundleError: it holds no diffusers folders.
            PlanUnavailableError: the UNet has no step graphs.
        """
        from transformers import CLIPTextConfig, CLIPTextModel

        folders: dict[str, Path] = {
            role: bundle.path(bundle.graph(role, format="diffusers")) for role in ("unet", "text_encoder")
        }
        with torch.device("meta"):
            unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(folders["unet"]))
            encoder = CLIPTextModel(CLIPTextConfig.from_pretrained(folders["text_encoder"]))
        return cls(unet, bundle.manifest.tokenizer.max_length, encoder.eval())

    @property
    def max_cut(self) -> int:
        """The deepest cut of the UNet."""
        return self._family.max_cut

    def unet_flops(self) -> int:
        """One evaluation of diffusers' own UNet, one row."""
        states = self._family.text_samples(1, device="meta")["encoder_hidden_states"]
        added: dict[str, torch.Tensor] = {}
        if self._family.packing is not None:
            states, added = self._family.packing.unpack(states)
        sample = torch.empty((1, *self._family.layout.latent), device="meta")
        inputs = {
            "sample": sample,
            "timestep": torch.empty(1, device="meta"),
            "encoder_hidden_states": states,
            **({"added_cond_kwargs": added} if added else {}),
        }
        return count_flops(self._unet, inputs)

    def graph_flops(self, spec: StepGraphSpec, batch: int = 1) -> int:
        """One call of a step graph."""
        # Rows are independent but for reuse, so that one row's count serves for all.
        rows = batch if spec.kind == "reuse" else 1
        if (spec, rows) not in self._graphs:
            samples = self._family.samples(spec, rows, device="meta")
            self._graphs[spec, rows] = count_flops(self._family.step(spec), samples)
        return self._graphs[spec, rows] * (batch // rows)

    def baseline(self, steps: int) -> int:
        """One cloud-only picture of ``steps`` steps with guidance."""
        return 2 * (steps * self.unet_flops() + self._encoder)

    def cost(self, plan: StepPlan) -> PlanCost:
        """A plan's cost with guidance.

        Raises:
            PlanUnavailableError: a cut that the UNet does not have.
        """
        if plan.cut > self.max_cut:
            raise PlanUnavailableError(f"this UNet has cuts 0 to {self.max_cut}, the plan needs {plan.cut}")
        steps = tuple(sum(self._evaluation(plan, e) for e in row.evaluations) for row in plan.rows)
        text = (plan.candidates + 1) * (self._encoder + self._text)
        baseline = self.baseline(plan.steps)
        return PlanCost(
            relative_flops=(sum(steps) + text) / baseline,
            flops_per_step=steps,
            text_flops=text,
            cache_bytes=arena_map(plan, self._family.layout.shape).bytes,
            baseline_flops=baseline,
        )

    def _evaluation(self, plan: StepPlan, e: Evaluation) -> int:
        return self.graph_flops(e.spec(plan.cut), plan.batch(e))


def _encoder_flops(encoder: nn.Module, length: int) -> int:
    device = next(encoder.parameters()).device
    return count_flops(encoder, {"input_ids": torch.zeros((1, length), dtype=torch.long, device=device)})
