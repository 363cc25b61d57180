"""What a picture loses where the device asks its model at every second or third step only (``device_stride``).

    python -m benchmarks.stride --prompts 200 --stride 2 --stride 3

Both UNets of a pair run in torch (fp32, one thread): the large one the first k steps of the true prompt, the small one
the rest, once for each stride, from the same hand-over. PSNR is that of the decoded picture against stride 1, peak 2.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch
from numpy.typing import NDArray

from edge_sdk.device.finishing import computed_rows, finish
from export.pair import load_source
from export.verify.runtimes import TorchRuntime
from obclip_contract import (
    SamplerTable,
    apply_step,
    defaults,
    finish_table,
    guide,
    psnr,
    sampler_table,
    standard_normal,
    unscale,
)

from .prompts import STICKERS, Case, cases

__all__ = ["command", "measure"]

_PEAK: Final = 2.0


class _Pair:
    def __init__(self, folder: Path, guidance: float, steps: int, cloud_steps: int) -> None:
        self.large, self.small = (TorchRuntime(load_source(folder / name)) for name in ("large", "small"))
        self.guidance = guidance
        self._head = sampler_table(defaults.SAMPLER, self.large.source.schedule, steps).head(cloud_steps)
        self.table: SamplerTable = finish_table(
            defaults.SAMPLER, self.small.source.schedule, steps, self._head.end_log_snr
        )

    def _ids(self, prompt: str) -> NDArray[Any]:
        ids: NDArray[Any] = self.small.source.tokens.encode([prompt, ""])
        return ids

    def handed_over(self, case: Case) -> NDArray[Any]:
        """The cloud's part, as the wire carries it."""
        states = self.large.encode_text(self._ids(case.prompt))
        x, previous = standard_normal(case.seed, self.large.source.latent_shape)[None], None
        for step in self._head.steps:
            out = self.large.denoise(np.concatenate([x, x]), step.timestep, states)
            following, x0 = apply_step(step, x, guide(out[:1], out[1:], self.guidance), previous)
            x, previous = following.astype(np.float32), x0.astype(np.float32)
        return x.astype(np.float16).astype(np.float32)

    def picture(self, case: Case, latent: NDArray[Any], stride: int) -> NDArray[Any]:
        """The device's part; float32 ``[1, 3, S, S]``."""
        states = self.small.encode_text(self._ids(case.prompt))
        rows = computed_rows(len(self.table.steps), stride)
        for done in finish(self.small, self.table, latent, states, self.guidance, None, rows):
            latent = done.latent
        config = self.small.source.vae.config
        return self.small.decode(unscale(latent, config.scaling_factor, getattr(config, "shift_factor", None) or 0.0))


def measure(pair: _Pair, prompts: Sequence[Case], strides: Sequence[int]) -> dict[int, NDArray[np.float64]]:
    """dB of each prompt's picture against stride 1, for each stride."""
    out: dict[int, list[float]] = {stride: [] for stride in strides}
    for case in prompts:
        latent = pair.handed_over(case)
        whole = pair.picture(case, latent, 1)
        for stride in strides:
            out[stride].append(float(psnr(pair.picture(case, latent, stride), whole, _PEAK)[0]))
    return {stride: np.array(values) for stride, values in out.items()}


@click.command()
@click.option(
    "--pair", type=click.Path(path_type=Path), default=STICKERS, show_default=False, help="Folder of the pair."
)
@click.option("--prompts", "count", default=200, show_default=True, help="Half of them of triples that were held out.")
@click.option("--stride", "strides", type=int, multiple=True, default=(2, 3), show_default=True)
@click.option("--guidance", default=defaults.GUIDANCE, show_default=True)
def command(pair: Path, count: int, strides: tuple[int, ...], guidance: float) -> None:
    """Print the PSNR of each stride as JSON."""
    torch.set_num_threads(1)
    opened = _Pair(pair, guidance, defaults.STEPS, defaults.CLOUD_STEPS)
    half = count // 2
    found = measure(opened, cases(half, False) + cases(count - half, True), strides)
    rows = len(opened.table.steps)
    for stride, values in found.items():
        told = {
            "stride": stride,
            "model_calls": sum(computed_rows(rows, stride)),
            "of": rows,
            "prompts": count,
            "min_db": round(float(values.min()), 2),
            "median_db": round(float(np.median(values)), 2),
            "mean_db": round(float(values.mean()), 2),
            "below_60_db": int((values < 60).sum()),
        }
        click.echo(json.dumps(told))


if __name__ == "__main__":
    command()
