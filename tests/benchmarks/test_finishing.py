"""Batched finishing in torch gives what the device's LiteRT runtime gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.finishing import Finisher
from edge_sdk.device.finishing import finish
from edge_sdk.device.tokenizer import PromptTokenizer
from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import finish_table, open_bundle, sampler_table, standard_normal

PROMPTS = ("a sticker of a woman", "a sticker of a man with dark skin")
GUIDANCE, STEPS, K = 3.0, 6, 2


def test_batched_finishing_equals_the_device(random_pair: Path, random_bundles: Path) -> None:
    bundle = open_bundle(random_bundles / "edge", "edge")
    runtime, tokenize = LiteRtRuntime(bundle, 1), PromptTokenizer(bundle)
    shape = bundle.manifest.latent_shape
    latents = np.stack([standard_normal(seed, shape) for seed in (1, 2)])
    level = sampler_table("dpmpp_2m", bundle.manifest.schedule, STEPS).head(K).end_log_snr
    finisher = Finisher(random_pair / "small", GUIDANCE, STEPS)
    together = finisher.pictures(latents, PROMPTS, level)
    assert len(finish_table("dpmpp_2m", bundle.manifest.schedule, STEPS, level).steps) == STEPS - K
    for i, prompt in enumerate(PROMPTS):
        latent = latents[i : i + 1]
        states = runtime.encode_text(tokenize([prompt, ""]))
        for done in finish(
            runtime, finish_table("dpmpp_2m", bundle.manifest.schedule, STEPS, level), latent, states, GUIDANCE
        ):
            latent = done.latent
        alone = runtime.decode(latent / bundle.manifest.scaling_factor)[0]
        assert np.abs(alone - together[i]).max() < 2e-3
    runtime.close()
