"""The ways to make a picture that are compared: cloud-only, device-only, hybrid, oblivious."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_sdk.device.finishing import finish
from edge_sdk.device.start import Start
from edge_sdk.device.tokenizer import PromptTokenizer
from edge_sdk.privacy import Privacy, release
from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import (
    PromptGrid,
    defaults,
    escape,
    finish_table,
    open_bundle,
    sampler_table,
    standard_normal,
    unscale,
)

from .clouds import EngineCloud
from .errors import BenchmarkError
from .prompts import Case

#: What the default pair draws of the protected axes. Hiding others (a role that tells a religion or a disability)
#: would mix their price into this comparison.
PAIR_AXES: Final = ("gender", "age", "skin_tone")


@dataclass(frozen=True)
class Mode:
    """``kind``: cloud, device, hybrid (the true prompt alone, no privacy) or oblivious (the whole set)."""

    kind: str
    cloud_steps: int = 0

    @property
    def name(self) -> str:
        return f"{self.kind} k={self.cloud_steps}" if self.kind in ("hybrid", "oblivious") else f"{self.kind}-only"


def parse(text: str) -> Mode:
    """``cloud``, ``device``, ``hybrid:10``, ``oblivious:5``.

    Raises:
        BenchmarkError: anything else.
    """
    kind, _, k = text.partition(":")
    if kind in ("cloud", "device") and not k:
        return Mode(kind)
    if kind in ("hybrid", "oblivious") and k.isdigit() and int(k) > 0:
        return Mode(kind, int(k))
    raise BenchmarkError(f"{text!r} is no mode; write cloud, device, hybrid:K or oblivious:K")


class Studio:
    """Both sides in one process, without HTTP: the same engine and the same device graphs."""

    def __init__(
        self,
        cloud_bundle: Path,
        edge_bundle: Path,
        guidance: float | None,
        steps: int = defaults.STEPS,
        plan: str = "naive",
    ) -> None:
        self.cloud = EngineCloud(cloud_bundle, "onnxruntime", steps, guidance)
        self.edge = open_bundle(edge_bundle, "edge")
        self.runtime = LiteRtRuntime(self.edge)
        self.tokenize = PromptTokenizer(self.edge)
        self.guidance = self.cloud.guidance
        self.steps, self.plan = steps, plan

    def pictures(self, case: Case, modes: Sequence[Mode]) -> dict[Mode, NDArray[Any]]:
        """One finished picture per mode, float32 ``[3, S, S]`` in [-1, 1].

        Cloud runs of one grid share their first steps: the naive plan's step i is the same whatever k is.
        """
        starts: dict[Mode, tuple[str, Start]] = {m: self._device_start(case) for m in modes if m.kind == "device"}
        for oblivious in (False, True):
            group = [m for m in modes if m.kind != "device" and (m.kind == "oblivious") == oblivious]
            if group and self.plan == "naive":
                starts |= self._cloud_starts(case, group)
            else:
                for mode in group:
                    starts |= self._cloud_starts(case, [mode])
        return {mode: self._finish(*starts[mode]) for mode in modes}

    def picture(self, case: Case, mode: Mode) -> NDArray[Any]:
        """One finished picture, float32 ``[3, S, S]`` in [-1, 1]."""
        return self.pictures(case, [mode])[mode]

    def _device_start(self, case: Case) -> tuple[str, Start]:
        manifest = self.edge.manifest
        table = sampler_table(defaults.SAMPLER, manifest.schedule, self.steps)
        noise = standard_normal(case.seed, manifest.latent_shape)[None]
        return case.prompt, Start(noise, table.steps[0].log_snr)

    def _cloud_starts(self, case: Case, modes: Sequence[Mode]) -> dict[Mode, tuple[str, Start]]:
        """The hand-over of each mode, all from one run of the grid they share."""
        grid, index, prompt = PromptGrid(escape(case.prompt), (), {}), 0, case.prompt
        if modes[0].kind == "oblivious":
            chosen = release(case.prompt, Privacy("closed", axes=PAIR_AXES, on_implied="allow"))
            grid, index, prompt = chosen.grid, chosen.index, chosen.true_member
        lengths = {m: self.steps if m.kind == "cloud" else m.cloud_steps for m in modes}
        request = self.cloud.request(grid, case.seed, self.plan, max(lengths.values()))
        table = sampler_table(defaults.SAMPLER, self.edge.manifest.schedule, self.steps)
        out: dict[Mode, tuple[str, Start]] = {}
        for step in self.cloud.engine.steps(request):
            # What the wire carries is fp16.
            own = step.latents[index : index + 1].astype(np.float16).astype(np.float32)
            start = Start(own, table.head(step.index + 1).end_log_snr)
            out |= {mode: (prompt, start) for mode, k in lengths.items() if k == step.index + 1}
        return out

    def _finish(self, prompt: str, start: Start) -> NDArray[Any]:
        manifest = self.edge.manifest
        latent, table = start.latent, finish_table(defaults.SAMPLER, manifest.schedule, self.steps, start.log_snr)
        if table.steps:
            states = self.runtime.encode_text(self.tokenize([prompt, ""]))
            for done in finish(self.runtime, table, latent, states, self.guidance):
                latent = done.latent
        return np.asarray(self.runtime.decode(unscale(latent, manifest.scaling_factor, manifest.shift_factor))[0])
